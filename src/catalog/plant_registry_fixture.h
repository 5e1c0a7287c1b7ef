// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/format.h"
#include "catalog/plant_registry.h"
#include "stores/open.h"

/// A registry on a file of its own with one tenant, for the tests of this module.
namespace karez::catalog {

class EntryLog final : public stores::EntrySink {
 public:
  Result<> put(stores::SqlSession&, const stores::Entry& entry) override {
    if (fail) return karez::fail(Errc::internal, "suite.no");
    log.push_back(karez::format("{}{}/{}/{}", entry.removed ? '-' : '+', entry.tenant, entry.kind, entry.native_key));
    return {};
  }
  std::vector<std::string> log;
  bool fail = false;
};

template <class T>
std::string slug(const Result<T>& result) {
  return result ? "success" : std::string(result.error().slug());
}
template <class T>
std::string pointer(const Result<T>& result) {
  return result ? "success" : std::string(result.error().pointer());
}

class Plant : public testing::Test {
 protected:
  Plant() {
    reopen();
    auto tenant = registry().create_tenant({.slug = "demo", .name = "Demo"});
    KZ_ASSERT(tenant);
    tenant_ = *tenant;
    root_ = registry().equipment(viewer(), {.parent = model::EquipmentId{0}})->items.at(0).id;
  }

  PlantRegistry& registry() { return *registry_; }
  void reopen(PlantRegistry::Limits limits = {}) {
    registry_.reset();
    store_.reset();
    auto store = stores::open_sql_store(folder_.path() / "meta.db");
    KZ_ASSERT(store);
    store_ = std::move(*store);
    auto registry = PlantRegistry::open(*store_, &entries_, limits);
    KZ_ASSERT(registry);
    registry_ = std::move(*registry);
    registry_->on_links_changed([this](const std::vector<model::LinkId>& links) {
      links_told_.insert(links_told_.end(), links.begin(), links.end());
    });
  }

  model::Scope scope(model::Role role) const { return {.tenant = tenant_.id, .role = role}; }
  model::Scope viewer() const { return scope(model::Role::viewer); }
  model::Scope engineer() const { return scope(model::Role::engineer); }

  static model::Equipment equipment_of(model::EquipmentId parent, model::EquipmentLevel level, std::string name) {
    return {.parent = parent, .level = level, .name = std::move(name)};
  }
  model::EquipmentId node(model::EquipmentId parent, model::EquipmentLevel level, std::string name) {
    const auto made = registry().create_equipment(engineer(), equipment_of(parent, level, std::move(name)));
    EXPECT_TRUE(made) << made.error().message();
    return made->id;
  }
  static model::Link link_of(std::string name) { return {.name = std::move(name), .driver = "modbus", .config = "{}"}; }
  static model::Point point_of(model::DeviceId device, std::string name) {
    return {.device = device, .name = std::move(name), .address = "hr:1"};
  }
  static NewDevice new_device(std::string link, std::string name, const std::vector<std::string>& points) {
    NewDevice out;
    out.new_link = link_of(std::move(link));
    out.device.name = std::move(name);
    for (const std::string& point : points) out.points.push_back(point_of({}, point));
    return out;
  }
  DeviceRow wizard(std::string link, std::string name, const std::vector<std::string>& points,
                   model::EquipmentId equipment = {}) {
    NewDevice wanted = new_device(std::move(link), std::move(name), points);
    wanted.device.equipment = equipment;
    auto made = registry().create_device(engineer(), wanted);
    EXPECT_TRUE(made) << made.error().message();
    return std::move(*made);
  }

  TempDir folder_;
  EntryLog entries_;
  std::unique_ptr<stores::SqlStore> store_;
  std::unique_ptr<PlantRegistry> registry_;
  std::vector<model::LinkId> links_told_;
  model::Tenant tenant_;
  model::EquipmentId root_;
};

}  // namespace karez::catalog
