// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/time.h"
#include "connect/point_map.h"
#include "model/batch.h"
#include "model/sample_sink.h"
#include "net/loop.h"
#include "net/task.h"

/// The one driver interface. A driver is a folder below this one; nothing outside that folder names it.
namespace karez::connect {

struct LinkConfig {
  model::LinkId id{};  ///< 0 while only being tested
  model::TenantId tenant{};
  std::string name{};
  std::string config{};  ///< JSON object, already checked against the link schema
};

enum class LinkState : std::uint8_t { disabled, connecting, online, degraded, offline, backoff };
std::string_view to_string(LinkState state);

/// State changes go out at once, for events and screens. Thread: the driver's; must not block.
class LinkObserver {
 public:
  virtual ~LinkObserver() = default;
  virtual void link_state(LinkState state, const Error* reason) = 0;
  virtual void device_state(model::DeviceId device, LinkState state, const Error* reason) = 0;
};

/// Everything a running driver may touch.
struct DriverContext {
  model::SampleSink& out;
  model::BatchPool& blocks;
  LinkObserver& observer;
  net::Loop& loop;
  Clock& clock;
  Log& log;
  model::SourceId source;
  std::uint64_t& next_seq;  ///< of the next block of this source; goes on over reconnects and restarts
  /// The newest snapshot; a driver compares `revision` between cycles and adapts without reconnecting
  /// what did not change. Thread: any.
  std::function<std::shared_ptr<const PointMap>()> points;
  /// The other side says that the newest values of these points still hold, without sending them: a
  /// value within the deadband, the keep-alive of an OPC UA subscription, a Sparkplug node that goes on
  /// reporting. Their age begins anew. Not for the keep-alive of a broker or a socket: that says nothing
  /// of the device behind. At most about once a second per point; may be empty. Thread: the driver's.
  std::function<void(std::span<const model::PointId>, Timestamp)> seen = {};
};

/// A parsed and normalised address.
struct Address {
  std::string canonical{};  ///< the form to store
  model::ValueType type = model::ValueType::float64;  ///< natural type of the value
  bool writable = false;
};

struct TestStep {
  std::string name{};  ///< slug the console translates: "resolve", "connect", "handshake", "read"
  bool ok = false;
  Duration took{0};
  std::string text{};            ///< what was found
  std::optional<Error> error{};  ///< when not ok
};
struct TestValue {
  std::string address{}, text{};  ///< value as text
  model::Quality quality{};
  std::optional<Error> error{};  ///< why there is no value, when the driver can tell
};
struct TestReport {
  std::vector<TestStep> steps{};
  std::vector<std::pair<std::string, std::string>> identity{}, limits{};  ///< name, value
  std::vector<TestValue> values{};
  bool ok() const;
};

struct BrowseNode {
  std::string id{};       ///< opaque; give back as NodeRef
  std::string address{};  ///< to use as a point's address; empty when it cannot be one
  std::string name{}, display{}, description{};
  enum class Kind : std::uint8_t { folder, object, variable } kind = Kind::variable;
  model::ValueType type = model::ValueType::none;
  std::string native_type{}, unit{}, value{};  ///< value as text, empty when not read
  model::Quality quality{};
  bool has_children = false, writable = false;
};
struct BrowsePage {
  std::vector<BrowseNode> nodes{};
  std::string continuation{};  ///< empty: the last page
};
struct BrowseRequest {
  std::string node{};  ///< empty: the root
  std::string continuation{};
  std::size_t limit = 200;  ///< 1 .. 1,000
};

struct Write {
  std::size_t entry = 0;  ///< index into the present PointMap
  model::PointId point{};
  model::ValueType type = model::ValueType::none;
  std::uint64_t bits = 0;  ///< engineering value
  std::string text{};
};
struct WriteResult {
  enum class Outcome : std::uint8_t { done, refused, failed, unknown } outcome = Outcome::failed;
  std::optional<Error> error{};
  std::string read_back{};  ///< value as text when it could be read after writing
};
std::string_view to_string(WriteResult::Outcome outcome);

/// The fixed counter set of every link.
struct LinkStats {
  LinkState state = LinkState::disabled;
  std::uint64_t requests = 0, responses = 0, bytes_in = 0, bytes_out = 0, retries = 0;
  std::uint64_t timeouts = 0, exceptions = 0, framing_errors = 0, resyncs = 0, late_dropped = 0;
  std::uint64_t reconnects = 0, breaker_openings = 0, overruns = 0;
  std::uint64_t samples_good = 0, samples_bad = 0, suppressed = 0, lost = 0;
  std::uint64_t writes_done = 0, writes_refused = 0, writes_failed = 0, writes_unknown = 0;
  Duration rtt_p50{0}, rtt_p95{0};
  std::string last_error{};
  Timestamp last_error_at = kMinTime, last_sample_at = kMinTime;
};

/// One link's session. Thread: its loop, except `validate` and `stats` (any). Lives from create until
/// after `run` ended.
class Driver {
 public:
  virtual ~Driver() = default;
  /// Offline and pure; the error's text says what is wrong, its pointer is "/<column>" (from 1).
  virtual Result<Address> validate(std::string_view address) const = 0;
  /// Reaches the other side, identifies it, reads the first values of `points`.
  virtual net::Task<Result<TestReport>> test(LinkConfig link, std::shared_ptr<const PointMap> points,
                                             net::Deadline deadline) = 0;
  /// Paged and bounded, or connect.unsupported.
  virtual net::Task<Result<BrowsePage>> browse(LinkConfig link, BrowseRequest request, net::Deadline deadline) = 0;
  /// Polls or listens until asked to stop; reconnects by itself with back-off. On loss each affected
  /// point gets exactly one bad sample, on recovery one good sample flagged first-after-gap.
  virtual net::Task<Result<>> run(LinkConfig link, DriverContext& context, std::stop_token stop) = 0;
  /// Only while `run` runs. One result per write, in order. Never repeated by itself after a timeout.
  virtual net::Task<Result<std::vector<WriteResult>>> write(std::vector<Write> writes, net::Deadline deadline) = 0;
  virtual LinkStats stats() const = 0;
};

/// What the driver table holds of each driver; see `connect/driver_table.h`.
struct DriverInfo {
  const char* id;  ///< "modbus"
  const char* name_en;
  const char* name_zh;
  bool can_browse, can_write, subscribes;
  const char* link_schema;     ///< JSON Schema with x-label, x-help, x-unit, x-advanced
  const char* device_schema;
  const char* address_schema;  ///< {"x-label":…, "examples":[…], "pattern":…, "x-help":…}
  std::unique_ptr<Driver> (*create)(net::Loop& loop, Clock& clock, Log& log);
};

}  // namespace karez::connect
