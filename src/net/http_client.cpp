// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <charconv>

#include "base/format.h"
#include "base/text.h"

namespace karez::net {
namespace {

std::unexpected<Error> bad(std::string_view what) { return fail(Errc::protocol, "net.bad_response", what); }

template <class Int>
bool number(std::string_view text, Int& out, int base = 10) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return !text.empty() && ec == std::errc{} && end == text.data() + text.size();
}

/// Nothing: more bytes are needed.
Result<std::optional<std::string>> decode_chunks(std::string_view bytes) {
  std::string body;
  while (true) {
    const auto line = bytes.find("\r\n");
    if (line == std::string_view::npos) return std::nullopt;
    std::size_t size = 0;
    if (!number(trim(bytes.substr(0, std::min(line, bytes.find(';')))), size, 16) || size > kMaxResponseBytes)
      return bad("A chunk has no size.");
    bytes.remove_prefix(line + 2);
    if (size == 0) {
      // Trailers, then an empty line.
      while (true) {
        const auto end = bytes.find("\r\n");
        if (end == std::string_view::npos) return std::nullopt;
        if (end == 0) return body;
        bytes.remove_prefix(end + 2);
      }
    }
    if (bytes.size() < size + 2) return std::nullopt;
    if (bytes.substr(size, 2) != "\r\n") return bad("A chunk is longer than it says.");
    body.append(bytes.substr(0, size));
    bytes.remove_prefix(size + 2);
  }
}

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}

Result<HttpUrl> parse_url(std::string_view text) {
  const auto wrong = [&] {
    return fail(Error(Errc::invalid_argument, "net.bad_url")
                    .with(karez::format("'{}' is not an address of a server.", text.substr(0, 200)))
                    .cure("Write it as http://127.0.0.1:8080."));
  };
  HttpUrl url;
  if (text.starts_with("https://")) {
    url.tls = true;
    url.port = 443;
    text.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    text.remove_prefix(7);
  } else {
    return wrong();
  }
  if (text.ends_with('/')) text.remove_suffix(1);
  const auto colon = text.starts_with('[') ? text.find("]:") : text.rfind(':');
  std::string_view host = text;
  if (colon != std::string_view::npos) {
    const std::size_t skip = text.starts_with('[') ? 2 : 1;
    host = text.substr(0, colon + (skip == 2 ? 1 : 0));
    if (!number(text.substr(colon + skip), url.port)) return wrong();
  }
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host.empty() || host.find_first_of("/ ?#@") != std::string_view::npos) return wrong();
  url.host = host;
  return url;
}

Result<std::optional<HttpResponse>> parse_response(std::string_view bytes, bool ended) {
  const auto head_end = bytes.find("\r\n\r\n");
  if (head_end == std::string_view::npos) {
    if (ended || bytes.size() > 65'536) return bad("The answer has no end of its header.");
    return std::nullopt;
  }
  HttpResponse response;
  std::string_view head = bytes.substr(0, head_end);
  const std::string_view body = bytes.substr(head_end + 4);
  const auto first_end = std::min(head.find("\r\n"), head.size());
  const std::string_view status_line = head.substr(0, first_end);
  if (!status_line.starts_with("HTTP/1.") || status_line.size() < 12 ||
      !number(status_line.substr(9, 3), response.status))
    return bad("The answer is not HTTP.");
  head.remove_prefix(std::min(first_end + 2, head.size()));
  while (!head.empty()) {
    const auto end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(end + 2, head.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) return bad("A header line has no colon.");
    response.headers.emplace_back(to_lower(line.substr(0, colon)), trim(line.substr(colon + 1)));
  }
  if (response.status / 100 == 1 || response.status == 204 || response.status == 304) return response;
  if (to_lower(response.header("transfer-encoding")) == "chunked") {
    KZ_TRY(auto decoded, decode_chunks(body));
    if (!decoded) {
      if (ended) return bad("The answer ends in the middle.");
      return std::nullopt;
    }
    response.body = std::move(*decoded);
    return response;
  }
  if (const std::string_view length = response.header("content-length"); !length.empty()) {
    std::size_t size = 0;
    if (!number(length, size)) return bad("Content-Length is not a number.");
    if (size > kMaxResponseBytes) return fail(Errc::exhausted, "net.response_too_large");
    if (body.size() < size) {
      if (ended) return bad("The answer ends in the middle.");
      return std::nullopt;
    }
    response.body = body.substr(0, size);
    return response;
  }
  if (!ended) return std::nullopt;
  response.body = body;
  return response;
}

Task<Result<HttpResponse>> http_call(Loop& loop, HttpUrl url, HttpRequest request, Deadline deadline,
                                     std::stop_token stop) {
  std::unique_ptr<Stream> stream;
  if (url.tls) {
    KZ_CO_TRY(stream, co_await connect_tls(loop, url.host, url.port, {}, deadline, stop));
  } else {
    KZ_CO_TRY(stream, co_await connect_tcp(loop, url.host, url.port, deadline, stop));
  }
  std::string text = karez::format("{} {} HTTP/1.1\r\nHost: {}:{}\r\nConnection: close\r\n", request.method,
                                   request.target, url.host, url.port);
  for (const auto& [name, value] : request.headers) text.append(name).append(": ").append(value).append("\r\n");
  if (!request.body.empty() || request.method != "GET")
    text += karez::format("Content-Length: {}\r\n", request.body.size());
  text += "\r\n";
  text += request.body;
  KZ_CO_CHECK(co_await stream->write_all(as_bytes(text), deadline));

  std::string received;
  std::vector<std::byte> chunk(65'536);
  std::size_t asked = 0;  // parse again only when twice as much came, so that long answers stay linear
  while (true) {
    const auto n = co_await stream->read_some(chunk, deadline);
    const bool ended = !n && n.error().slug() == "net.closed";
    if (!n && !ended) co_return fail(Error(n.error()));
    if (n) received.append(as_text(std::span(chunk).first(*n)));
    if (received.size() > kMaxResponseBytes) co_return fail(Errc::exhausted, "net.response_too_large");
    if (!ended && received.size() < asked * 2 && asked > 1u << 20) continue;
    asked = received.size();
    KZ_CO_TRY(auto response, parse_response(received, ended));
    if (response) co_return std::move(*response);
  }
}

}  // namespace karez::net
