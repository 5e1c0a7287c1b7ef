// SPDX-License-Identifier: Apache-2.0
#include "api/http.h"

#include "base/format.h"
#include "base/text.h"

namespace karez::api {

std::string_view to_string(Method method) {
  switch (method) {
    case Method::get: return "GET";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::patch: return "PATCH";
    case Method::del: return "DELETE";
    case Method::other: return "?";
  }
  return "?";
}

Response problem_response(const Problem& problem, const Request& request) {
  Response r;
  r.status = problem.status;
  r.content_type = "application/problem+json";
  r.body = problem_json(problem, request.id, request.lang);
  if (problem.retry_after > 0) r.headers.emplace_back("Retry-After", std::to_string(problem.retry_after));
  if (!problem.allow.empty()) r.headers.emplace_back("Allow", problem.allow);
  if (problem.status == 401) r.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"karez\"");
  if (problem.status == 426) r.headers.emplace_back("Upgrade", "websocket");
  return r;
}

namespace {
int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
}  // namespace

std::optional<std::string> percent_decode(std::string_view text, bool plus) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      const int high = i + 2 < text.size() ? hex(text[i + 1]) : -1;
      const int low = i + 2 < text.size() ? hex(text[i + 2]) : -1;
      if (high < 0 || low < 0) return std::nullopt;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      out.push_back(plus && text[i] == '+' ? ' ' : text[i]);
    }
  }
  if (!is_utf8(out) || out.contains('\0')) return std::nullopt;
  return out;
}

Query::Query(std::string_view text) {
  while (!text.empty() && items_.size() < 64) {
    const auto end = text.find('&');
    const std::string_view pair = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view{} : text.substr(end + 1);
    const auto eq = pair.find('=');
    auto name = percent_decode(pair.substr(0, eq), true);
    auto value = percent_decode(eq == std::string_view::npos ? std::string_view{} : pair.substr(eq + 1), true);
    if (name && value) items_.emplace_back(std::move(*name), std::move(*value));
  }
}

const std::string* Query::get(std::string_view name) const {
  for (const auto& [n, v] : items_)
    if (n == name) return &v;
  return nullptr;
}

std::string Query::text(std::string_view name, std::string_view fallback) const {
  const std::string* v = get(name);
  return v ? *v : std::string(fallback);
}

Result<std::int64_t> Query::integer(std::string_view name, std::int64_t fallback, std::int64_t low,
                                    std::int64_t high) const {
  const std::string* v = get(name);
  if (!v) return fallback;
  std::int64_t n = 0;
  const auto [end, ec] = std::from_chars(v->data(), v->data() + v->size(), n);
  if (ec != std::errc{} || end != v->data() + v->size() || n < low || n > high)
    return fail(Error(Errc::invalid_argument, "request.range")
                    .with(karez::format("A whole number from {} to {} is expected.", low, high))
                    .at(karez::format("?{}", name)));
  return n;
}

Result<bool> Query::boolean(std::string_view name, bool fallback) const {
  const std::string* v = get(name);
  if (!v) return fallback;
  if (*v == "true") return true;
  if (*v == "false") return false;
  return fail(Error(Errc::invalid_argument, "request.choice")
                  .with("true or false is expected.")
                  .at(karez::format("?{}", name)));
}

Result<Timestamp> Query::time(std::string_view name) const {
  const std::string* v = get(name);
  if (!v) return fail(Error(Errc::invalid_argument, "request.required").at(karez::format("?{}", name)));
  auto t = parse_rfc3339(*v);
  if (!t)
    return fail(Error(Errc::invalid_argument, "request.time")
                    .with("A time such as 2026-07-14T05:42:11.5Z is expected.")
                    .at(karez::format("?{}", name)));
  return t;
}

Result<std::vector<std::string>> Query::list(std::string_view name, std::size_t most) const {
  std::vector<std::string> out;
  const std::string* v = get(name);
  if (!v || v->empty()) return out;
  for (std::string_view part : split(*v, ',')) {
    if (out.size() == most)
      return fail(Error(Errc::invalid_argument, "request.too_many")
                      .with(karez::format("At most {} are allowed.", most))
                      .at(karez::format("?{}", name)));
    out.emplace_back(part);
  }
  return out;
}

}  // namespace karez::api
