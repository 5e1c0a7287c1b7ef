// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "base/format.h"
#include "base/text.h"
#include "catalog/plant/impl.h"
#include "catalog/plant/list.h"

namespace karez::catalog {

using stores::SqlRow;
using stores::SqlSession;

namespace {

struct Kind {
  const char* name;
  char prefix;  ///< of the id
  std::string_view columns, from, node;
};
// In the order in which equally good hits are shown.
constexpr Kind kKinds[] = {
    {"device", 'd', "x.id, x.name, e.name", "plant_device x LEFT JOIN plant_equipment e ON e.id = x.equipment",
     "x.equipment"},
    {"point", 'p', "x.id, x.name, d.name", "plant_point x LEFT JOIN plant_device d ON d.id = x.device", "d.equipment"},
    {"equipment", 'e', "x.id, x.name, e.name", "plant_equipment x LEFT JOIN plant_equipment e ON e.id = x.parent",
     "x.id"},
    {"link", 'l', "x.id, x.name, x.driver", "plant_link x", ""},
};

struct Ranked {
  int rank;
  SearchHit hit;
};

Result<> search_kind(SqlSession& session, const model::Scope& scope, const Kind& kind,
                     std::span<const std::string> patterns, std::string_view q, std::size_t limit,
                     std::vector<Ranked>& out) {
  std::vector<stores::SqlValue> parameters{sql_id(scope.tenant), to_lower(trim(q))};
  std::string where = "+x.tenant = ?1";  // one pass over the table: LIKE has no index
  for (const std::string& pattern : patterns) {
    parameters.emplace_back(pattern);
    where += karez::format(" AND x.search LIKE ?{} ESCAPE '\\'", parameters.size());
  }
  if (!scope.whole_tenant()) {
    std::string nodes;
    for (const model::EquipmentId id : scope.subtrees)
      nodes.append(nodes.empty() ? "" : ",").append(std::to_string(id.value));
    const std::string seen = karez::format("(SELECT node FROM plant_equipment_below WHERE ancestor IN ({}))", nodes);
    where += kind.node.empty()
                 ? karez::format(" AND x.id IN (SELECT link FROM plant_device WHERE equipment IN {})", seen)
                 : karez::format(" AND {} IN {}", kind.node, seen);
  }
  // The name itself, then names that begin with it, then the rest; short names first.
  const std::string sql = karez::format(
      "SELECT {}, CASE WHEN lower(x.name) = ?2 THEN 0 WHEN substr(lower(x.name), 1, length(?2)) = ?2 THEN 1 ELSE 2 END "
      "AS "
      "hit_rank FROM {} WHERE {} ORDER BY hit_rank, length(x.name), x.name COLLATE natural_order, x.id LIMIT {}",
      kind.columns, kind.from, where, limit);
  return session.query(sql, parameters, [&](const SqlRow& row) {
    out.push_back({static_cast<int>(row.integer(3)),
                   {.kind = kind.name,
                    .id = karez::format("{}{}", kind.prefix, row.integer(0)),
                    .title = std::string(row.text(1)),
                    .subtitle = std::string(row.text(2))}});
  });
}

}  // namespace

Result<std::vector<SearchHit>> PlantRegistry::search(const model::Scope& scope, std::string_view q,
                                                     std::size_t limit) const {
  KZ_CHECK(require(scope, model::Role::viewer));
  if (limit < 1 || limit > 200) return invalid("?limit", "1 to 200.");
  KZ_TRY(const auto patterns, like_patterns(q));
  if (patterns.empty()) return std::vector<SearchHit>();
  return impl_->read<std::vector<SearchHit>>([&](SqlSession& session) -> Result<std::vector<SearchHit>> {
    std::vector<Ranked> found;
    for (const Kind& kind : kKinds) KZ_CHECK(search_kind(session, scope, kind, patterns, q, limit, found));
    std::ranges::stable_sort(found, {}, &Ranked::rank);
    if (found.size() > limit) found.resize(limit);
    std::vector<SearchHit> hits;
    hits.reserve(found.size());
    for (Ranked& ranked : found) hits.push_back(std::move(ranked.hit));
    return hits;
  });
}

}  // namespace karez::catalog
