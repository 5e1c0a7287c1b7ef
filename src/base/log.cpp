// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "base/json.h"

namespace karez {
namespace {

spdlog::level::level_enum to_spdlog(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return spdlog::level::debug;
    case LogLevel::info: return spdlog::level::info;
    case LogLevel::warning: return spdlog::level::warn;
    case LogLevel::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

class SpdLog final : public Log {
 public:
  SpdLog(spdlog::sink_ptr sink, const LogConfig& config)
      : logger_("karez", std::move(sink)), json_(config.json), level_(config.level) {
    logger_.set_level(to_spdlog(level_));
    logger_.flush_on(spdlog::level::info);
    logger_.set_pattern(json_ ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %-7l %v",
                        spdlog::pattern_time_type::utc);
  }

  void write(LogLevel level, std::string_view area, std::string_view text) override {
    if (!enabled(level)) return;
    std::string line;
    if (json_) {
      line = "\"area\":";
      append_json_string(line, area);
      line += ",\"text\":";
      append_json_string(line, text);
    } else {
      line.append(area).append(": ");
      // One event is one line: a device's text must not be able to forge another.
      for (const char c : text) line += static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    }
    logger_.log(to_spdlog(level), spdlog::string_view_t(line.data(), line.size()));
  }

  bool enabled(LogLevel level) const override { return level >= level_; }

 private:
  spdlog::logger logger_;
  bool json_;
  LogLevel level_;
};

class NullLog final : public Log {
 public:
  void write(LogLevel, std::string_view, std::string_view) override {}
  bool enabled(LogLevel) const override { return false; }
};

}  // namespace

Result<std::unique_ptr<Log>> open_log(const LogConfig& config) {
  try {
    spdlog::sink_ptr sink;
    if (config.file.empty()) sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    else sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(config.file);
    return std::make_unique<SpdLog>(std::move(sink), config);
  } catch (const spdlog::spdlog_ex& e) {
    return fail(Errc::unavailable, "log.cannot_open", e.what());
  }
}

Log& null_log() {
  static NullLog log;
  return log;
}

}  // namespace karez
