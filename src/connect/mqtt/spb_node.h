// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "connect/mqtt/spb_payload.h"

namespace karez::connect::mqtt {

/// spBv1.0/group/TYPE/node[/device], or spBv1.0/STATE/host.
struct SpbTopic {
  enum class Kind : std::uint8_t { nbirth, ndata, ndeath, ncmd, dbirth, ddata, ddeath, dcmd, state };
  Kind kind = Kind::state;
  std::string_view group, node, device, host;
  bool of_device() const { return kind >= Kind::dbirth && kind <= Kind::dcmd; }
};
/// Nothing for topics outside the namespace or of a wrong form (Sparkplug 3.0, chapter 4).
std::optional<SpbTopic> parse_spb_topic(std::string_view topic);
std::string spb_topic(std::string_view group, std::string_view type, std::string_view node, std::string_view device);

/// A metric as its birth described it, with the last value for browsing and for commands.
struct SpbTag {
  SpbType type = SpbType::unknown;
  std::string unit;
  std::vector<std::size_t> entries;  ///< points that read it
  std::uint64_t updates = 0;
  RawValue last;          ///< `text` is in `last_text`
  std::string last_text;  ///< first 256 bytes
  model::Quality quality = model::quality::kBadWaitingForInitialData;
};

/// What a host knows of one edge node (chapter 5).
struct SpbNode {
  std::string group, name;
  bool online = false;  ///< between NBIRTH and NDEATH
  bool dead = false;    ///< its NDEATH came; it will be born again by itself
  std::optional<std::uint64_t> bd_seq;
  std::uint8_t seq = 0;  ///< of the last message
  /// Device ("" for the node itself), then metric name.
  std::map<std::string, std::map<std::string, SpbTag, std::less<>>, std::less<>> devices;
  std::map<std::string, bool, std::less<>> born;  ///< devices with a DBIRTH since the last NBIRTH
  std::unordered_map<std::uint64_t, std::pair<SpbTag*, std::string>> aliases;  ///< tag and full name
  std::size_t tags = 0;
  bool needs_birth = false;           ///< we have lost the thread; asked again until it comes
  Timestamp next_rebirth = kMinTime;  ///< not asked again before this
  Duration rebirth_wait{0};
  std::uint64_t births = 0;
  Timestamp seen_at = kMinTime;  ///< when it was said last that the values of its points still hold
};

}  // namespace karez::connect::mqtt
