// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <arpa/inet.h>
#include <open62541/server.h>
#include <open62541/server_config_default.h>
#include <sys/socket.h>
#include <unistd.h>

#include <mutex>
#include <thread>

#include "base/format.h"
#include "connect/opcua/ua.h"

namespace karez::connect::opcua {

/// An OPC UA server with variables "ns=1;s=…" for tests of the session; the library's own, so it proves
/// what we do with it and not the protocol.
/// Thread: any.
class FakeServer {
 public:
  struct Options {
    std::uint32_t items_per_call = 0;  ///< 0: no limit
    bool tells_limit = true;
    std::string calls_itself = {};  ///< the URL it names to clients; empty: its endpoint
  };
  FakeServer() : FakeServer(Options{}) {}
  explicit FakeServer(Options options) : options_(options), port_(free_port()) { start(); }
  ~FakeServer() { stop(); }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::string endpoint() const { return karez::format("opc.tcp://127.0.0.1:{}", port_); }

  /// With no variables, at the same address.
  void start() {
    UA_ServerConfig config{};
    static const UA_Logger kQuiet{.log = [](auto...) {}, .context = nullptr, .clear = nullptr};
    config.logging = const_cast<UA_Logger*>(&kQuiet);
    KZ_ASSERT(UA_ServerConfig_setMinimal(&config, port_, nullptr) == UA_STATUSCODE_GOOD);
    UA_String_clear(&config.serverUrls[0]);
    config.serverUrls[0] = UA_STRING_ALLOC(endpoint().c_str());
    config.maxMonitoredItemsPerCall = options_.items_per_call;
    server_ = UA_Server_newWithConfig(&config);
    KZ_ASSERT(server_ != nullptr && UA_Server_run_startup(server_) == UA_STATUSCODE_GOOD);
    if (!options_.calls_itself.empty()) {
      UA_ApplicationDescription& said = UA_Server_getConfig(server_)->applicationDescription;
      for (std::size_t i = 0; i < said.discoveryUrlsSize; ++i) {
        UA_String_clear(&said.discoveryUrls[i]);
        said.discoveryUrls[i] = UA_STRING_ALLOC(options_.calls_itself.c_str());
      }
    }
    if (!options_.tells_limit) {
      const auto node =
          UA_NODEID_NUMERIC(0, UA_NS0ID_SERVER_SERVERCAPABILITIES_OPERATIONLIMITS_MAXMONITOREDITEMSPERCALL);
      KZ_ASSERT(UA_Server_deleteNode(server_, node, true) == UA_STATUSCODE_GOOD);
    }
    thread_ = std::jthread([this](std::stop_token stop) {
      while (!stop.stop_requested()) {
        {
          const std::lock_guard lock(mutex_);
          UA_Server_run_iterate(server_, false);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }
  /// Takes the variables with it.
  void stop() {
    if (server_ == nullptr) return;
    thread_.request_stop();
    thread_.join();
    UA_Server_run_shutdown(server_);
    UA_Server_delete(server_);
    server_ = nullptr;
  }
  /// Neither answers nor hangs up while this lives.
  [[nodiscard]] std::unique_lock<std::mutex> freeze() { return std::unique_lock(mutex_); }

  template <class T>
  void add(const char* name, T value, const UA_DataType* type, Timestamp time) {
    UA_VariableAttributes attributes = UA_VariableAttributes_default;
    UA_Variant_setScalar(&attributes.value, &value, type);
    attributes.dataType = type->typeId;
    attributes.valueRank = UA_VALUERANK_SCALAR;
    attributes.accessLevel = UA_ACCESSLEVELMASK_READ | UA_ACCESSLEVELMASK_WRITE;
    {
      const std::lock_guard lock(mutex_);
      KZ_ASSERT(UA_Server_addVariableNode(server_, id(name), UA_NODEID_NUMERIC(0, UA_NS0ID_OBJECTSFOLDER),
                                          UA_NODEID_NUMERIC(0, UA_NS0ID_ORGANIZES), {1, borrow(name)},
                                          UA_NODEID_NUMERIC(0, UA_NS0ID_BASEDATAVARIABLETYPE), attributes, nullptr,
                                          nullptr) == UA_STATUSCODE_GOOD);
    }
    set(name, value, type, date_time(time));
  }
  void add(const char* name, double value, Timestamp time) { add(name, value, &UA_TYPES[UA_TYPES_DOUBLE], time); }
  template <class T>
  void set(const char* name, T value, const UA_DataType* type, UA_DateTime source_time) {
    UA_DataValue data;
    UA_DataValue_init(&data);
    data.hasValue = data.hasSourceTimestamp = true;
    data.sourceTimestamp = source_time;
    UA_Variant_setScalar(&data.value, &value, type);
    const std::lock_guard lock(mutex_);
    KZ_ASSERT(UA_Server_writeDataValue(server_, id(name), data) == UA_STATUSCODE_GOOD);
  }
  void set(const char* name, double value, Timestamp time) {
    set(name, value, &UA_TYPES[UA_TYPES_DOUBLE], date_time(time));
  }
  UA_DateTime source_time(const char* name) {
    UA_ReadValueId what;
    UA_ReadValueId_init(&what);
    what.nodeId = id(name);
    what.attributeId = UA_ATTRIBUTEID_VALUE;
    const std::lock_guard lock(mutex_);
    Owned<UA_DataValue> value(UA_Server_read(server_, &what, UA_TIMESTAMPSTORETURN_SOURCE),
                              UA_TYPES[UA_TYPES_DATAVALUE]);
    return value->sourceTimestamp;
  }
  template <class T>
  T get(const char* name) {
    Owned<UA_Variant> value(UA_TYPES[UA_TYPES_VARIANT]);
    const std::lock_guard lock(mutex_);
    KZ_ASSERT(UA_Server_readValue(server_, id(name), &*value) == UA_STATUSCODE_GOOD);
    return *static_cast<const T*>(value->data);
  }

 private:
  static std::uint16_t free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{.sin_family = AF_INET, .sin_port = 0, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_zero = {}};
    socklen_t size = sizeof address;
    KZ_ASSERT(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);
    KZ_ASSERT(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) == 0);
    ::close(fd);
    return ntohs(address.sin_port);
  }
  static UA_NodeId id(const char* name) { return UA_NODEID_STRING(1, const_cast<char*>(name)); }
  static UA_DateTime date_time(Timestamp t) { return to_ns(t) / 100 + UA_DATETIME_UNIX_EPOCH; }

  Options options_;
  std::uint16_t port_;
  UA_Server* server_ = nullptr;
  std::mutex mutex_;
  std::jthread thread_;
};

}  // namespace karez::connect::opcua
