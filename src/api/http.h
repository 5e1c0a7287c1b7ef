// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "api/problem.h"
#include "base/format.h"

/// Requests and responses as the routes see them, without the HTTP library.
namespace karez::api {

enum class Method : std::uint8_t { get, post, put, patch, del, other };  ///< HEAD comes as get
std::string_view to_string(Method method);

/// One request. All views live as long as the request is being answered.
struct Request {
  Method method = Method::get;
  std::string_view path;     ///< percent-decoded, without the query
  std::string_view query;    ///< as sent, without the question mark
  std::string_view body;
  std::string_view peer;     ///< address of the client
  std::string_view session;  ///< value of the cookie `karez_session`
  std::string id;            ///< of this request, for logs and problems
  /// Value of a header by its lower-case name; empty when absent.
  std::function<std::string_view(std::string_view)> header = [](std::string_view) { return std::string_view{}; };
  Lang lang = Lang::en;
};

/// Appends the next part of a long answer; false when that was the last. After an error it is not called
/// again. Thread: one at a time, none of the HTTP library's.
using BodyStream = std::function<Result<bool>(std::string& out)>;

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
  BodyStream stream;  ///< when set, it makes the body

  Response&& with(std::string name, std::string value) && {
    headers.emplace_back(std::move(name), std::move(value));
    return std::move(*this);
  }
};

using Answer = std::expected<Response, Problem>;

inline Response json_response(std::string body, int status = 200) {
  Response r;
  r.status = status;
  r.body = std::move(body);
  return r;
}
inline Response no_content() {
  Response r;
  r.status = 204;
  r.content_type.clear();
  return r;
}
inline std::string etag_of(std::uint64_t version) { return karez::format("\"v{}\"", version); }
Response problem_response(const Problem& problem, const Request& request);

/// Parameters behind the question mark, percent-decoded. At most 64; more are dropped.
class Query {
 public:
  explicit Query(std::string_view text);
  /// The first of that name, or nothing. An absent and an empty value differ.
  const std::string* get(std::string_view name) const;
  std::string text(std::string_view name, std::string_view fallback = {}) const;
  /// Errors: request.range with pointer "?name".
  Result<std::int64_t> integer(std::string_view name, std::int64_t fallback, std::int64_t low, std::int64_t high) const;
  Result<bool> boolean(std::string_view name, bool fallback) const;
  /// Errors: request.required, request.time.
  Result<Timestamp> time(std::string_view name) const;
  /// Parts between commas; empty when absent. Errors: request.too_many.
  Result<std::vector<std::string>> list(std::string_view name, std::size_t most) const;

 private:
  std::vector<std::pair<std::string, std::string>> items_;
};

/// Decodes %XX (and + when `plus`); nothing for a malformed or non-UTF-8 result.
std::optional<std::string> percent_decode(std::string_view text, bool plus);

}  // namespace karez::api
