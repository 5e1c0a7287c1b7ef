// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include "net/loop.h"

namespace karez::net {

/// Runs a coroutine on the scope's loop and waits for its outcome; for worker threads.
/// Returns net.cancelled when the scope is stopped before it ended. The coroutine must obey its own
/// deadlines: this call waits as long as it runs.
/// Thread: any but a loop.
template <class T>
Result<T> run_blocking(TaskScope& scope, std::move_only_function<Task<Result<T>>(std::stop_token)> make) {
  KZ_ASSERT(!scope.loop().here());
  // Shared with the coroutine, which notifies after the caller may have seen the outcome.
  struct Outcome {
    std::mutex mutex;
    std::condition_variable there;
    std::optional<Result<T>> value;
    void set(Result<T> result) {
      const std::lock_guard lock(mutex);
      value.emplace(std::move(result));
      there.notify_all();
    }
  };
  const auto outcome = std::make_shared<Outcome>();
  scope.spawn([outcome, make = std::move(make)](std::stop_token stop) mutable -> Task<Result<>> {
    Result<T> result = co_await make(stop);
    outcome->set(std::move(result));
    co_return {};
  });
  std::unique_lock lock(outcome->mutex);
  outcome->there.wait(lock, [&] { return outcome->value.has_value(); });
  return std::move(*outcome->value);
}

}  // namespace karez::net
