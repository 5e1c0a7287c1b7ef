// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/time.h"
#include "model/scope.h"

namespace karez::api {

enum class Lang : std::uint8_t { en, zh };
/// The language of `Accept-Language` we speak: the one with the higher weight, English when neither.
Lang parse_lang(std::string_view accept_language);

/// One of several errors of a request.
struct ProblemItem {
  std::string slug{}, pointer{}, text{}, value{}, expected{};
  std::size_t line = 0, column = 0;  ///< from 1; 0: not said
};

/// What is answered instead of a result: RFC 9457. The only place where error codes become HTTP.
struct Problem {
  Problem(Error error);  // NOLINT: implicit, so that KZ_TRY works in handlers
  Problem(int http_status, std::string_view the_slug) : status(http_status), slug(the_slug) {}

  int status = 500;
  std::string slug, detail, cure, pointer;
  bool detail_translated = false;  ///< `detail` is in the language of the reader; else it is English
  model::Role needs_role = model::Role::none;
  std::vector<ProblemItem> errors;   ///< at most kMaxErrors
  std::uint64_t errors_total = 0;    ///< when more than are listed
  unsigned retry_after = 0;          ///< seconds; 0: no header
  std::string allow;                 ///< for 405

  static constexpr std::size_t kMaxErrors = 1000;
};

/// HTTP status of an error.
int status_of(const Error& error);
/// application/problem+json.
std::string problem_json(const Problem& problem, std::string_view instance, Lang lang);
void write_item(JsonWriter& out, const ProblemItem& item, Lang lang);

/// Short text of a slug in a language; empty when there is none.
std::string_view title_of(std::string_view slug, Lang lang);
/// What to do about it; empty when that is not known.
std::string_view cure_of(std::string_view slug, Lang lang);
/// Text for people about a cause: the translated title and what is known beyond it.
std::string explain(std::string_view slug, std::string_view text, Lang lang);
/// {"slug", "text", "cure"}, or null when `slug` is empty.
void write_reason(JsonWriter& out, std::string_view slug, std::string_view text, Lang lang);

/// Collects what is wrong with a body; bounded, counts the rest.
class Faults {
 public:
  void add(ProblemItem item);
  bool empty() const noexcept { return total_ == 0; }
  std::size_t total() const noexcept { return total_; }
  const std::vector<ProblemItem>& items() const noexcept { return items_; }
  /// 400 request.invalid with all of them.
  Problem problem() const;

 private:
  std::vector<ProblemItem> items_;
  std::size_t total_ = 0;
};

}  // namespace karez::api
