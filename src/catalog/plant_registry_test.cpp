// SPDX-License-Identifier: Apache-2.0
#include "catalog/plant_registry.h"

#include <gtest/gtest.h>

#include "base/format.h"
#include "catalog/plant_registry_fixture.h"

namespace karez::catalog {
namespace {

using model::EquipmentLevel;
using model::Role;

TEST_F(Plant, MakesATenantWithItsEnterpriseNode) {
  const auto root = registry().equipment(viewer(), {.parent = model::EquipmentId{0}});
  ASSERT_TRUE(root);
  ASSERT_EQ(root->items.size(), 1u);
  EXPECT_EQ(root->items[0].level, EquipmentLevel::enterprise);
  EXPECT_EQ(root->items[0].name, "Demo");
  EXPECT_EQ(slug(registry().create_tenant({.slug = "demo", .name = "Again"})), "registry.duplicate_name");
  EXPECT_EQ(pointer(registry().create_tenant({.slug = "De mo", .name = "x"})), "/slug");
  EXPECT_EQ(registry().tenant_by_slug("demo")->id, tenant_.id);
  EXPECT_EQ(slug(registry().tenant_by_slug("other")), "registry.not_found");
}

TEST_F(Plant, ChangesATenantByVersionAndOwnerOnly) {
  auto changed = tenant_;
  changed.name = "New name";
  changed.uscc = "91350100M000100Y43";
  changed.industry = "C1512";
  changed.region = "370214";
  EXPECT_EQ(slug(registry().update_tenant(engineer(), changed)), "registry.denied");
  const auto saved = registry().update_tenant(scope(Role::owner), changed);
  ASSERT_TRUE(saved) << saved.error().message();
  EXPECT_EQ(saved->version, 2u);
  EXPECT_EQ(registry().equipment(viewer(), root_)->name, "New name");
  EXPECT_EQ(slug(registry().update_tenant(scope(Role::owner), changed)), "registry.stale");
  changed = *saved;
  changed.uscc = "91350100M000100Y44";
  EXPECT_EQ(pointer(registry().update_tenant(scope(Role::owner), changed)), "/uscc");
}

TEST_F(Plant, SetsTheEnterpriseUpWithItsSiteOrNotAtAll) {
  model::Tenant tenant = tenant_;
  tenant.name = "青岛啤酒厂";
  tenant.industry = "C1513";
  const auto owner = scope(model::Role::owner);
  EXPECT_EQ(pointer(registry().set_up_tenant(owner, tenant, {.name = "bad\n"})), "/name");
  EXPECT_EQ(registry().tenant(tenant_.id)->industry, "") << "nothing is left of a set-up that failed";
  node(root_, model::EquipmentLevel::site, "taken");
  EXPECT_EQ(slug(registry().set_up_tenant(owner, tenant, {.name = "taken"})), "registry.duplicate_name");
  EXPECT_EQ(registry().tenant(tenant_.id)->industry, "");
  EXPECT_EQ(slug(registry().set_up_tenant(engineer(), tenant, {.name = "一厂"})), "registry.denied");
  const auto made = registry().set_up_tenant(owner, tenant, {.name = "一厂"});
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(registry().equipment(viewer(), {.parent = root_})->total, 2u);
  EXPECT_EQ(slug(registry().set_up_tenant(owner, *made, {.name = "二厂"})), "tenant.already_set_up");
}

TEST_F(Plant, MeasuresTextsInCharacters) {
  std::string name;
  for (int i = 0; i < 200; ++i) name += "温";
  EXPECT_TRUE(registry().create_link(engineer(), link_of(name)));
  EXPECT_EQ(pointer(registry().create_link(engineer(), link_of(name + "温"))), "/name");
}

TEST_F(Plant, BuildsAndMovesTheTree) {
  const auto site = node(root_, EquipmentLevel::site, "S");
  const auto a = node(site, EquipmentLevel::area, "A"), b = node(site, EquipmentLevel::area, "B");
  const auto line = node(a, EquipmentLevel::production_line, "L");
  const auto cell = node(line, EquipmentLevel::work_cell, "W");
  EXPECT_EQ(pointer(registry().create_equipment(engineer(), equipment_of(cell, EquipmentLevel::site, "X"))), "/level");
  EXPECT_EQ(slug(registry().create_equipment(engineer(), equipment_of(site, EquipmentLevel::area, "A"))),
            "registry.duplicate_name");
  auto moved = model::Equipment(*registry().equipment(engineer(), line));
  moved.parent = b;
  ASSERT_TRUE(registry().update_equipment(engineer(), moved));
  std::string path;
  const auto nodes = registry().equipment_path(viewer(), cell);
  ASSERT_TRUE(nodes);
  for (const auto& n : *nodes) path.append("/").append(n.name);
  EXPECT_EQ(path, "/Demo/S/B/L/W");
  EXPECT_EQ(registry().equipment(viewer(), {.equipment = a})->total, 1u);
  EXPECT_EQ(registry().equipment(viewer(), {.equipment = b})->total, 3u);
  EXPECT_EQ(registry().equipment(viewer(), {.parent = site})->total, 2u);
}

TEST_F(Plant, NeverMovesANodeBelowItself) {
  const auto site = node(root_, EquipmentLevel::site, "S");
  const auto area = node(site, EquipmentLevel::area, "A");
  const auto unit = node(area, EquipmentLevel::process_cell, "P");
  auto moved = model::Equipment(*registry().equipment(engineer(), area));
  moved.parent = unit;
  EXPECT_EQ(slug(registry().update_equipment(engineer(), moved)), "registry.invalid");
  moved.parent = area;
  EXPECT_EQ(slug(registry().update_equipment(engineer(), moved)), "registry.invalid");
}

TEST_F(Plant, RemovesOnlyEmptyNodes) {
  const auto site = node(root_, EquipmentLevel::site, "S");
  const auto area = node(site, EquipmentLevel::area, "A");
  const auto used = registry().remove_equipment(engineer(), site, 1);
  EXPECT_EQ(slug(used), "registry.in_use");
  EXPECT_EQ(used.error().text(), "1 node and 0 devices stand below it.");
  EXPECT_EQ(slug(registry().remove_equipment(engineer(), area, 7)), "registry.stale");
  EXPECT_TRUE(registry().remove_equipment(engineer(), area, 1));
  EXPECT_TRUE(registry().remove_equipment(engineer(), site, 1));
  EXPECT_EQ(slug(registry().remove_equipment(engineer(), root_, 1)), "registry.invalid");
}

TEST_F(Plant, KeepsLinksApartByName) {
  const auto link = registry().create_link(engineer(), link_of("PLC 1"));
  ASSERT_TRUE(link) << link.error().message();
  EXPECT_EQ(slug(registry().create_link(engineer(), link_of("PLC 1"))), "registry.duplicate_name");
  auto changed = *link;
  changed.driver = "mqtt";
  EXPECT_EQ(pointer(registry().update_link(engineer(), changed)), "/driver");
  changed = *link;
  changed.config = "[1]";
  EXPECT_EQ(pointer(registry().update_link(engineer(), changed)), "/config");
  changed.config = R"({"host":"10.0.0.9"})";
  EXPECT_EQ(registry().update_link(engineer(), changed)->version, 2u);
  EXPECT_EQ(slug(registry().update_link(engineer(), changed)), "registry.stale");
  EXPECT_EQ(links_told_, (std::vector<model::LinkId>{link->id, link->id}));
}

TEST_F(Plant, AddsLinkDeviceAndPointsInOneGo) {
  const auto made = wizard("PLC 1", "Mixer", {"Speed", "Temperature"});
  EXPECT_EQ(made.points, 2u);
  EXPECT_EQ(made.link_name, "PLC 1");
  EXPECT_EQ(made.driver, "modbus");
  EXPECT_EQ(made.equipment_name, "Demo");
  EXPECT_EQ(links_told_, std::vector<model::LinkId>{made.link});
  const auto used = registry().remove_link(engineer(), made.link, 1);
  EXPECT_EQ(slug(used), "registry.in_use");
  EXPECT_EQ(used.error().text(), "1 device uses it.");
  const auto plan = registry().link_plan(made.link);
  ASSERT_TRUE(plan);
  EXPECT_EQ(plan->devices.size(), 1u);
  EXPECT_EQ(plan->points.size(), 2u);
  EXPECT_EQ(*registry().all_links(), std::vector<model::LinkId>{made.link});
}

TEST_F(Plant, LeavesNothingOfADeviceThatIsWrong) {
  NewDevice wanted = new_device("PLC 1", "Mixer", {"Speed", "Speed", "x"});
  wanted.points[2].scale = 0;
  wanted.device.equipment = model::EquipmentId{999};
  std::vector<Error> errors;
  EXPECT_EQ(slug(registry().create_device(engineer(), wanted, &errors)), "registry.duplicate_name");
  std::vector<std::string> pointers;
  for (const Error& error : errors) pointers.emplace_back(error.pointer());
  EXPECT_EQ(pointers, (std::vector<std::string>{"/points/1/name", "/points/2/scale", "/device/equipment"}));
  EXPECT_EQ(registry().totals(tenant_.id)->links, 0u);
  EXPECT_EQ(registry().totals(tenant_.id)->points, 0u);
  EXPECT_EQ(pointer(registry().create_device(engineer(), wanted)), "/points/1/name");
}

TEST_F(Plant, SaysWhichRowsOfAnImportAreWrong) {
  const auto device = wizard("PLC 1", "Mixer", {"Speed"});
  std::vector<model::Point> points{point_of(device.id, "A"), point_of(device.id, "Speed"), point_of(device.id, "A"),
                                   point_of(model::DeviceId{77}, "B"), point_of(device.id, "C")};
  points[4].unit = "nonsense";
  std::vector<RowError> errors;
  const auto judged = registry().create_points(engineer(), points, true, errors);
  ASSERT_TRUE(judged);
  std::string said;
  for (const RowError& e : errors) said += karez::format("{}{} ", e.index, e.error.pointer());
  EXPECT_EQ(said, "1/name 2/name 3/device 4/unit ");
  EXPECT_EQ(slug(registry().create_points(engineer(), points, false, errors)), "registry.invalid");
  EXPECT_EQ(errors.size(), 4u);
  EXPECT_EQ(registry().totals(tenant_.id)->points, 1u);
  const auto made = registry().create_points(engineer(), {points[0]}, false, errors);
  ASSERT_TRUE(made);
  EXPECT_TRUE(errors.empty());
  EXPECT_TRUE((*made)[0].id);
}

TEST_F(Plant, KeepsEveryMemberOfAPoint) {
  const auto device = wizard("PLC 1", "Mixer", {});
  model::Point p = point_of(device.id, "压力 1");
  p.description = "first\nsecond";
  p.address = "hr:40001:f32";
  p.type = model::ValueType::int64;
  p.unit = "kPa";
  p.scale = 0.1;
  p.offset = -40;
  p.precision = 2;
  p.deadband = 0.5;
  p.period = std::chrono::milliseconds(250);
  p.access = model::Access::read_write;
  p.display = {0, 100.5};
  p.normal = {std::nullopt, 80};
  p.limit = {-1, std::nullopt};
  p.interpolation = model::Interpolation::step;
  p.expected_interval = std::chrono::seconds(7);
  p.history = false;
  p.enabled = false;
  std::vector<RowError> errors;
  const auto made = registry().create_points(engineer(), {p}, false, errors);
  ASSERT_TRUE(made) << (errors.empty() ? "" : errors[0].error.message());
  reopen();
  const auto read = registry().point(viewer(), (*made)[0].id);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->name, p.name);
  EXPECT_EQ(read->description, p.description);
  EXPECT_EQ(read->address, p.address);
  EXPECT_EQ(read->type, p.type);
  EXPECT_EQ(read->unit, p.unit);
  EXPECT_EQ(read->scale, p.scale);
  EXPECT_EQ(read->offset, p.offset);
  EXPECT_EQ(read->precision, p.precision);
  EXPECT_EQ(read->deadband, p.deadband);
  EXPECT_EQ(read->period, p.period);
  EXPECT_EQ(read->access, p.access);
  EXPECT_EQ(read->display.low, p.display.low);
  EXPECT_EQ(read->display.high, p.display.high);
  EXPECT_EQ(read->normal.low, p.normal.low);
  EXPECT_EQ(read->normal.high, p.normal.high);
  EXPECT_EQ(read->limit.low, p.limit.low);
  EXPECT_EQ(read->limit.high, p.limit.high);
  EXPECT_EQ(read->interpolation, p.interpolation);
  EXPECT_EQ(read->expected_interval, p.expected_interval);
  EXPECT_EQ(read->history, p.history);
  EXPECT_EQ(read->enabled, p.enabled);
  EXPECT_EQ(read->device_name, "Mixer");
  EXPECT_EQ(read->link, device.link);
}

TEST_F(Plant, RefusesToRetypeAPoint) {
  const auto device = wizard("PLC 1", "Mixer", {"Speed"});
  auto point = model::Point(registry().points(viewer(), {})->items.at(0));
  point.type = model::ValueType::boolean;
  const auto changed = registry().update_point(engineer(), point);
  EXPECT_EQ(pointer(changed), "/type");
  EXPECT_FALSE(changed.error().cure_text().empty());
  point.type = model::ValueType::float64;
  point.name = "Speed 2";
  EXPECT_EQ(registry().update_point(engineer(), point)->version, 2u);
  EXPECT_EQ(slug(registry().update_point(engineer(), point)), "registry.stale");
  (void)device;
}

TEST_F(Plant, NeverUsesAPointIdAgain) {
  const auto device = wizard("PLC 1", "Mixer", {"A", "B"});
  const auto last = registry().points(viewer(), {.sort = "-name"})->items.at(0).id;
  ASSERT_TRUE(registry().remove_point(engineer(), last, 1));
  reopen();
  std::vector<RowError> errors;
  const auto made = registry().create_points(engineer(), {point_of(device.id, "B")}, false, errors);
  ASSERT_TRUE(made);
  EXPECT_GT((*made)[0].id, last);
}

TEST_F(Plant, RemovesADeviceWithItsPoints) {
  const auto device = wizard("PLC 1", "Mixer", {"A", "B"});
  const auto points = registry().points(viewer(), {})->items;
  EXPECT_EQ(slug(registry().remove_device(engineer(), device.id, 9)), "registry.stale");
  const auto gone = registry().remove_device(engineer(), device.id, 1);
  ASSERT_TRUE(gone);
  EXPECT_EQ(*gone, (std::vector{points.at(0).id, points.at(1).id}));
  EXPECT_EQ(registry().totals(tenant_.id)->points, 0u);
  EXPECT_TRUE(registry().remove_link(engineer(), device.link, 1));
}

TEST_F(Plant, HidesWhatBelongsToOthers) {
  const auto device = wizard("PLC 1", "Mixer", {"A"});
  const auto point = registry().points(viewer(), {})->items.at(0).id;
  const auto other = registry().create_tenant({.slug = "other", .name = "Other"});
  ASSERT_TRUE(other);
  const model::Scope stranger{.tenant = other->id, .role = Role::owner};
  EXPECT_EQ(slug(registry().device(stranger, device.id)), "registry.not_found");
  EXPECT_EQ(slug(registry().point(stranger, point)), "registry.not_found");
  EXPECT_EQ(slug(registry().link(stranger, device.link)), "registry.not_found");
  EXPECT_EQ(slug(registry().equipment(stranger, root_)), "registry.not_found");
  EXPECT_EQ(slug(registry().remove_device(stranger, device.id, 1)), "registry.not_found");
  EXPECT_TRUE(registry().points_by_id(stranger, std::vector{point})->empty());
  EXPECT_EQ(registry().points(stranger, {})->total, 0u);
  EXPECT_TRUE(registry().search(stranger, "mix", 10)->empty());
  NewDevice theft = new_device("", "Thief", {});
  theft.new_link.reset();
  theft.device.link = device.link;
  EXPECT_EQ(pointer(registry().create_device(stranger, theft)), "/device/link");
}

TEST_F(Plant, NeedsTheRightRole) {
  const auto device = wizard("PLC 1", "Mixer", {"A"});
  const auto nobody = scope(Role::none);
  EXPECT_EQ(slug(registry().devices(nobody, {})), "registry.denied");
  EXPECT_EQ(slug(registry().search(nobody, "x", 10)), "registry.denied");
  EXPECT_EQ(slug(registry().create_link(scope(Role::operator_), link_of("x"))), "registry.denied");
  EXPECT_EQ(slug(registry().remove_device(scope(Role::operator_), device.id, 1)), "registry.denied");
  EXPECT_EQ(slug(registry().devices({.role = Role::owner}, {})), "registry.denied");
}

TEST_F(Plant, ShowsASubtreeOnlyItsOwn) {
  const auto site = node(root_, EquipmentLevel::site, "S");
  const auto a = node(site, EquipmentLevel::area, "A"), b = node(site, EquipmentLevel::area, "B");
  const auto in_a = wizard("PLC A", "In A", {"P1"}, a);
  const auto in_b = wizard("PLC B", "In B", {"P2"}, b);
  auto limited = engineer();
  limited.subtrees = {a};
  EXPECT_EQ(registry().devices(limited, {})->total, 1u);
  EXPECT_EQ(registry().points(limited, {})->total, 1u);
  EXPECT_EQ(registry().links(limited, {})->total, 1u);
  EXPECT_EQ(registry().equipment(limited, ListQuery{})->total, 1u);
  EXPECT_EQ(slug(registry().device(limited, in_b.id)), "registry.not_found");
  EXPECT_TRUE(registry().link(limited, in_a.link));
  EXPECT_EQ(slug(registry().link(limited, in_b.link)), "registry.not_found");
  EXPECT_EQ(registry().search(limited, "plc", 10)->size(), 1u);
  EXPECT_EQ(slug(registry().create_link(limited, link_of("x"))), "registry.denied");
  auto moved = model::Device(in_a);
  moved.equipment = b;
  EXPECT_EQ(pointer(registry().update_device(limited, moved)), "/equipment");
}

TEST_F(Plant, RefusesHostileTexts) {
  const auto device = wizard("PLC 1", "Mixer", {});
  std::vector<RowError> errors;
  for (const std::string& name : {std::string(1 << 20, 'x'), std::string("a\0b", 3), std::string("\xff\xfe"),
                                  std::string("a\nb"), std::string(), std::string(" x"), std::string("\xed\xa0\x80")}) {
    EXPECT_FALSE(registry().create_points(engineer(), {point_of(device.id, name)}, false, errors));
    EXPECT_EQ(errors.at(0).error.pointer(), "/name");
    EXPECT_EQ(pointer(registry().create_link(engineer(), link_of(name))), "/name");
  }
  const std::string sql = "'); DROP TABLE plant_point; --";
  ASSERT_TRUE(registry().create_points(engineer(), {point_of(device.id, sql)}, false, errors));
  EXPECT_EQ(registry().points(viewer(), {.q = "'); DROP"})->total, 1u);
  EXPECT_EQ(registry().points(viewer(), {.q = std::string("\0", 1)}).error().pointer(), "?q");
  EXPECT_EQ(registry().points(viewer(), {.q = std::string(1 << 20, '%')}).error().pointer(), "?q");
}

TEST_F(Plant, WritesCatalogueEntriesInTheSameTransaction) {
  const auto device = wizard("PLC 1", "Mixer", {"A"});
  EXPECT_EQ(entries_.log,
            (std::vector<std::string>{"+t1/equipment/e1", "+t1/link/l1", "+t1/device/d1", "+t1/point/p1"}));
  entries_.fail = true;
  EXPECT_EQ(slug(registry().remove_device(engineer(), device.id, 1)), "suite.no");
  EXPECT_EQ(registry().totals(tenant_.id)->points, 1u);
  entries_.fail = false;
  entries_.log.clear();
  ASSERT_TRUE(registry().remove_device(engineer(), device.id, 1));
  EXPECT_EQ(entries_.log, (std::vector<std::string>{"-t1/point/p1", "-t1/device/d1"}));
}

TEST_F(Plant, HoldsTheLimitsOfATenant) {
  reopen({.points_per_tenant = 3, .devices_per_tenant = 1, .equipment_per_tenant = 2});
  const auto device = wizard("PLC 1", "Mixer", {"A", "B"});
  std::vector<RowError> errors;
  EXPECT_EQ(
      slug(registry().create_points(engineer(), {point_of(device.id, "C"), point_of(device.id, "D")}, false, errors)),
      "registry.limit");
  EXPECT_EQ(slug(registry().create_device(engineer(), new_device("PLC 2", "X", {}))), "registry.limit");
  node(root_, EquipmentLevel::site, "S");
  EXPECT_EQ(slug(registry().create_equipment(engineer(), equipment_of(root_, EquipmentLevel::site, "T"))),
            "registry.limit");
  const std::vector<model::SeriesName> many{{.group = "g", .name = "1", .unit = ""},
                                            {.group = "g", .name = "2", .unit = ""}};
  EXPECT_EQ(slug(registry().register_series(tenant_.id, many)), "registry.limit");
}

TEST_F(Plant, KnowsTheOriginOfEachPoint) {
  const auto device = wizard("PLC 1", "Mixer", {"A", "B"});
  const auto point = registry().points(viewer(), {})->items.at(1).id;
  EXPECT_EQ(registry().origins()->at(point.value), model::Origin::unknown);
  auto changed = model::Device(device);
  changed.origin = model::Origin::replayed;
  ASSERT_TRUE(registry().update_device(engineer(), changed));
  EXPECT_EQ(registry().origins()->at(point.value), model::Origin::replayed);
  reopen();
  EXPECT_EQ(registry().origins()->at(point.value), model::Origin::replayed);
  EXPECT_EQ(registry().point(viewer(), point)->origin, model::Origin::replayed);
}

TEST_F(Plant, LosesNoUpdateAmongManyWriters) {
  const auto device = wizard("PLC 1", "Mixer", {});
  std::atomic<int> won = 0, lost = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 10; ++i) {
          auto d = model::Device(*registry().device(engineer(), device.id));
          d.description = karez::format("{} {}", t, i);
          const auto done = registry().update_device(engineer(), d);
          if (done) ++won;
          else if (done.error().slug() == "registry.stale") ++lost;
        }
      });
  }
  EXPECT_EQ(won + lost, 80);
  EXPECT_EQ(registry().device(viewer(), device.id)->version, static_cast<std::uint64_t>(won) + 1);
}

}  // namespace
}  // namespace karez::catalog
