// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "connect/mqtt/address.h"
#include "connect/mqtt/payload_codec.h"
#include "connect/mqtt/spb_node.h"

namespace karez::connect::mqtt {

/// A Sparkplug B host application (Sparkplug 3.0, chapters 5 and 6): follows births, data and deaths of
/// edge nodes, asks for a rebirth when it has lost the thread, and announces its own state when it is
/// the primary host.
class SparkplugHost final : public PayloadCodec {
 public:
  struct Options {
    std::string host_id = {};  ///< empty: not a primary host, no STATE
    bool browse = false;      ///< follow all groups, whatever the points say
    std::size_t max_nodes = 10'000, max_tags = 500'000;
    Duration see_every = std::chrono::seconds(1);  ///< how often points that hold still are said to
    std::size_t max_devices = 1'000;  ///< of one node, besides those that points want
    Duration first_rebirth_wait = std::chrono::seconds(5), longest_rebirth_wait = std::chrono::minutes(5);
  };
  explicit SparkplugHost(Options options) : options_(std::move(options)) {}

  void set_points(std::shared_ptr<const PointMap> map, Timestamp now, Effects& out) override;
  std::vector<Subscription> subscriptions() const override;
  void connected(Timestamp now, Effects& out) override;
  void disconnected(Timestamp now, Effects& out) override;
  void message(const Message& message, Effects& out) override;
  void unreadable(const Message& message, std::string_view why, Effects& out) override;
  void tick(Timestamp now, Effects& out) override;
  std::vector<bool> reachable() const override;
  const CodecStats& stats() const override { return stats_; }
  /// Asks this node for a birth with the next tick, whatever the points say.
  void want(std::string group, std::string node) { wanted_nodes_.emplace(std::move(group), std::move(node)); }

  /// The will for the next connection, and the time-stamp that `connected` repeats (6.4.3, STATE);
  /// nothing for a host that is not primary.
  std::optional<Will> make_will(Timestamp now);
  /// What says goodbye before an orderly DISCONNECT.
  std::optional<Publication> farewell(Timestamp now) const;

  /// A command to the metric of a point. Errors: point.not_born, point.type_mismatch, point.out_of_range.
  Result<Publication> command(std::size_t entry, const RawValue& value, Timestamp now) const;
  /// The metric a point reads, once a birth has named it.
  const SpbTag* tag(std::size_t entry) const;
  /// Nodes by "group/node", escaped.
  const std::map<std::string, SpbNode, std::less<>>& nodes() const noexcept { return nodes_; }
  std::uint64_t rebirths_asked() const noexcept { return rebirths_; }

 private:
  struct PointState {
    std::optional<SparkplugAddress> address;
    Timestamp last_time = kMinTime;  ///< of the newest stored sample
    std::uint64_t last_bits = 0;     ///< raw; of a text its hash
    model::Quality last_quality;
  };

  void take(const Message& message, Effects& out);
  SpbNode* find_or_add(const SpbTopic& topic);
  void node_birth(SpbNode& node, const SpbPayload& payload, const Message& message, Effects& out);
  void device_birth(SpbNode& node, std::string_view device, const SpbPayload& payload, const Message& message,
                    Effects& out);
  void data(SpbNode& node, std::string_view device, const SpbPayload& payload, const Message& message, Effects& out);
  void node_death(SpbNode& node, const SpbPayload& payload, Timestamp now, Effects& out);
  void check_sequence(SpbNode& node, const SpbPayload& payload, Timestamp now, Effects& out);
  void own_state(const SpbTopic& topic, const Message& message, Effects& out);
  Publication state(bool online, std::uint64_t ms) const;

  void take_birth_metrics(SpbNode& node, std::string_view device, const SpbPayload& payload, const Message& message,
                          Effects& out);
  void store(SpbTag& tag, const SpbMetric& metric, const SpbPayload& payload, const Message& message, Effects& out);
  void store_point(std::size_t entry, const SpbMetric& metric, const SpbValue& value, std::optional<Timestamp> time,
                   const Message& message, Effects& out);
  void keep(const model::Sample& sample, std::string_view text, Effects& out);
  void settle(Timestamp now, Effects& out);
  /// Entries whose canonical address starts with `prefix`.
  std::vector<std::size_t> entries_below(std::string_view prefix) const;
  /// A node that reports tells changes only: what it does not name still holds.
  void see(SpbNode& node, Timestamp now, Effects& out);
  void lose_point(std::size_t entry, model::Quality quality, Timestamp now, Effects& out);
  void mark_gap(const SpbNode& node);
  void ask_rebirth(SpbNode& node, Timestamp now, Effects& out);
  void problem(const SpbNode& node, std::string_view what);

  Options options_;
  std::shared_ptr<const PointMap> map_;
  std::optional<PointFilter> filter_, history_;  ///< history apart, so that it never moves the current value
  std::vector<PointState> points_;
  std::map<std::string, SpbNode, std::less<>> nodes_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> wanted_;  ///< canonical address to entries
  std::set<std::pair<std::string, std::string>> wanted_nodes_;           ///< group and node of all points
  std::size_t tags_ = 0;                                                  ///< of all nodes
  std::uint64_t rebirths_ = 0;
  std::uint64_t state_ms_ = 0;
  bool connected_ = false;
  CodecStats stats_;
};

}  // namespace karez::connect::mqtt
