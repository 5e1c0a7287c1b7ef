// SPDX-License-Identifier: Apache-2.0
#include "server/demo_import.h"

#include <gtest/gtest.h>

#include "base/json.h"
#include "stores/open.h"

namespace karez::server {
namespace {

constexpr std::string_view kPlant = R"({
  "enterprise": {"name": "Demo", "industry": "C1522", "region": "350100"},
  "equipment": [{"key": "site", "parent": "", "level": "site", "name": "Site"}],
  "links": [{"key": "a", "name": "A", "driver": "modbus", "config": {"host": "127.0.0.1", "port": "${MODBUS_PORT}"}},
            {"key": "b", "name": "B", "driver": "opcua", "config": {"endpoint": "opc.tcp://127.0.0.1:${OPCUA_PORT}"}}],
  "devices": [
    {"name": "PLC", "link": "a", "equipment": "site", "class": "production_equipment", "origin": "simulated",
     "points": [{"name": "T", "address": "hr:1", "type": "double", "backfill": {"file": "t.csv", "step_ms": 1000}}]},
    {"name": "Server", "link": "b", "equipment": "site", "class": "production_equipment", "origin": "simulated",
     "points": [{"name": "P", "address": "ns=1;i=1", "type": "double"}]}]})";

struct DemoImport : testing::Test {
  TempDir dir;
  std::unique_ptr<stores::SqlStore> sql = *stores::open_sql_store(dir.path() / "meta.db");
  std::unique_ptr<catalog::PlantRegistry> registry = *catalog::PlantRegistry::open(*sql, nullptr, {});
  model::Tenant tenant = *registry->create_tenant({.slug = "main", .name = "Karez"});
  model::Scope scope{.tenant = tenant.id, .role = model::Role::owner, .user = {}, .subtrees = {}};

  Result<std::vector<Backfill>> import(std::uint16_t port) {
    return import_plant(*registry, tenant.id, kPlant, {.modbus = port, .opcua = port, .mqtt = port},
                        dir.path() / "marks.json");
  }
  std::vector<model::Link> links() { return registry->links(scope, {})->items; }
  std::vector<catalog::DeviceRow> devices() { return registry->devices(scope, {})->items; }
  std::string config(std::size_t link) { return links().at(link).config; }
};

TEST_F(DemoImport, ImportsOnceAndThenOnlyMovesThePorts) {
  const auto first = import(1000);
  ASSERT_TRUE(first) << first.error().message();
  EXPECT_EQ(first->size(), 1u);
  EXPECT_EQ(config(0), R"({"host":"127.0.0.1","port":1000})");
  const auto again = import(2000);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_TRUE(again->empty());
  EXPECT_EQ(config(0), R"({"host":"127.0.0.1","port":2000})");
  EXPECT_EQ(config(1), R"({"endpoint":"opc.tcp://127.0.0.1:2000"})");
  EXPECT_EQ(devices().size(), 2u);
}

TEST_F(DemoImport, LeavesADeletedLinkAndWhatStoodOnItDeleted) {
  ASSERT_TRUE(import(1000));
  const auto device = devices().at(0);
  ASSERT_TRUE(registry->remove_device(scope, device.id, device.version));
  const auto link = *registry->link(scope, device.link);
  ASSERT_TRUE(registry->remove_link(scope, link.id, link.version));
  for (const std::uint16_t port : {std::uint16_t{2000}, std::uint16_t{3000}}) {
    const auto again = import(port);
    ASSERT_TRUE(again) << again.error().message();
    EXPECT_TRUE(again->empty());
    EXPECT_EQ(links().size(), 1u);
    EXPECT_EQ(devices().size(), 1u);
  }
}

TEST_F(DemoImport, FindsARenamedLinkAndLeavesItsNameAlone) {
  ASSERT_TRUE(import(1000));
  auto link = links().at(0);
  link.name = "Renamed";
  ASSERT_TRUE(registry->update_link(scope, link));
  auto device = devices().at(0);
  device.name = "My PLC";
  ASSERT_TRUE(registry->update_device(scope, device));
  const auto again = import(2000);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(links().size(), 2u);
  EXPECT_EQ(devices().size(), 2u);
  EXPECT_EQ(registry->link(scope, link.id)->name, "Renamed");
  EXPECT_EQ(registry->link(scope, link.id)->config, R"({"host":"127.0.0.1","port":2000})");
}

TEST_F(DemoImport, LeavesAPortThatSomebodyChangedAlone) {
  ASSERT_TRUE(import(1000));
  auto link = links().at(0);
  link.config = R"({"host":"plc.local","port":502,"unit":3})";
  ASSERT_TRUE(registry->update_link(scope, link));
  ASSERT_TRUE(import(2000));
  EXPECT_EQ(config(0), link.config);
}

TEST_F(DemoImport, GoesOnAfterAnInterruption) {
  // Links and equipment were made, then the program was killed before the mark of them was written.
  ASSERT_TRUE(write_file_atomic(dir.path() / "marks.json", as_bytes(std::string_view("{}"))));
  ASSERT_TRUE(registry->create_link(scope, {.tenant = tenant.id, .name = "A", .driver = "modbus", .config = "{}"}));
  const auto done = import(1000);
  ASSERT_TRUE(done) << done.error().message();
  EXPECT_EQ(links().size(), 2u);
  EXPECT_EQ(devices().size(), 2u);
}

TEST_F(DemoImport, TakesAPlantOverThatWasImportedBeforeThereWereMarks) {
  ASSERT_TRUE(import(1000));
  const auto device = devices().at(0);
  ASSERT_TRUE(registry->remove_device(scope, device.id, device.version));
  std::filesystem::remove(dir.path() / "marks.json");
  const auto again = import(2000);
  ASSERT_TRUE(again) << again.error().message();
  EXPECT_EQ(devices().size(), 1u) << "what was deleted stays deleted";
  EXPECT_EQ(config(0), R"({"host":"127.0.0.1","port":2000})");
}

}  // namespace
}  // namespace karez::server
