// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/guest.h"

#include <cstdarg>
#include <cstdio>
#include <map>
#include <mutex>

#include <open62541/plugin/eventloop.h>
#include <open62541/plugin/log.h>

namespace karez::connect::opcua {
namespace {

/// The library is talkative; what matters comes back as status codes, so its lines are for debugging.
__attribute__((format(printf, 4, 0))) void log_line(void* context, UA_LogLevel, UA_LogCategory, const char* format,
                                                    va_list arguments) {
  auto& log = *static_cast<Log*>(context);
  if (!log.enabled(LogLevel::debug)) return;
  char line[512];
  std::vsnprintf(line, sizeof line, format, arguments);
  log.write(LogLevel::debug, "opcua", line);
}

}  // namespace

Guest::Guest(Log& log)
    : logger_(std::make_unique<UA_Logger>(UA_Logger{.log = log_line, .context = &log, .clear = nullptr})) {
  event_loop_ = UA_EventLoop_new_POSIX(logger_.get());
  KZ_ASSERT(event_loop_ != nullptr);
  UA_ConnectionManager* tcp = UA_ConnectionManager_new_POSIX_TCP(UA_STRING_STATIC("tcp connection manager"));
  KZ_ASSERT(tcp != nullptr);
  KZ_ASSERT(event_loop_->registerEventSource(event_loop_, &tcp->eventSource) == UA_STATUSCODE_GOOD);
  KZ_ASSERT(event_loop_->start(event_loop_) == UA_STATUSCODE_GOOD);
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

Guest::~Guest() {
  thread_.request_stop();
  thread_.join();
  event_loop_->stop(event_loop_);
  for (int i = 0; i < 1000 && event_loop_->state != UA_EVENTLOOPSTATE_STOPPED; ++i) event_loop_->run(event_loop_, 1);
  event_loop_->free(event_loop_);
}

void Guest::run(std::stop_token stop) {
  constexpr UA_UInt32 kTurnMs = 10;
  while (!stop.stop_requested()) {
    while (auto job = jobs_.try_pop()) (*job)();
    bool receive = true;
    for (std::size_t i = 0; i < clients_.size(); ++i) {
      clients_[i]->turn();
      receive = receive && (i >= clients_.size() || clients_[i]->may_receive());
    }
    if (receive) event_loop_->run(event_loop_, kTurnMs);
    else std::this_thread::sleep_for(std::chrono::milliseconds(kTurnMs));
  }
  while (auto job = jobs_.try_pop()) (*job)();
}

std::shared_ptr<Guest> Guest::shared(Log& log) {
  // The threads belong to the drivers that use them and end with the last one; this only finds them.
  static std::mutex mutex;
  static std::vector<std::weak_ptr<Guest>> guests;
  const std::lock_guard lock(mutex);
  std::erase_if(guests, [](const auto& g) { return g.expired(); });
  for (const auto& candidate : guests)
    if (auto guest = candidate.lock(); guest && guest.use_count() <= static_cast<long>(kMaxClients)) return guest;
  auto made = std::make_shared<Guest>(log);
  guests.push_back(made);
  return made;
}

}  // namespace karez::connect::opcua
