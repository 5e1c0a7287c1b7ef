// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/address.h"

#include <charconv>

#include "base/format.h"
#include "base/text.h"

namespace karez::connect::opcua {
namespace {

constexpr std::size_t kMaxLength = 4096;  // OPC 10000-3, 8.2.4: string identifiers have at most 4,096 characters

std::unexpected<Error> wrong(std::size_t column, std::string_view what) {
  return fail(Error(Errc::invalid_argument, "opcua.bad_address")
                  .with(what)
                  .at(karez::format("/{}", column + 1))
                  .cure("Write it as ns=2;s=Line.Temp, ns=2;i=1001 or nsu=http://example.com/ua;s=Line.Temp."));
}

bool is_guid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash != (text[i] == '-')) return false;
    if (!dash && !std::isxdigit(static_cast<unsigned char>(text[i]))) return false;
  }
  return true;
}

bool is_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0) return false;
  const auto end = text.find('=');
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (i >= end ? c != '=' || i + 2 < text.size()
                 : !std::isalnum(static_cast<unsigned char>(c)) && c != '+' && c != '/')
      return false;
  }
  return true;
}

template <class Int>
bool number(std::string_view text, Int& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return !text.empty() && ec == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Result<NodeAddress> parse_address(std::string_view text) {
  NodeAddress out;
  if (text.size() > kMaxLength || !is_utf8(text) || text.find('\0') != std::string_view::npos)
    return wrong(0, "A node id has at most 4,096 bytes of UTF-8.");
  std::size_t at = 0;
  if (text.starts_with("ns=")) {
    const auto end = text.find(';');
    if (end == std::string_view::npos || !number(text.substr(3, end - 3), out.ns))
      return wrong(3, "After ns= comes a namespace index from 0 to 65535 and a semicolon.");
    at = end + 1;
  } else if (text.starts_with("nsu=")) {
    const auto end = text.find(';');
    if (end == std::string_view::npos || end == 4)
      return wrong(4, "After nsu= comes a namespace URI (a semicolon in it written as %3B) and a semicolon.");
    out.ns_uri = text.substr(4, end - 4);
    at = end + 1;
  }
  if (text.size() < at + 2 || text[at + 1] != '=') return wrong(at, "Expected i=, s=, g= or b=.");
  const std::string_view id = text.substr(at + 2);
  switch (text[at]) {
    case 'i':
      if (!number(id, out.number)) return wrong(at + 2, "After i= comes a number from 0 to 4294967295.");
      return out;
    case 's':
      if (id.empty()) return wrong(at + 2, "The identifier after s= is empty.");
      out.kind = NodeAddress::Kind::string;
      out.text = id;
      return out;
    case 'g':
      if (!is_guid(id)) return wrong(at + 2, "After g= comes a GUID of 8-4-4-4-12 hex digits.");
      out.kind = NodeAddress::Kind::guid;
      out.text = to_lower(id);
      return out;
    case 'b':
      if (!is_base64(id)) return wrong(at + 2, "After b= comes base64.");
      out.kind = NodeAddress::Kind::bytes;
      out.text = id;
      return out;
    default: return wrong(at, "Expected i=, s=, g= or b=.");
  }
}

std::string NodeAddress::canonical() const {
  std::string out = !ns_uri.empty() ? karez::format("nsu={};", ns_uri) : ns != 0 ? karez::format("ns={};", ns) : "";
  switch (kind) {
    case Kind::numeric: return out + karez::format("i={}", number);
    case Kind::string: return out + "s=" + text;
    case Kind::guid: return out + "g=" + text;
    case Kind::bytes: return out + "b=" + text;
  }
  return out;
}

}  // namespace karez::connect::opcua
