// SPDX-License-Identifier: Apache-2.0
// 1,000 TCP sessions on one loop: 900 exchange requests and replies with a device loop, 50 have a silent
// peer and run into their deadlines (half-open), 50 wait for long and are cancelled at the end. Counts every allocation
// of the client's loop. Run: karez_net_session_bench
#include <benchmark/benchmark.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <new>

#include "net/blocking.h"
#include "net/stream.h"

namespace {

thread_local bool counting_thread = false;
std::atomic<std::uint64_t> allocations = 0;

}  // namespace

// GCC takes free() of what this operator new gave for a mismatch.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void* operator new(std::size_t size) {
  if (counting_thread) allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
// Asio takes its operations from here.
extern "C" void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  if (counting_thread) allocations.fetch_add(1, std::memory_order_relaxed);
  void* p = nullptr;
  return posix_memalign(&p, std::max(alignment, sizeof(void*)), size) == 0 ? p : nullptr;
}
void operator delete(void* p) noexcept { std::free(p); }
void operator delete(void* p, std::size_t) noexcept { std::free(p); }

namespace karez::net {
namespace {

using namespace std::chrono_literals;
constexpr int kLive = 900, kSilent = 50, kCancelled = 50;
constexpr std::size_t kRequest = 12, kReply = 49;

Task<Result<>> serve(std::shared_ptr<Stream> peer, bool silent, std::stop_token stop) {
  const std::stop_callback on_stop(stop, [&] { peer->close(); });
  std::array<std::byte, kRequest> request;
  const std::array<std::byte, kReply> reply{};
  for (;;) {
    if (!co_await read_exactly(*peer, request, Deadline::after(1h))) co_return {};
    if (silent) continue;
    if (!co_await peer->write_all(reply, Deadline::after(5s))) co_return {};
  }
}

Task<Result<>> accept_all(Listener* listener, TaskScope* scope, bool silent, std::stop_token stop) {
  for (;;) {
    KZ_CO_TRY(auto stream, co_await listener->accept(stop));
    std::shared_ptr<Stream> peer = std::move(stream);  // held by the lambda and its coroutine
    scope->spawn([peer, silent](std::stop_token s) { return serve(peer, silent, s); });
  }
}

struct Totals {
  std::atomic<std::uint64_t> done = 0, timeouts = 0, cancelled = 0, broken = 0;
  std::atomic<int> connected = 0;
  std::atomic<bool> go = false;
};

Task<Result<>> exchange(Loop* loop, std::uint16_t port, Duration patience, Totals* totals, std::stop_token stop) {
  KZ_CO_TRY(const auto stream, co_await connect_tcp(*loop, "127.0.0.1", port, Deadline::after(10s), stop));
  const std::stop_callback on_stop(stop, [&] { stream->close(); });
  ++totals->connected;
  const std::array<std::byte, kRequest> request{};
  std::array<std::byte, kReply> reply;
  for (;;) {
    KZ_CO_CHECK(co_await stream->write_all(request, Deadline::after(5s)));
    const auto got = co_await read_exactly(*stream, reply, Deadline::after(patience));
    if (got) {
      ++totals->done;
    } else if (got.error().code() == Errc::timeout) {
      ++totals->timeouts;
    } else if (got.error().code() == Errc::cancelled) {
      ++totals->cancelled;
      co_return {};
    } else {
      ++totals->broken;
      co_return {};
    }
  }
}

void sessions(benchmark::State& state) {
  Loop devices("devices"), clients("clients");
  auto live = *Listener::open(devices, "127.0.0.1", 0), silent = *Listener::open(devices, "127.0.0.1", 0);
  Totals totals;
  TaskScope device_scope(devices);
  device_scope.spawn([&](std::stop_token s) { return accept_all(live.get(), &device_scope, false, s); });
  device_scope.spawn([&](std::stop_token s) { return accept_all(silent.get(), &device_scope, true, s); });
  clients.post([] { counting_thread = true; });
  TaskScope scope(clients, [&](const Error&) { ++totals.broken; });
  for (int i = 0; i < kLive + kSilent + kCancelled; ++i) {
    const std::uint16_t port = i < kLive ? live->port() : silent->port();
    const Duration patience = i < kLive + kSilent ? Duration(500ms) : Duration(1h);
    scope.spawn([&, port, patience](std::stop_token s) { return exchange(&clients, port, patience, &totals, s); });
  }
  // Warm: every session has connected and exchanged a few times.
  while (totals.connected < kLive + kSilent + kCancelled || totals.done < 50'000) {
    std::this_thread::sleep_for(10ms);
    if (totals.broken > 0) return state.SkipWithError("a session broke while connecting");
  }
  const std::uint64_t allocations_before = allocations, done_before = totals.done, timeouts_before = totals.timeouts;
  for (auto _ : state) std::this_thread::sleep_for(2s);
  const std::uint64_t done = totals.done - done_before, used = allocations - allocations_before;
  if (allocations_before == 0) return state.SkipWithError("the counter of allocations does not count");
  state.counters["transactions"] = static_cast<double>(done);
  state.counters["allocations_per_transaction"] = static_cast<double>(used) / static_cast<double>(done);
  state.counters["deadlines"] = static_cast<double>(totals.timeouts - timeouts_before);
  state.SetItemsProcessed(static_cast<std::int64_t>(done));
  scope.stop_and_join();
  state.counters["cancelled"] = static_cast<double>(totals.cancelled);
  if (totals.broken > 0) return state.SkipWithError("a session broke");
  if (used > done) return state.SkipWithError("more than one allocation per transaction");
}
BENCHMARK(sessions)->Iterations(1)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace karez::net

BENCHMARK_MAIN();
