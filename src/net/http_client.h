// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "net/stream.h"

namespace karez::net {

/// A small HTTP/1.1 client (RFC 9112): one request a connection, answers with a length, chunked, or
/// until close; bounded.
struct HttpRequest {
  std::string method = "GET";
  std::string target = "/";  ///< path and query
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};
struct HttpResponse {
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  ///< names in lower case
  std::string body;
  /// Value of the first header of that (lower-case) name, or "".
  std::string_view header(std::string_view name) const;
};
struct HttpUrl {
  bool tls = false;
  std::string host;
  std::uint16_t port = 80;
};
/// "http://127.0.0.1:8080"; a path is not allowed. Errors: net.bad_url.
Result<HttpUrl> parse_url(std::string_view text);

constexpr std::size_t kMaxResponseBytes = 256u << 20;

/// Errors: those of connect and read, net.bad_response, net.response_too_large.
Task<Result<HttpResponse>> http_call(Loop& loop, HttpUrl url, HttpRequest request, Deadline deadline,
                                     std::stop_token stop);
/// What http_call decodes, without a connection; `ended` says that the other side closed. Nothing when
/// more bytes are needed. Pure, for tests and the fuzzer.
Result<std::optional<HttpResponse>> parse_response(std::string_view bytes, bool ended);

}  // namespace karez::net
