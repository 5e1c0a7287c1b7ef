// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "connect/backoff.h"
#include "connect/batch_writer.h"
#include "connect/breaker.h"
#include "connect/modbus/session.h"
#include "connect/poll_schedule.h"

namespace karez::connect::modbus {

/// Keeps a link's points up to date: connects, polls, notices loss and recovery, writes.
/// Thread: the loop. Lives as long as the driver's `run`.
class Polling {
 public:
  Polling(const LinkConfig& link, const LinkSettings& settings, DriverContext& context, LinkCounters& counters);

  net::Task<Result<>> run(std::stop_token stop);
  net::Task<std::vector<WriteResult>> write(std::vector<Write> writes, net::Deadline deadline);
  Session& session() noexcept { return session_; }

 private:
  struct Unit {
    model::DeviceId id;
    DeviceSettings settings;
    Breaker breaker;
    bool usable = false;  ///< its configuration is sound
    bool online = false;  ///< it has answered on this connection
  };
  struct Request {
    ReadRequest read;
    unsigned failures = 0;   ///< in a row, other than timeouts
    Monotonic not_before{};  ///< the device refuses it; tried again then
    unsigned drops = 0;      ///< connections lost while it was asked, since it was answered last
    unsigned blamed = 0;     ///< those of them between which others were answered
    std::uint64_t answers_then = 0;  ///< answers of the link at the last drop
  };
  struct Group {
    std::size_t unit = 0;
    std::vector<Request> requests;
  };

  void load(std::shared_ptr<const PointMap> map);
  void make_groups(Monotonic now);
  net::Task<Result<>> connected(std::stop_token stop);
  net::Task<Result<>> poll(std::size_t group, std::stop_token stop);
  net::Task<Result<>> read(Group& group, std::size_t index, std::stop_token stop);
  net::Task<Result<>> store(const ReadRequest& read, const DeviceSettings& settings, const Reply& reply,
                            std::stop_token stop);
  net::Task<Result<>> failed(Group& group, std::size_t index, Error error, std::stop_token stop);
  net::Task<Result<>> refused(Group& group, std::size_t index, Error error, std::stop_token stop);
  net::Task<Result<>> dropped(Group& group, std::size_t index, std::stop_token stop);
  static void replace(Group& group, std::size_t index, std::vector<ReadRequest> parts);
  net::Task<Result<>> silent(std::size_t unit, std::stop_token stop);
  net::Task<Result<>> lose(const std::vector<Wanted>& wanted, model::Quality quality, std::stop_token stop);
  net::Task<Result<>> lose_all(model::Quality quality, std::stop_token stop);
  net::Task<Result<>> lose_configured_wrong(std::stop_token stop);
  net::Task<Result<>> adopt_new_map(std::stop_token stop);
  net::Task<WriteResult> write_one(Write write, net::Deadline deadline);
  net::Task<std::string> read_back(const PointAddress& address, const Unit& unit, Duration timeout);
  bool may_ask(Unit& unit) const;
  bool all_silent() const;
  void answered(Unit& unit);
  void report(LinkState state, const Error* reason);
  void report_link();
  Duration timeout_of(const Unit& unit) const;

  const LinkConfig& link_;
  const LinkSettings& settings_;
  DriverContext& context_;
  LinkCounters& counters_;
  Session session_;
  BackOff back_off_;
  ProbeBudget probes_;
  BatchWriter writer_;
  std::optional<PointFilter> filter_;
  std::vector<std::optional<PointAddress>> addresses_;  ///< per entry
  std::vector<Unit> units_;                             ///< per device of the map
  std::vector<Group> groups_;
  PollSchedule schedule_;
  std::optional<std::size_t> interrupted_;  ///< group whose turn the loss of the connection ended
  std::uint64_t overruns_seen_ = 0, suppressed_seen_ = 0;
  std::uint64_t answers_ = 0;  ///< of all connections
  bool first_drop_ = false;  ///< the connection was lost while a request was asked that never did that before
  bool failing_ = false;  ///< nothing has answered since the last failure
  std::string text_;      ///< storage of the text being decoded
  Reply reply_;
  std::vector<model::PointId> seen_;  ///< of one answer: read, and within the deadband
};

}  // namespace karez::connect::modbus
