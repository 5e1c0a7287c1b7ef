// SPDX-License-Identifier: Apache-2.0
#include "net/loop.h"

#include <pthread.h>

#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/post.hpp>
#include <asio/steady_timer.hpp>

#include "net/loop_impl.h"

namespace karez::net {

struct Loop::Impl::Asio {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{context.get_executor()};
  asio::steady_timer timer{context};
  Monotonic armed_for = Monotonic::max();
};

Loop::Impl::Impl(std::string name) : asio(std::make_unique<Asio>()) {
  thread = std::jthread([this] { run(); });
  name.resize(std::min<std::size_t>(name.size(), 15));  // the kernel's limit
  pthread_setname_np(thread.native_handle(), name.c_str());
}
Loop::Impl::~Impl() = default;

asio::io_context& Loop::Impl::context() noexcept { return asio->context; }

void Loop::Impl::run() {
  asio->context.run();
  // Stopped: what is ready still runs, what waits for the outside world does not.
  asio->context.restart();
  while (asio->context.poll() > 0) {}
}

void Loop::Impl::add(DeadlineEntry& entry, Monotonic at) {
  deadlines.add(entry, at);
  if (at < asio->armed_for) arm();
}

// A removed entry leaves the timer as it is: waking once for nothing is cheaper than setting it twice
// for each request.
void Loop::Impl::arm() {
  const Monotonic at = deadlines.next();
  asio->armed_for = at;
  if (at == Monotonic::max()) return;
  asio->timer.expires_at(at);
  asio->timer.async_wait([this](const asio::error_code& error) {
    if (error) return;  // armed anew, or stopping
    asio->armed_for = Monotonic::max();
    deadlines.fire(std::chrono::steady_clock::now());
    if (deadlines.next() < asio->armed_for) arm();
  });
}

void Loop::Impl::resume_soon(std::coroutine_handle<> waiter) {
  asio::post(asio->context, [waiter] { waiter.resume(); });
}

Loop::Loop(std::string name) : impl_(std::make_unique<Impl>(std::move(name))) {}
Loop::~Loop() { stop(); }

void Loop::post(std::move_only_function<void()> job) {
  asio::post(impl_->context(), [job = std::move(job)]() mutable { job(); });
}

bool Loop::here() const noexcept { return std::this_thread::get_id() == impl_->thread.get_id(); }

void Loop::stop() {
  if (!impl_->thread.joinable()) return;
  KZ_ASSERT(!here());
  // Posted, so that it stands behind all jobs posted before.
  asio::post(impl_->context(), [impl = impl_.get()] { impl->context().stop(); });
  impl_->thread.join();
}

Task<Result<>> Loop::sleep(Duration d, std::stop_token stop) {
  if (stop.stop_requested()) co_return fail(Errc::cancelled, "net.cancelled");
  TimedWait wait(*impl_, Deadline::after(d).at);
  const std::stop_callback on_stop(stop, [&] { wait.finish(); });
  co_await wait;
  if (!wait.timed_out()) co_return fail(Errc::cancelled, "net.cancelled");
  co_return {};
}

}  // namespace karez::net
