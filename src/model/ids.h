// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/ids.h"

namespace karez::model {

struct TenantTag {
  static constexpr char kPrefix = 't';
};
struct EquipmentTag {
  static constexpr char kPrefix = 'e';
};
struct LinkTag {
  static constexpr char kPrefix = 'l';
};
struct DeviceTag {
  static constexpr char kPrefix = 'd';
};
struct PointTag {
  static constexpr char kPrefix = 'p';
};
struct UserTag {
  static constexpr char kPrefix = 'u';
};
struct TokenTag {
  static constexpr char kPrefix = 'k';
};
struct SourceTag {
  static constexpr char kPrefix = 's';
};

using TenantId = Id<TenantTag, std::uint32_t>;
using EquipmentId = Id<EquipmentTag, std::uint64_t>;
using LinkId = Id<LinkTag, std::uint64_t>;
using DeviceId = Id<DeviceTag, std::uint64_t>;
/// Allocated once by the metadata store, persisted, never reused, unique per installation.
using PointId = Id<PointTag, std::uint32_t>;
using UserId = Id<UserTag, std::uint64_t>;
using TokenId = Id<TokenTag, std::uint64_t>;
/// Whoever writes points: a link, the line protocol, a CSV import. A point belongs to one source, a
/// source always maps to the same lane. Lives as long as the process; not persisted.
using SourceId = Id<SourceTag, std::uint32_t>;

/// Parses "d42" and the like; nothing for anything else.
template <class IdType>
struct IdTagOf;
template <class Tag, class Int>
struct IdTagOf<Id<Tag, Int>> {
  using type = Tag;
};
template <class IdType>
std::optional<IdType> parse_id(std::string_view text) {
  return parse_id_of<IdType, typename IdTagOf<IdType>::type>(text);
}

}  // namespace karez::model
