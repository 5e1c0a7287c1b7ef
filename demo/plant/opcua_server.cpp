// SPDX-License-Identifier: Apache-2.0
#include "plant/opcua_server.h"

#include <cstdio>

#include <open62541/server.h>
#include <open62541/server_config_default.h>

#include "base/format.h"
#include "model/unit.h"
#include "plant/opcua_space.h"

namespace karez::plant {
namespace {

constexpr const char* kNamespace = "urn:karez:demo-plant";

UA_String borrow(std::string_view text) {
  return {text.size(), reinterpret_cast<UA_Byte*>(const_cast<char*>(text.data()))};
}
UA_LocalizedText localized(std::string_view text) { return {UA_STRING_NULL, borrow(text)}; }

// Only what goes wrong: standard output belongs to the ready line.
void log_line(void*, UA_LogLevel level, UA_LogCategory, const char* text, va_list arguments) {
  if (level < UA_LOGLEVEL_ERROR) return;
  std::vfprintf(stderr, text, arguments);
  std::fputc('\n', stderr);
}

/// Codes of UNECE Recommendation 20, as OPC 10000-8 5.6.3 makes numbers of them.
std::int32_t unit_number(std::string_view ucum) {
  constexpr std::pair<std::string_view, std::string_view> kCodes[] = {
      {"[degR]", "A48"}, {"[psi]", "PS"}, {"/min", "RPM"}, {"1", "C62"}, {"Cel", "CEL"},
      {"%", "P1"},       {"N.m", "NU"},   {"A", "AMP"},    {"s", "SEC"}, {"L/min", "L2"}};
  for (const auto& [code, common] : kCodes) {
    if (code != ucum) continue;
    std::int32_t number = 0;
    for (const char c : common) number = number << 8 | c;
    return number;
  }
  return -1;
}

/// A variant that points into `value`.
UA_Variant variant_of(const Value& value, UA_String& text) {
  UA_Variant out;
  UA_Variant_init(&out);
  const auto set = [&out](const void* data, std::size_t type) {
    UA_Variant_setScalar(&out, const_cast<void*>(data), &UA_TYPES[type]);
  };
  if (const auto* d = std::get_if<double>(&value)) set(d, UA_TYPES_DOUBLE);
  if (const auto* i = std::get_if<std::int64_t>(&value)) set(i, UA_TYPES_INT64);
  if (const auto* b = std::get_if<bool>(&value)) set(b, UA_TYPES_BOOLEAN);
  if (const auto* s = std::get_if<std::string>(&value)) {
    text = borrow(*s);
    set(&text, UA_TYPES_STRING);
  }
  return out;
}

UA_DateTime date_time(Timestamp t) { return to_ns(t) / 100 + UA_DATETIME_UNIX_EPOCH; }

}  // namespace

struct OpcUaServer::Impl {
  UA_Logger logger{.log = log_line, .context = nullptr, .clear = nullptr};
  UA_Server* server = nullptr;
  UA_UInt16 ns = 0;
  std::vector<SpaceNode> nodes;
  std::vector<Value> shown;  // by node

  ~Impl() {
    if (!server) return;
    UA_Server_run_shutdown(server);
    UA_Server_delete(server);
  }

  UA_NodeId id(std::string_view path) const {
    UA_NodeId out;
    UA_NodeId_init(&out);
    out.namespaceIndex = ns;
    out.identifierType = UA_NODEIDTYPE_STRING;
    out.identifier.string = borrow(path);
    return out;
  }

  UA_StatusCode add_group(const SpaceNode& node, const UA_NodeId& parent, bool top) {
    UA_ObjectAttributes attributes = UA_ObjectAttributes_default;
    attributes.displayName = localized(node.name);
    attributes.description = localized(node.description);
    const UA_UInt32 type = node.kind == SpaceNode::Kind::folder ? UA_NS0ID_FOLDERTYPE : UA_NS0ID_BASEOBJECTTYPE;
    return UA_Server_addObjectNode(
        server, id(node.path), parent, UA_NODEID_NUMERIC(0, top ? UA_NS0ID_ORGANIZES : UA_NS0ID_HASCOMPONENT),
        UA_QualifiedName{ns, borrow(node.name)}, UA_NODEID_NUMERIC(0, type), attributes, nullptr, nullptr);
  }

  UA_StatusCode add_variable(const SpaceNode& node, const UA_NodeId& parent, const Plant& plant) {
    const bool property = node.kind == SpaceNode::Kind::property;
    const Value value = node.read(plant);
    UA_String text;
    UA_VariableAttributes attributes = UA_VariableAttributes_default;
    attributes.displayName = localized(node.name);
    attributes.description = localized(node.description);
    attributes.value = variant_of(value, text);
    attributes.dataType = attributes.value.type->typeId;
    attributes.valueRank = UA_VALUERANK_SCALAR;
    attributes.accessLevel =
        static_cast<UA_Byte>(UA_ACCESSLEVELMASK_READ | (node.write ? UA_ACCESSLEVELMASK_WRITE : 0));
    attributes.minimumSamplingInterval = 100;
    const UA_UInt32 type = property     ? UA_NS0ID_PROPERTYTYPE
                           : node.range ? UA_NS0ID_ANALOGITEMTYPE
                                        : UA_NS0ID_BASEDATAVARIABLETYPE;
    const UA_StatusCode done = UA_Server_addVariableNode(
        server, id(node.path), parent, UA_NODEID_NUMERIC(0, property ? UA_NS0ID_HASPROPERTY : UA_NS0ID_HASCOMPONENT),
        UA_QualifiedName{ns, borrow(node.name)}, UA_NODEID_NUMERIC(0, type), attributes, nullptr, nullptr);
    if (done != UA_STATUSCODE_GOOD || property) return done;
    if (node.range) {
      UA_Range range{node.range->first, node.range->second};
      UA_Variant v;
      UA_Variant_setScalar(&v, &range, &UA_TYPES[UA_TYPES_RANGE]);
      (void)UA_Server_writeObjectProperty(server, id(node.path), UA_QUALIFIEDNAME(0, const_cast<char*>("EURange")),
                                          v);  // optional ornament
    }
    return node.unit.empty() ? done : add_unit(node);
  }

  UA_StatusCode add_unit(const SpaceNode& node) {
    const std::string symbol = node.unit == "/min" ? "rpm" : node.unit == "1" ? "" : model::unit_symbol(node.unit);
    if (symbol.empty()) return UA_STATUSCODE_GOOD;
    UA_EUInformation unit;
    UA_EUInformation_init(&unit);
    unit.namespaceUri = UA_STRING(const_cast<char*>("http://www.opcfoundation.org/UA/units/un/cefact"));
    unit.unitId = unit_number(node.unit);
    unit.displayName = localized(symbol);
    unit.description = localized(node.unit);
    UA_VariableAttributes attributes = UA_VariableAttributes_default;
    attributes.displayName = localized("EngineeringUnits");
    UA_Variant_setScalar(&attributes.value, &unit, &UA_TYPES[UA_TYPES_EUINFORMATION]);
    attributes.dataType = UA_TYPES[UA_TYPES_EUINFORMATION].typeId;
    attributes.valueRank = UA_VALUERANK_SCALAR;
    const std::string path = node.path + ".EngineeringUnits";
    return UA_Server_addVariableNode(server, id(path), id(node.path), UA_NODEID_NUMERIC(0, UA_NS0ID_HASPROPERTY),
                                     UA_QUALIFIEDNAME(0, const_cast<char*>("EngineeringUnits")),
                                     UA_NODEID_NUMERIC(0, UA_NS0ID_PROPERTYTYPE), attributes, nullptr, nullptr);
  }

  Result<> add_nodes(const Plant& plant) {
    nodes = make_space(plant);
    shown.resize(nodes.size());
    for (const SpaceNode& node : nodes) {
      const auto dot = node.path.rfind('.');
      const bool top = dot == std::string::npos;
      const std::string above = top ? "" : node.path.substr(0, dot);
      const UA_NodeId parent = top ? UA_NODEID_NUMERIC(0, UA_NS0ID_OBJECTSFOLDER) : id(above);
      const UA_StatusCode done = node.read ? add_variable(node, parent, plant) : add_group(node, parent, top);
      if (done != UA_STATUSCODE_GOOD)
        return fail(Errc::internal, "plant.address_space",
                    karez::format("{}: {}", node.path, UA_StatusCode_name(done)));
    }
    return {};
  }

  /// A set-point that no longer is what we showed was written by a client.
  void take_writes(Plant& plant) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (!nodes[i].write || !std::holds_alternative<double>(shown[i])) continue;
      UA_Variant now;
      UA_Variant_init(&now);
      if (UA_Server_readValue(server, id(nodes[i].path), &now) != UA_STATUSCODE_GOOD) continue;
      if (UA_Variant_hasScalarType(&now, &UA_TYPES[UA_TYPES_DOUBLE])) {
        const double value = *static_cast<double*>(now.data);
        if (value != std::get<double>(shown[i])) nodes[i].write(plant, value);
      }
      UA_Variant_clear(&now);
    }
  }
};

OpcUaServer::OpcUaServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
OpcUaServer::~OpcUaServer() = default;

Result<std::unique_ptr<OpcUaServer>> OpcUaServer::open(std::uint16_t port, const Plant& plant) {
  auto impl = std::make_unique<Impl>();
  UA_ServerConfig config{};
  config.logging = &impl->logger;
  UA_StatusCode done = UA_ServerConfig_setMinimal(&config, port, nullptr);
  if (done == UA_STATUSCODE_GOOD) {
    // Loopback only.
    UA_Array_delete(config.serverUrls, config.serverUrlsSize, &UA_TYPES[UA_TYPES_STRING]);
    config.serverUrls = static_cast<UA_String*>(UA_Array_new(1, &UA_TYPES[UA_TYPES_STRING]));
    config.serverUrlsSize = 1;
    config.serverUrls[0] = UA_STRING_ALLOC(karez::format("opc.tcp://127.0.0.1:{}", port).c_str());
    UA_String_clear(&config.applicationDescription.applicationUri);
    config.applicationDescription.applicationUri = UA_STRING_ALLOC("urn:karez:demo-plant:server");
    UA_LocalizedText_clear(&config.applicationDescription.applicationName);
    config.applicationDescription.applicationName = UA_LOCALIZEDTEXT_ALLOC("", "Karez demo plant");
    impl->server = UA_Server_newWithConfig(&config);
  }
  if (!impl->server) return fail(Errc::unavailable, "plant.cannot_listen", "The OPC UA server does not start.");
  impl->ns = UA_Server_addNamespace(impl->server, kNamespace);
  KZ_CHECK(impl->add_nodes(plant));
  done = UA_Server_run_startup(impl->server);
  if (done != UA_STATUSCODE_GOOD)
    return fail(Errc::unavailable, "plant.cannot_listen",
                karez::format("OPC UA cannot listen on 127.0.0.1:{}: {}.", port, UA_StatusCode_name(done)));
  return std::unique_ptr<OpcUaServer>(new OpcUaServer(std::move(impl)));
}

void OpcUaServer::show(Plant& plant, Timestamp now) {
  impl_->take_writes(plant);
  for (std::size_t i = 0; i < impl_->nodes.size(); ++i) {
    const SpaceNode& node = impl_->nodes[i];
    if (node.kind != SpaceNode::Kind::variable) continue;
    impl_->shown[i] = node.read(plant);
    UA_String text;
    UA_DataValue value;
    UA_DataValue_init(&value);
    value.value = variant_of(impl_->shown[i], text);
    value.hasValue = true;
    value.sourceTimestamp = date_time(now);
    value.hasSourceTimestamp = true;
    if (const std::uint16_t code = node.status ? node.status(plant.second()) : 0; code != 0) {
      value.status = static_cast<UA_StatusCode>(code) << 16;
      value.hasStatus = true;
    }
    (void)UA_Server_writeDataValue(impl_->server, impl_->id(node.path),
                                   value);  // the node exists; nothing else can fail
  }
}

void OpcUaServer::serve() {
  (void)UA_Server_run_iterate(impl_->server, false);
}  // returns when it wants to be called again

}  // namespace karez::plant
