// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <open62541/client.h>
#include <open62541/client_config_default.h>
#include <open62541/client_highlevel.h>
#include <open62541/client_subscriptions.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/time.h"
#include "connect/opcua/address.h"
#include "connect/point_map.h"
#include "model/batch.h"
#include "model/sample.h"

/// Between open62541's types and ours. Private to this folder.
namespace karez::connect::opcua {

/// Owns any UA_ value and clears it.
template <class T>
class Owned {
 public:
  explicit Owned(const UA_DataType& type) noexcept : type_(&type) { UA_init(&value_, type_); }
  Owned(T value, const UA_DataType& type) noexcept : value_(value), type_(&type) {}
  ~Owned() { UA_clear(&value_, type_); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;
  T& operator*() noexcept { return value_; }
  T* operator->() noexcept { return &value_; }

 private:
  T value_;
  const UA_DataType* type_;
};

inline std::string_view view(const UA_String& s) noexcept { return {reinterpret_cast<const char*>(s.data), s.length}; }
/// A borrowed view; never cleared.
inline UA_String borrow(std::string_view s) noexcept {
  return {s.size(), reinterpret_cast<UA_Byte*>(const_cast<char*>(s.data()))};
}

/// Quality code of a status: its upper 16 bits without the info bits.
inline model::Quality quality_of(UA_StatusCode status) noexcept { return {static_cast<std::uint16_t>(status >> 16)}; }
/// Limit and overflow bits: the server's queue overflowed, values were lost.
inline bool overflowed(UA_StatusCode status) noexcept {
  return (status & 0x0c00u) == 0x0400u && (status & 0x0080u) != 0;
}

/// 100 ns since 1601 to ours; clamped to what int64 ns can hold.
Timestamp time_of(UA_DateTime t) noexcept;

/// The NodeId of an address; namespace URIs are looked up in `namespaces`. The result is cleared by the
/// caller (UA_NodeId_clear). Errors: opcua.unknown_namespace.
Result<UA_NodeId> node_id(const NodeAddress& address, const std::vector<std::string>& namespaces);
std::string node_text(const UA_NodeId& id);
/// The server's namespace array. Errors: those of the read.
Result<std::vector<std::string>> read_namespaces(UA_Client* client);

/// Our type for a scalar of this UA type; none for what has no counterpart here.
model::ValueType value_type(const UA_DataType* type) noexcept;
/// Reads a scalar. `text` keeps texts alive that have to be made. False: no counterpart (array,
/// structure, UInt64 beyond int64).
bool read_scalar(const UA_Variant& variant, RawValue& out, std::string& text);
/// The value as people read it, shortened to 200 bytes.
std::string value_text(const UA_DataValue& value);
/// A scalar of UA type `type`, checked against its range; an int64 keeps all its digits where the type
/// has them. The caller clears `out`. Errors: opcua.out_of_range, opcua.type_mismatch (text for a number
/// or the reverse), opcua.not_writable_type.
Result<> make_scalar(const UA_DataType* type, const RawValue& value, UA_Variant& out);

/// A status as an error that says where it happened and how to mend it.
Error error_of(UA_StatusCode status, std::string_view where);

}  // namespace karez::connect::opcua
