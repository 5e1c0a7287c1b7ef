// SPDX-License-Identifier: Apache-2.0
// Runs one driver against a peer, without a server, and writes what it collects as JSON lines.
//
//   karez-drive DRIVER LINK POINTS SECONDS OUT
//     LINK    the link's configuration: a JSON object, or the name of a file that holds one
//     POINTS  file: {"devices":[{"name":…,"config":{…}}],
//                    "points":[{"device":0,"address":…,"type":"double","period_ms":1000,
//                               "scale":1,"offset":0,"deadband":0,"access":"read"}]}
//     OUT     one line a sample: point (its place in POINTS from 0), address, time and received (ns as
//             strings), type, value, quality, flags, seq
// KAREZ_DRIVE_RECONNECT_MS in the environment: no wait before a reconnect is longer.
// Standard input, one command a line: "write PLACE VALUE" (answered on standard output), "map FILE"
// (new points for the running link), "stop". Standard output ends with the link's counters as JSON.
#include <poll.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "connect/backoff.h"
#include "connect/driver_table.h"
#include "connect/link_hub.h"

namespace {

using namespace karez;
using namespace karez::connect;

// Writes each sample at once and acknowledges at once.
class LineSink final : public model::SampleSink {
 public:
  explicit LineSink(std::FILE* out) : out_(out) {}

  void name_points(std::shared_ptr<const PointMap> map) {
    const std::lock_guard lock(mutex_);
    map_ = std::move(map);
  }
  Result<> submit(model::BatchRef batch, model::DurableAck ack) override {
    {
      const std::lock_guard lock(mutex_);
      for (const model::Sample& sample : batch->samples()) write(*batch, sample);
      std::fflush(out_);
    }
    if (ack.listener) ack.listener->on_durable(ack.cookie, {});
    return {};
  }

 private:
  void write(const model::SampleBatch& batch, const model::Sample& sample) {
    const std::size_t place = sample.point.value - 1;
    json_.clear();
    json_.begin_object().field("point", static_cast<std::int64_t>(place));
    if (map_ && place < map_->points.size()) json_.field("address", map_->points[place].address);
    json_.key("time").integer_string(to_ns(sample.time));
    json_.key("received").integer_string(to_ns(batch.header.received));
    json_.field("type", to_string(sample.type)).key("value");
    const bool none = (sample.flags & model::flag::kGap) != 0;
    if (none || sample.type == model::ValueType::none) {
      json_.null();
    } else if (sample.type == model::ValueType::text) {
      json_.string(batch.text(sample));
    } else if (sample.type == model::ValueType::boolean) {
      json_.boolean(sample.bits != 0);
    } else if (sample.type == model::ValueType::int64) {
      json_.integer(model::as_int64(sample.bits));
    } else {
      json_.number(model::as_double(sample.bits));
    }
    json_.field("quality", std::uint64_t{sample.quality.code}).field("flags", std::uint64_t{sample.flags});
    json_.field("seq", batch.header.seq).end_object();
    std::fprintf(out_, "%.*s\n", static_cast<int>(json_.view().size()), json_.view().data());
  }

  std::mutex mutex_;
  std::FILE* out_;
  JsonWriter json_;
  std::shared_ptr<const PointMap> map_;
};

PointMap::Entry read_entry(const JsonValue& from, std::size_t place) {
  PointMap::Entry entry;
  entry.id = {static_cast<std::uint32_t>(place + 1)};
  entry.device = static_cast<std::size_t>(from["device"].integer().value_or(0));
  entry.address = from["address"].string().value_or("");
  entry.type = model::parse_value_type(from["type"].string().value_or("double")).value_or(model::ValueType::float64);
  entry.scale = from["scale"].number().value_or(1);
  entry.offset = from["offset"].number().value_or(0);
  entry.deadband = from["deadband"].number().value_or(0);
  entry.period = std::chrono::milliseconds(from["period_ms"].integer().value_or(1000));
  if (from["access"].string().value_or("read") != "read") entry.access = model::Access::read_write;
  return entry;
}

Result<std::shared_ptr<PointMap>> read_map(const std::string& file, std::uint64_t revision) {
  KZ_TRY(const std::string text, read_file(file));
  KZ_TRY(const JsonDocument document, JsonDocument::parse_config(text));
  auto map = std::make_shared<PointMap>();
  map->revision = revision;
  map->tenant = {1};
  for (const JsonValue& device : document["devices"].elements()) {
    map->devices.push_back({{map->devices.size() + 1},
                            std::string(device["name"].string().value_or("device")),
                            device["config"] ? device["config"].dump() : "{}",
                            model::Origin::simulated});
  }
  if (map->devices.empty()) map->devices.push_back({{1}, "device", "{}", model::Origin::simulated});
  for (const JsonValue& point : document["points"].elements())
    map->points.push_back(read_entry(point, map->points.size()));
  return map;
}

Write parse_write(const PointMap& map, std::size_t place, std::string_view value) {
  Write write;
  write.entry = place;
  write.point = map.points[place].id;
  write.type = map.points[place].type;
  if (write.type == model::ValueType::text) {
    write.text = value;
  } else if (write.type == model::ValueType::boolean) {
    write.bits = model::bits_of(value == "true" || value == "1");
  } else if (write.type == model::ValueType::int64) {
    write.bits = model::bits_of(std::int64_t{std::strtoll(std::string(value).c_str(), nullptr, 10)});
  } else {
    write.bits = model::bits_of(std::strtod(std::string(value).c_str(), nullptr));
  }
  return write;
}

void say(const JsonWriter& json) {
  std::printf("%.*s\n", static_cast<int>(json.view().size()), json.view().data());
  std::fflush(stdout);
}

void run_write(LinkHub& hub, const PointMap& map, std::string_view rest) {
  const std::size_t space = std::min(rest.find(' '), rest.size());
  const auto place = static_cast<std::size_t>(std::strtoull(std::string(rest.substr(0, space)).c_str(), nullptr, 10));
  if (place >= map.points.size()) return;
  const auto results = hub.write({1}, {parse_write(map, place, trim(rest.substr(space)))}, std::chrono::seconds(10));
  JsonWriter json;
  json.begin_object().field("write", static_cast<std::int64_t>(place));
  if (results) {
    const WriteResult& result = results->front();
    json.field("outcome", to_string(result.outcome)).field("read_back", result.read_back);
    if (result.error) json.field("error", result.error->message());
  } else {
    json.field("outcome", "failed").field("error", results.error().message());
  }
  say(json.end_object());
}

void print_stats(const LinkStatus& status) {
  const LinkStats& s = status.stats;
  JsonWriter json;
  json.begin_object().field("state", to_string(status.state)).field("reason", status.reason_text);
  json.field("requests", s.requests).field("responses", s.responses).field("timeouts", s.timeouts);
  json.field("exceptions", s.exceptions)
      .field("framing_errors", s.framing_errors)
      .field("late_dropped", s.late_dropped);
  json.field("reconnects", s.reconnects).field("breaker_openings", s.breaker_openings).field("overruns", s.overruns);
  json.field("samples_good", s.samples_good).field("samples_bad", s.samples_bad).field("suppressed", s.suppressed);
  json.field("lost", s.lost).field("last_error", s.last_error);
  json.field("rtt_p50_us", std::chrono::duration<double, std::micro>(s.rtt_p50).count());
  say(json.end_object());
}

// Commands from standard input until the time is up, the input says "stop", or (when it is a terminal or
// file) just the time.
void serve_commands(LinkHub& hub, const LinkConfig& link, const std::string& driver, LineSink& sink,
                    std::shared_ptr<PointMap> map, double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  std::string input;
  bool open = true;
  for (;;) {
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(end - std::chrono::steady_clock::now()).count();
    if (left <= 0) return;
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    if (::poll(&ready, open ? 1 : 0, static_cast<int>(std::min<std::int64_t>(left, 1000))) <= 0) continue;
    char buffer[4096];
    const auto n = ::read(STDIN_FILENO, buffer, sizeof buffer);
    if (n <= 0) {
      open = false;
      continue;
    }
    input.append(buffer, static_cast<std::size_t>(n));
    for (std::size_t at; (at = input.find('\n')) != std::string::npos; input.erase(0, at + 1)) {
      const std::string line(trim(std::string_view(input).substr(0, at)));
      if (line == "stop") return;
      if (line.starts_with("write ")) run_write(hub, *map, std::string_view(line).substr(6));
      if (line.starts_with("map ")) {
        auto next = read_map(line.substr(4), map->revision + 1);
        if (next) map = *next;
        sink.name_points(map);
        const auto applied = next ? hub.apply(link, driver, map) : std::unexpected(next.error());
        std::printf("{\"map\":%s}\n", applied ? "true" : "false");
        std::fflush(stdout);
      }
    }
  }
}

Result<> drive(const std::string& driver, std::string config, const std::string& points, double seconds,
               const std::string& out) {
  if (!config.starts_with('{')) {
    KZ_TRY(config, read_file(config));
  }
  KZ_TRY(auto map, read_map(points, 1));
  std::FILE* file = std::fopen(out.c_str(), "w");
  if (file == nullptr) return fail(Errc::denied, "drive.cannot_write", out);
  KZ_TRY(const auto log, open_log({}));
  SystemClock clock;
  model::BatchPool pool(256);
  LineSink sink(file);
  sink.name_points(map);
  Result<> outcome;
  {
    const auto drivers = all_drivers();
    LinkHub hub(
        {.loops = 1}, {drivers.begin(), drivers.end()}, sink, pool, clock, *log,
        [&](model::TenantId, model::LinkId, model::DeviceId device, LinkState state, std::string, std::string text) {
          log->info("drive", "{} {}: {}", device ? to_string(device) : "link", to_string(state), text);
        });
    const LinkConfig link{.id = {1}, .tenant = {1}, .name = "drive", .config = config};
    outcome = hub.apply(link, driver, map);
    if (outcome) serve_commands(hub, link, driver, sink, map, seconds);
    print_stats(hub.status({1}));
    hub.stop();
  }
  std::fclose(file);
  return outcome;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) {
    std::fprintf(stderr, "karez-drive DRIVER LINK POINTS SECONDS OUT\n");
    return 2;
  }
  if (const char* longest = std::getenv("KAREZ_DRIVE_RECONNECT_MS"))
    BackOff::limit_all(std::chrono::milliseconds(std::strtoll(longest, nullptr, 10)));
  const auto outcome = drive(argv[1], argv[2], argv[3], std::strtod(argv[4], nullptr), argv[5]);
  if (!outcome) std::fprintf(stderr, "%s\n", outcome.error().message().c_str());
  return outcome ? 0 : 1;
}
