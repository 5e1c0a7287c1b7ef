// SPDX-License-Identifier: Apache-2.0
#include <benchmark/benchmark.h>

#include "base/file.h"
#include "base/format.h"
#include "catalog/plant_registry.h"
#include "stores/open.h"

/// Lists and searches over one tenant of 50 devices with 2,000 points each, and 50,000 more devices.
/// Guard: each list below 200 ms.
namespace karez::catalog {
namespace {

class BigPlant {
 public:
  BigPlant() {
    store_ = std::move(*stores::open_sql_store(folder_.path() / "meta.db"));
    registry_ = std::move(*PlantRegistry::open(*store_, nullptr, {}));
    const auto tenant = registry_->create_tenant({.slug = "demo", .name = "Demo"});
    scope_ = {.tenant = tenant->id, .role = model::Role::owner};
    for (std::size_t d = 0; d < 50; ++d) {
      NewDevice wanted;
      wanted.new_link = model::Link{.name = karez::format("Link {}", d), .driver = "modbus", .config = "{}"};
      wanted.device.name = karez::format("Device {}", d);
      for (std::size_t p = 0; p < 2000; ++p)
        wanted.points.push_back({.name = karez::format("Line {} tag {}", p % 7, p),
                                 .description = "Speed of the drive",
                                 .address = karez::format("hr:{}:f32", p)});
      KZ_ASSERT(registry_->create_device(scope_, wanted));
    }
    std::vector<model::SeriesName> series;
    for (std::size_t i = 0; i < 50'000; ++i)
      series.push_back({.group = karez::format("Sensor {}", i), .name = "value", .unit = ""});
    KZ_ASSERT(registry_->register_series(tenant->id, series));
  }
  const PlantRegistry& registry() const { return *registry_; }
  const model::Scope& scope() const { return scope_; }

 private:
  TempDir folder_;
  std::unique_ptr<stores::SqlStore> store_;
  std::unique_ptr<PlantRegistry> registry_;
  model::Scope scope_;
};

const BigPlant& plant() {
  static const BigPlant kPlant;
  return kPlant;
}

void points(benchmark::State& state, const ListQuery& query) {
  const BigPlant& built = plant();  // outside the measured time
  for (auto _ : state) {
    const auto page = built.registry().points(built.scope(), query);
    KZ_ASSERT(page);
    KZ_ASSERT(page->total > 0 || query.q == "nowhere");
  }
}
void devices(benchmark::State& state, const ListQuery& query) {
  const BigPlant& built = plant();  // outside the measured time
  for (auto _ : state) {
    const auto page = built.registry().devices(built.scope(), query);
    KZ_ASSERT(page);
    KZ_ASSERT(page->total > 0 || query.q == "nowhere");
  }
}
void search(benchmark::State& state, const std::string& q) {
  for (auto _ : state) KZ_ASSERT(plant().registry().search(plant().scope(), q, 20));
}

#define KZ_LIST(kind, name, ...) BENCHMARK_CAPTURE(kind, name, ListQuery __VA_ARGS__)->Unit(benchmark::kMillisecond)
KZ_LIST(points, first, {});
KZ_LIST(points, thousand, {.limit = 1000});
KZ_LIST(points, fragments, {.q = "drive line*tag*19"});
KZ_LIST(points, no_match, {.q = "nowhere"});
KZ_LIST(points, by_address, {.sort = "-address"});
KZ_LIST(points, by_device, {.sort = "device_name"});
KZ_LIST(points, of_device, {.device = model::DeviceId{7}});
KZ_LIST(devices, first, {});
KZ_LIST(devices, thousand, {.limit = 1000});
KZ_LIST(devices, fragments, {.q = "sensor 49*9"});
KZ_LIST(devices, by_driver, {.sort = "driver"});
KZ_LIST(devices, by_equipment, {.sort = "equipment_name"});
BENCHMARK_CAPTURE(search, tag, "tag 19")->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(search, sensor, "sensor 777")->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace karez::catalog

BENCHMARK_MAIN();
