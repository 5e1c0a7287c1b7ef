// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "catalog/plant_registry.h"

namespace karez::catalog {

struct SortColumn {
  std::string_view name;        ///< as callers say it: "name"
  std::string_view expression;  ///< as SQL says it: "p.name"; text, compared naturally
};

/// A table that is only read when a condition or the order mentions it.
struct Join {
  std::string_view alias;  ///< "d."
  std::string_view sql;    ///< " LEFT JOIN plant_device d ON d.id = p.device"
};

/// What one kind of list is made of. Id, tenant and search text are columns of `table`. The first sort
/// column is the default; there is an index on (tenant, it, id).
struct ListSpec {
  std::string_view table;  ///< "plant_point p"
  std::string_view alias;  ///< "p."
  std::span<const Join> joins;
  std::span<const SortColumn> sorts;
};

/// Builds the WHERE of a list, then reads one page of ids by keyset: the cursor holds the last sort key
/// and id, so rows that come and go between two pages shift nothing.
class ListBuilder {
 public:
  ListBuilder(const ListSpec& spec, const ListQuery& query, model::TenantId tenant);

  /// The place of a parameter: "?3".
  std::string parameter(stores::SqlValue value);
  void filter(std::string condition) {
    lasting_.append(condition).append("\n");
    conditions_.push_back(std::move(condition));
  }
  /// A condition that has an index of its own and leaves few rows.
  void narrow(std::string condition) {
    narrow_ = true;
    filter(std::move(condition));
  }
  /// `column IN (…)`; the numbers become part of the statement, as there may be very many. They may differ
  /// from page to page (a filter by live state), so the cursor is not bound to them.
  template <class IdType>
  void among(std::string_view column, std::span<const IdType> ids) {
    std::string list(column);
    list += " IN (";
    for (std::size_t i = 0; i < ids.size(); ++i) list.append(i ? "," : "").append(std::to_string(ids[i].value));
    narrow(list.append(")"));
  }
  /// `column` (a node) lies in a subtree the scope may see. `column` may open brackets that `end` closes.
  void within(std::string_view column, const model::Scope& scope, std::string_view end = {});
  /// `column` is `node` or below.
  void within(std::string_view column, model::EquipmentId node, std::string_view end = {});

  struct Ids {
    std::vector<std::int64_t> ids;
    std::string next_cursor;
    std::uint64_t total = 0;
  };
  /// Errors: registry.invalid (pointer "?q", "?sort", "?cursor", "?limit").
  Result<Ids> read(stores::SqlSession& session);

 private:
  Result<> fragments();
  std::string from(std::string_view expressions) const;
  /// `by_tenant`: go through the tenant's index; else one pass over the table, or another index.
  std::string where(bool by_tenant) const;
  const SortColumn* sort() const;

  const ListSpec& spec_;
  const ListQuery& query_;
  std::vector<std::string> conditions_;
  std::string lasting_;  ///< those that bind a cursor to its list
  std::vector<stores::SqlValue> parameters_;  ///< the first is the tenant
  bool narrow_ = false;
};

/// LIKE patterns (escape character \) of the fragments in `q`, lower case. Errors: registry.invalid.
Result<std::vector<std::string>> like_patterns(std::string_view q);

/// Where a page ended.
struct Cursor {
  std::string key;
  std::int64_t id = 0;
};
/// Base64url text; `query` is a fingerprint of what was asked, without which the cursor is refused.
std::string encode_cursor(const Cursor& cursor, std::uint64_t query);
Result<Cursor> decode_cursor(std::string_view text, std::uint64_t query);

}  // namespace karez::catalog
