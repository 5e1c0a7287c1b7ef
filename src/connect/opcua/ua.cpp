// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/ua.h"

#include <cmath>
#include <limits>
#include <utility>

#include "base/format.h"
#include "base/text.h"
#include "connect/value_text.h"

namespace karez::connect::opcua {

Timestamp time_of(UA_DateTime t) noexcept {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 100;
  const std::int64_t since_1970 = t - UA_DATETIME_UNIX_EPOCH;
  return from_ns(std::clamp(since_1970, -kMax, kMax) * 100);
}

Result<UA_NodeId> node_id(const NodeAddress& address, const std::vector<std::string>& namespaces) {
  std::size_t ns = address.ns;
  if (!address.ns_uri.empty()) {
    ns = static_cast<std::size_t>(std::ranges::find(namespaces, address.ns_uri) - namespaces.begin());
    if (ns >= namespaces.size())
      return fail(Error(Errc::not_found, "opcua.unknown_namespace")
                      .with(karez::format("The server has no namespace '{}'.", address.ns_uri))
                      .cure("Browse the server and choose the node again."));
  }
  NodeAddress plain = address;
  plain.ns_uri.clear();
  plain.ns = static_cast<std::uint16_t>(ns);
  const std::string text = plain.canonical();
  UA_NodeId id;
  if (UA_NodeId_parse(&id, borrow(text)) != UA_STATUSCODE_GOOD)
    return fail(Errc::invalid_argument, "opcua.bad_address", karez::format("'{}' is not a node id.", text));
  return id;
}

std::string node_text(const UA_NodeId& id) {
  UA_String printed = UA_STRING_NULL;
  if (UA_NodeId_print(&id, &printed) != UA_STATUSCODE_GOOD) return {};
  std::string out(view(printed));
  UA_String_clear(&printed);
  return out;
}

Result<std::vector<std::string>> read_namespaces(UA_Client* client) {
  Owned<UA_Variant> value(UA_TYPES[UA_TYPES_VARIANT]);
  const auto status =
      UA_Client_readValueAttribute(client, UA_NODEID_NUMERIC(0, UA_NS0ID_SERVER_NAMESPACEARRAY), &*value);
  if (status != UA_STATUSCODE_GOOD) return fail(error_of(status, "NamespaceArray"));
  std::vector<std::string> namespaces;
  if (value->type != &UA_TYPES[UA_TYPES_STRING]) return namespaces;
  const auto* names = static_cast<const UA_String*>(value->data);
  for (std::size_t i = 0; i < value->arrayLength && i < 65'536; ++i) namespaces.emplace_back(view(names[i]));
  return namespaces;
}

model::ValueType value_type(const UA_DataType* type) noexcept {
  if (type == nullptr) return model::ValueType::none;
  switch (type->typeKind) {
    case UA_DATATYPEKIND_BOOLEAN: return model::ValueType::boolean;
    case UA_DATATYPEKIND_SBYTE:
    case UA_DATATYPEKIND_BYTE:
    case UA_DATATYPEKIND_INT16:
    case UA_DATATYPEKIND_UINT16:
    case UA_DATATYPEKIND_INT32:
    case UA_DATATYPEKIND_UINT32:
    case UA_DATATYPEKIND_INT64:
    case UA_DATATYPEKIND_UINT64:
    case UA_DATATYPEKIND_ENUM:
    case UA_DATATYPEKIND_STATUSCODE: return model::ValueType::int64;
    case UA_DATATYPEKIND_FLOAT:
    case UA_DATATYPEKIND_DOUBLE: return model::ValueType::float64;
    case UA_DATATYPEKIND_STRING:
    case UA_DATATYPEKIND_LOCALIZEDTEXT:
    case UA_DATATYPEKIND_DATETIME:
    case UA_DATATYPEKIND_GUID: return model::ValueType::text;
    default: return model::ValueType::none;
  }
}

bool read_scalar(const UA_Variant& variant, RawValue& out, std::string& text) {
  if (!UA_Variant_isScalar(&variant)) return false;
  const void* data = variant.data;
  const auto integer = [&]<class T>(T) {
    out = RawValue::of(static_cast<std::int64_t>(*static_cast<const T*>(data)));
    return true;
  };
  const auto string = [&](const UA_String& s) {
    if (!is_utf8(view(s)) || s.length > model::SampleBatch::kMaxText) return false;
    out = RawValue::of(view(s));
    return true;
  };
  switch (variant.type->typeKind) {
    case UA_DATATYPEKIND_BOOLEAN: out = RawValue::of(*static_cast<const UA_Boolean*>(data)); return true;
    case UA_DATATYPEKIND_SBYTE: return integer(UA_SByte{});
    case UA_DATATYPEKIND_BYTE: return integer(UA_Byte{});
    case UA_DATATYPEKIND_INT16: return integer(UA_Int16{});
    case UA_DATATYPEKIND_UINT16: return integer(UA_UInt16{});
    case UA_DATATYPEKIND_ENUM:
    case UA_DATATYPEKIND_INT32: return integer(UA_Int32{});
    case UA_DATATYPEKIND_STATUSCODE:
    case UA_DATATYPEKIND_UINT32: return integer(UA_UInt32{});
    case UA_DATATYPEKIND_INT64: return integer(UA_Int64{});
    case UA_DATATYPEKIND_UINT64:
      if (*static_cast<const UA_UInt64*>(data) > static_cast<UA_UInt64>(INT64_MAX)) return false;
      return integer(UA_UInt64{});
    case UA_DATATYPEKIND_FLOAT:
      out = RawValue::of(static_cast<double>(*static_cast<const UA_Float*>(data)));
      return true;
    case UA_DATATYPEKIND_DOUBLE: out = RawValue::of(*static_cast<const UA_Double*>(data)); return true;
    case UA_DATATYPEKIND_STRING: return string(*static_cast<const UA_String*>(data));
    case UA_DATATYPEKIND_LOCALIZEDTEXT: return string(static_cast<const UA_LocalizedText*>(data)->text);
    case UA_DATATYPEKIND_DATETIME:
      text = to_rfc3339(time_of(*static_cast<const UA_DateTime*>(data)));
      out = RawValue::of(std::string_view(text));
      return true;
    case UA_DATATYPEKIND_GUID: {
      UA_String printed = UA_STRING_NULL;
      if (UA_Guid_print(static_cast<const UA_Guid*>(data), &printed) != UA_STATUSCODE_GOOD) return false;
      text = view(printed);
      UA_String_clear(&printed);
      out = RawValue::of(std::string_view(text));
      return true;
    }
    default: return false;
  }
}

std::string value_text(const UA_DataValue& value) {
  if (!value.hasValue || value.value.type == nullptr) return {};
  RawValue raw;
  std::string text;
  if (!read_scalar(value.value, raw, text)) {
    if (UA_Variant_isScalar(&value.value)) return value.value.type->typeName;
    return karez::format("{}[{}]", value.value.type->typeName, value.value.arrayLength);
  }
  if (raw.type != model::ValueType::text) return connect::value_text(raw);
  std::size_t length = 0;  // cut between characters
  for (std::size_t n = 0; length < raw.text.size() && length + (n = utf8_character(raw.text.substr(length))) <= 200;)
    length += n;
  return std::string(raw.text.substr(0, length));
}

namespace {

Result<> put(const UA_DataType* type, const void* value, UA_Variant& out) {
  if (UA_Variant_setScalarCopy(&out, value, type) != UA_STATUSCODE_GOOD) return fail(Errc::exhausted, "opcua.memory");
  return {};
}

template <class T>
std::unexpected<Error> out_of_range(const UA_DataType* type, const std::string& value) {
  return fail(Errc::invalid_argument, "opcua.out_of_range",
              karez::format("{} is outside {} to {}, the range of {}.", value, std::numeric_limits<T>::lowest(),
                            std::numeric_limits<T>::max(), type->typeName));
}

template <class T>
Result<> put_integer(const UA_DataType* type, const RawValue& value, UA_Variant& out) {
  if (value.type != model::ValueType::float64) {
    const std::int64_t exact = model::as_int64(value.bits);
    if (!std::in_range<T>(exact)) return out_of_range<T>(type, std::to_string(exact));
    const T whole = static_cast<T>(exact);
    return put(type, &whole, out);
  }
  const double number = model::as_double(value.bits), whole = std::round(number);
  // The upper limit of 64-bit types is not a double; what rounds to it does not fit.
  const double high = static_cast<double>(std::numeric_limits<T>::max());
  const bool fits = sizeof(T) == 8 ? whole < high : whole <= high;
  if (!std::isfinite(number) || whole < static_cast<double>(std::numeric_limits<T>::min()) || !fits)
    return out_of_range<T>(type, karez::format("{}", number));
  const T narrow = static_cast<T>(whole);
  return put(type, &narrow, out);
}

Result<> put_float(const UA_DataType* type, double number, UA_Variant& out) {
  const auto narrow = static_cast<UA_Float>(number);
  if (std::isinf(narrow) && !std::isinf(number)) return out_of_range<UA_Float>(type, karez::format("{}", number));
  return put(type, &narrow, out);
}

}  // namespace

Result<> make_scalar(const UA_DataType* type, const RawValue& value, UA_Variant& out) {
  const model::ValueType wanted = value_type(type);
  if (wanted != model::ValueType::none && (wanted == model::ValueType::text) != (value.type == model::ValueType::text))
    return fail(
        Error(Errc::invalid_argument, "opcua.type_mismatch")
            .with(karez::format("The node holds {}, which is no {}.", type->typeName, model::to_string(value.type))));
  const double number = model::numeric(value.type, value.bits);
  switch (type->typeKind) {
    case UA_DATATYPEKIND_BOOLEAN: {
      const UA_Boolean b = number != 0;
      return put(type, &b, out);
    }
    case UA_DATATYPEKIND_SBYTE: return put_integer<UA_SByte>(type, value, out);
    case UA_DATATYPEKIND_BYTE: return put_integer<UA_Byte>(type, value, out);
    case UA_DATATYPEKIND_INT16: return put_integer<UA_Int16>(type, value, out);
    case UA_DATATYPEKIND_UINT16: return put_integer<UA_UInt16>(type, value, out);
    case UA_DATATYPEKIND_ENUM:
    case UA_DATATYPEKIND_INT32: return put_integer<UA_Int32>(type, value, out);
    case UA_DATATYPEKIND_UINT32: return put_integer<UA_UInt32>(type, value, out);
    case UA_DATATYPEKIND_INT64: return put_integer<UA_Int64>(type, value, out);
    case UA_DATATYPEKIND_UINT64: return put_integer<UA_UInt64>(type, value, out);
    case UA_DATATYPEKIND_FLOAT: return put_float(type, number, out);
    case UA_DATATYPEKIND_DOUBLE: return put(type, &number, out);
    case UA_DATATYPEKIND_STRING: {
      const UA_String s = borrow(value.text);
      return put(type, &s, out);
    }
    default:
      return fail(Errc::unsupported, "opcua.not_writable_type",
                  karez::format("Values of type {} cannot be written.", type->typeName));
  }
}

Error error_of(UA_StatusCode status, std::string_view where) {
  const auto make = [&](Errc code, const char* slug, std::string_view cure) {
    return Error(code, slug).with(karez::format("{}: {}", where, UA_StatusCode_name(status))).cure(cure);
  };
  switch (status) {
    case UA_STATUSCODE_BADTIMEOUT:
      return make(Errc::timeout, "opcua.timeout", "Check address, port and firewall, then test again.");
    case UA_STATUSCODE_BADCONNECTIONREJECTED:
    case UA_STATUSCODE_BADCONNECTIONCLOSED:
    case UA_STATUSCODE_BADDISCONNECT:
    case UA_STATUSCODE_BADNOTCONNECTED:
    case UA_STATUSCODE_BADCOMMUNICATIONERROR:
    case UA_STATUSCODE_BADSERVERHALTED:
    case UA_STATUSCODE_BADSHUTDOWN:
    case UA_STATUSCODE_BADSERVERNOTCONNECTED:
      return make(Errc::unavailable, "opcua.unreachable",
                  "Check address and port, the network, and that the OPC UA server runs.");
    case UA_STATUSCODE_BADSECURECHANNELCLOSED:
    case UA_STATUSCODE_BADSECURECHANNELIDINVALID:
    case UA_STATUSCODE_BADSESSIONCLOSED:
    case UA_STATUSCODE_BADSESSIONIDINVALID:
    case UA_STATUSCODE_BADSESSIONNOTACTIVATED:
      return make(Errc::unavailable, "opcua.unreachable",
                  "The server ended the connection. If it does so again, look into its own log.");
    case UA_STATUSCODE_BADIDENTITYTOKENREJECTED:
    case UA_STATUSCODE_BADIDENTITYTOKENINVALID:
    case UA_STATUSCODE_BADUSERACCESSDENIED:
      return make(Errc::denied, "opcua.denied", "Check user and password, and this user's rights in the server.");
    case UA_STATUSCODE_BADSECURITYPOLICYREJECTED:
    case UA_STATUSCODE_BADSECURITYMODEREJECTED:
      return make(Errc::unsupported, "opcua.security",
                  "The server offers no endpoint without message security; allow the policy None for this client.");
    case UA_STATUSCODE_BADNODEIDUNKNOWN:
    case UA_STATUSCODE_BADNODEIDINVALID:
      return make(Errc::not_found, "opcua.node_unknown", "Browse the server and choose the node again.");
    case UA_STATUSCODE_BADNOTWRITABLE:
      return make(Errc::denied, "opcua.not_writable", "The server does not allow writing this node.");
    case UA_STATUSCODE_BADTYPEMISMATCH:
      return make(Errc::invalid_argument, "opcua.type_mismatch", "The node has another data type.");
    default: return make(Errc::protocol, "opcua.status", "");
  }
}

}  // namespace karez::connect::opcua
