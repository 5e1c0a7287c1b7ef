// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/error.h"

namespace karez::connect::opcua {

/// A NodeId as people write it (OPC 10000-6, 5.3.1.10): "ns=2;s=Line.Temp", "i=2258",
/// "nsu=http://acme.com/ua;s=…", "ns=3;g=<guid>", "ns=1;b=<base64>". A namespace URI survives a
/// server that renumbers its namespaces; an index does not.
struct NodeAddress {
  enum class Kind : std::uint8_t { numeric, string, guid, bytes } kind = Kind::numeric;
  std::uint16_t ns = 0;
  std::string ns_uri;  ///< when not empty, `ns` is found in the server's NamespaceArray
  std::uint32_t number = 0;
  std::string text;  ///< string, GUID text, or base64

  std::string canonical() const;
};

/// Errors: opcua.bad_address; pointer is "/<column>" (from 1).
Result<NodeAddress> parse_address(std::string_view text);

}  // namespace karez::connect::opcua
