// SPDX-License-Identifier: Apache-2.0
#include <new>

#include "net/task.h"

namespace karez::net {
namespace {

constexpr std::size_t kStep = 64, kClasses = 64, kKeep = 4096;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kPooled = false;  // the sanitizer shall see each frame come and go
#else
constexpr bool kPooled = true;
#endif

// Free frames of one thread by size, in steps of 64 bytes up to 4 KiB. The links are in the frames.
struct FramePool {
  struct Free {
    Free* next;
  };
  struct Class {
    Free* head = nullptr;
    std::size_t count = 0;
  };
  Class classes[kClasses];

  FramePool() = default;
  FramePool(const FramePool&) = delete;
  FramePool& operator=(const FramePool&) = delete;
  ~FramePool() {
    for (Class& c : classes) {
      while (c.head != nullptr) ::operator delete(std::exchange(c.head, c.head->next));
    }
  }
};

FramePool& pool() {
  static thread_local FramePool of_this_thread;
  return of_this_thread;
}

}  // namespace

void* allocate_frame(std::size_t size) {
  const std::size_t index = (size - 1) / kStep;
  if (!kPooled || index >= kClasses) return ::operator new(size);
  FramePool::Class& c = pool().classes[index];
  if (c.head == nullptr) return ::operator new((index + 1) * kStep);
  --c.count;
  return std::exchange(c.head, c.head->next);
}

void free_frame(void* frame, std::size_t size) noexcept {
  const std::size_t index = (size - 1) / kStep;
  if (!kPooled || index >= kClasses) return ::operator delete(frame);
  FramePool::Class& c = pool().classes[index];
  if (c.count == kKeep) return ::operator delete(frame);
  ++c.count;
  c.head = new (frame) FramePool::Free{c.head};
}

}  // namespace karez::net
