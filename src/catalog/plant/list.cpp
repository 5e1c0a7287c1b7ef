// SPDX-License-Identifier: Apache-2.0
#include "catalog/plant/list.h"

#include <algorithm>

#include "base/format.h"
#include "base/hash.h"
#include "base/text.h"
#include "catalog/plant/check.h"

namespace karez::catalog {
namespace {

constexpr std::size_t kMaxQuery = 800, kMaxFragments = 16, kMaxWildcards = 8, kMaxLimit = 1000;
constexpr std::uint64_t kManyRows = 5000;

/// What makes two requests pages of one list: everything but cursor and page size.
std::uint64_t fingerprint(std::string_view table, std::string_view sort, std::string_view where,
                          std::span<const stores::SqlValue> parameters) {
  std::string all = karez::format("{}\n{}\n{}", table, sort, where);
  for (const stores::SqlValue& value : parameters) {
    all += '\n';
    if (const auto* text = std::get_if<std::string>(&value)) all += *text;
    if (const auto* number = std::get_if<std::int64_t>(&value)) all += std::to_string(*number);
  }
  return xxh3(as_bytes(all));
}

}  // namespace

Result<std::vector<std::string>> like_patterns(std::string_view q) {
  if (q.size() > kMaxQuery) return invalid("?q", "At most 200 characters.");
  if (!is_utf8(q) || q.contains('\0')) return invalid("?q", "Not UTF-8.");
  std::vector<std::string> patterns;
  std::string text = to_lower(q);
  std::ranges::replace_if(text, [](char c) { return c == '\t' || c == '\r' || c == '\n'; }, ' ');
  for (const std::string_view fragment : split(text, ' ')) {
    if (fragment.find_first_not_of('*') == std::string_view::npos) continue;
    if (patterns.size() == kMaxFragments) return invalid("?q", "At most 16 fragments.");
    if (std::ranges::count(fragment, '*') > static_cast<std::ptrdiff_t>(kMaxWildcards))
      return invalid("?q", "At most 8 wildcards in a fragment.");
    std::string pattern = "%";
    for (const char c : fragment) {
      if (c == '%' || c == '_' || c == '\\') pattern += '\\';
      pattern += c == '*' ? '%' : c;
    }
    patterns.push_back(pattern += '%');
  }
  return patterns;
}

ListBuilder::ListBuilder(const ListSpec& spec, const ListQuery& query, model::TenantId tenant)
    : spec_(spec), query_(query), parameters_{static_cast<std::int64_t>(tenant.value)} {}

std::string ListBuilder::parameter(stores::SqlValue value) {
  parameters_.push_back(std::move(value));
  return karez::format("?{}", parameters_.size());
}

void ListBuilder::within(std::string_view column, const model::Scope& scope, std::string_view end) {
  if (scope.whole_tenant()) return;
  std::string list;
  for (const model::EquipmentId node : scope.subtrees)
    list.append(list.empty() ? "" : ",").append(std::to_string(node.value));
  filter(karez::format("{} IN (SELECT node FROM plant_equipment_below WHERE ancestor IN ({})){}", column, list, end));
}

void ListBuilder::within(std::string_view column, model::EquipmentId node, std::string_view end) {
  filter(
      karez::format("{} IN (SELECT node FROM plant_equipment_below WHERE ancestor = {}){}", column, node.value, end));
}

Result<> ListBuilder::fragments() {
  KZ_TRY(const auto patterns, like_patterns(query_.q));
  for (const std::string& pattern : patterns)
    filter(karez::format("{}search LIKE {} ESCAPE '\\'", spec_.alias, parameter(pattern)));
  return {};
}

std::string ListBuilder::where(bool by_tenant) const {
  std::string out = karez::format(" WHERE {}{}tenant = ?1", by_tenant ? "" : "+", spec_.alias);
  for (const std::string& condition : conditions_) out.append(" AND ").append(condition);
  return out;
}

std::string ListBuilder::from(std::string_view expressions) const {
  std::string out(spec_.table);
  for (const Join& join : spec_.joins)
    if (expressions.contains(join.alias)) out += join.sql;
  return out;
}

const SortColumn* ListBuilder::sort() const {
  const std::string_view wanted = std::string_view(query_.sort).substr(query_.sort.starts_with('-') ? 1 : 0);
  if (wanted.empty()) return spec_.sorts.data();
  const auto found = std::ranges::find(spec_.sorts, wanted, &SortColumn::name);
  return found == spec_.sorts.end() ? nullptr : &*found;
}

Result<ListBuilder::Ids> ListBuilder::read(stores::SqlSession& session) {
  if (query_.limit < 1 || query_.limit > kMaxLimit) return invalid("?limit", "1 to 1,000.");
  const SortColumn* const column = sort();
  if (!column) return invalid("?sort", "This list cannot be sorted by that.");
  KZ_CHECK(fragments());

  Ids page;
  const std::string unpaged = where(conditions_.empty());
  KZ_CHECK(session.query(karez::format("SELECT count(*) FROM {}{}", from(unpaged), unpaged), parameters_,
                         [&](const stores::SqlRow& row) { page.total = static_cast<std::uint64_t>(row.integer(0)); }));
  // In the order of the index one may stop at the end of the page, which pays where many rows match.
  // Else one pass over the table and a small sort are faster.
  const bool by_index = column == spec_.sorts.data() && !narrow_ && (query_.q.empty() || page.total > kManyRows);

  const std::uint64_t print = fingerprint(spec_.table, query_.sort, lasting_, parameters_);
  const std::string key = karez::format("{} COLLATE natural_order", column->expression),
                    id = karez::format("{}id", spec_.alias);
  const bool down = query_.sort.starts_with('-');
  if (!query_.cursor.empty()) {
    KZ_TRY(const Cursor after, decode_cursor(query_.cursor, print));
    const std::string key_place = parameter(after.key), id_place = parameter(after.id);
    // The first half lets an index find the place, the second decides among equal keys.
    filter(
        karez::format("{0} {1}= {2} AND ({0} {1} {2} OR {3} {1} {4})", key, down ? "<" : ">", key_place, id, id_place));
  }
  const std::string filtered = where(by_index);
  const std::string sql =
      karez::format("SELECT {0}, {1} FROM {2}{3} ORDER BY {4} {5}, {0} {5} LIMIT {6}", id, column->expression,
                    from(filtered + " " + key), filtered, key, down ? "DESC" : "ASC", query_.limit + 1);
  Cursor last;
  bool more = false;
  KZ_CHECK(session.query(sql, parameters_, [&](const stores::SqlRow& row) {
    if (page.ids.size() == query_.limit) {
      more = true;
      return;
    }
    page.ids.push_back(row.integer(0));
    last = {std::string(row.text(1)), row.integer(0)};
  }));
  if (more) page.next_cursor = encode_cursor(last, print);
  return page;
}

}  // namespace karez::catalog
