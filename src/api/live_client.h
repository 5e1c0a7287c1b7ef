// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <random>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "api/problem.h"
#include "base/json.h"
#include "base/time.h"
#include "model/ids.h"
#include "stream/latest.h"

namespace karez::api {

/// What one client of the live socket wants and has been told, without the socket.
/// Thread: any; locked inside.
class LiveClient {
 public:
  static constexpr Duration kAckWithin = std::chrono::seconds(10), kKeepAlive = std::chrono::seconds(4);

  /// Answers that need no credit, sent since the last right ack; who gets more does not read.
  static constexpr unsigned kMaxUnasked = 32;

  /// `seed`: what nobody can guess. Numbers of messages grow by steps of chance, so that only who reads
  /// can acknowledge.
  LiveClient(Monotonic now, std::uint64_t seed) : random_(seed), last_sent_(now - std::chrono::hours(1)) {}

  struct Point {
    model::PointId id;
    Duration stale_after{0};  ///< 0: never
  };
  /// Errors: live.too_many_points.
  Result<> subscribe(std::span<const Point> points, std::size_t most);
  void unsubscribe(const std::vector<model::PointId>& points);
  void set_interval(Duration interval);
  /// Allows the next message. False for a number that is not in flight.
  bool ack(std::uint64_t seq);
  /// Counts an answer that needs no credit. False when there were too many without an ack.
  bool may_answer();

  enum class Step : std::uint8_t { nothing, send, close };
  /// What is due now; `out` is the message to send. `wall`: the same moment as a time, to judge ages by.
  Step next(Monotonic now, Timestamp wall, const stream::LatestTable& latest, std::string& out);

 private:
  struct Age {
    Duration stale_after{0};
    bool stale = false;  ///< as last told
  };
  bool is_stale(const stream::Latest& value, Timestamp wall) const;
  void add_aged(Monotonic now, Timestamp wall, const stream::LatestTable& latest, std::vector<stream::Latest>& values);

  std::mutex mutex_;
  std::vector<model::PointId> points_, fresh_;  ///< sorted; fresh ones were never sent
  std::unordered_map<model::PointId, Age> ages_;        ///< of points that can be stale
  Monotonic next_ages_{};
  Duration interval_ = std::chrono::milliseconds(500);
  std::mt19937_64 random_;
  Monotonic last_sent_;
  std::uint64_t seq_ = 0, revision_ = 0;
  unsigned unasked_ = 0;
  bool in_flight_ = false, started_ = false;
};

/// A parsed `LiveClientMessage`.
struct LiveMessage {
  enum class Op : std::uint8_t { subscribe, unsubscribe, ack } op = Op::ack;
  std::vector<model::PointId> points;
  std::optional<Duration> interval;
  std::uint64_t seq = 0;
};
std::expected<LiveMessage, Problem> parse_live_message(std::string_view text);

}  // namespace karez::api
