// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <chrono>

#include "base/format.h"
#include "catalog/plant/list.h"
#include "catalog/plant_registry_fixture.h"

namespace karez::catalog {
namespace {

class PlantLists : public Plant {
 protected:
  std::string names(const ListQuery& query) {
    std::string out;
    const auto page = registry().points(viewer(), query);
    if (!page) return page.error().message();
    for (const auto& item : page->items) out.append(out.empty() ? "" : " ").append(item.name);
    return out;
  }
  std::vector<std::string> all_pages(ListQuery query) {
    std::vector<std::string> out;
    for (int guard = 0; guard < 100; ++guard) {
      const auto page = registry().points(viewer(), query);
      EXPECT_TRUE(page) << page.error().message();
      for (const auto& item : page->items) out.push_back(item.name);
      if (page->next_cursor.empty()) break;
      query.cursor = page->next_cursor;
    }
    return out;
  }
};

TEST_F(PlantLists, SortNamesNaturallyAndBothWays) {
  wizard("l", "d", {"P10", "p2", "P1", "P02b"});
  EXPECT_EQ(names({}), "P1 p2 P02b P10");
  EXPECT_EQ(names({.sort = "-name"}), "P10 P02b p2 P1");
  EXPECT_EQ(registry().points(viewer(), {.sort = "color"}).error().pointer(), "?sort");
  EXPECT_EQ(registry().points(viewer(), {.limit = 0}).error().pointer(), "?limit");
  EXPECT_EQ(registry().points(viewer(), {.limit = 1001}).error().pointer(), "?limit");
}

TEST_F(PlantLists, PageThroughEverySortOrderWithoutGapOrDouble) {
  const auto link = wizard("l", "d1", {"a1", "a2", "a3", "A1", "a01"});
  wizard("l2", "d2", {"a1", "b", "c", "d"});
  (void)link;
  for (const char* sort : {"", "name", "-name", "address", "-address", "device_name", "-device_name", "type", "unit"}) {
    const auto whole = all_pages({.sort = sort});
    EXPECT_EQ(whole.size(), 9u) << sort;
    for (std::size_t limit = 1; limit < 5; ++limit) EXPECT_EQ(all_pages({.sort = sort, .limit = limit}), whole) << sort;
  }
}

TEST_F(PlantLists, KeepTheirPlaceWhileRowsComeAndGo) {
  const auto device = wizard("l", "d", {"P1", "P2", "P3", "P4"});
  ListQuery query{.limit = 2};
  const auto first = registry().points(viewer(), query);
  ASSERT_EQ(first->items.size(), 2u);
  std::vector<RowError> errors;
  ASSERT_TRUE(
      registry().create_points(engineer(), {point_of(device.id, "P0"), point_of(device.id, "P5")}, false, errors));
  ASSERT_TRUE(registry().remove_point(engineer(), first->items[1].id, 1));
  query.cursor = first->next_cursor;
  EXPECT_EQ(names(query), "P3 P4");
  EXPECT_EQ(registry().points(viewer(), query)->total, 5u);
}

TEST_F(PlantLists, RefuseCursorsOfOtherListsAndForgedOnes) {
  wizard("l", "d", {"P1", "P2", "P3"});
  const auto cursor = registry().points(viewer(), {.limit = 1})->next_cursor;
  ASSERT_FALSE(cursor.empty());
  EXPECT_LE(cursor.size(), 512u);
  const auto refused = [&](const ListQuery& query) {
    const auto page = registry().points(viewer(), query);
    return !page && page.error().slug() == "registry.invalid" && page.error().pointer() == "?cursor";
  };
  EXPECT_TRUE(refused({.q = "P", .cursor = cursor}));
  EXPECT_TRUE(refused({.sort = "-name", .cursor = cursor}));
  for (const std::string& forged : {std::string("x"), std::string("!!!!"), cursor.substr(1), cursor + "A",
                                    std::string(7000, 'A'), std::string(40, 'A'), std::string("\0\0", 2)})
    EXPECT_TRUE(refused({.cursor = forged})) << forged;
  for (std::size_t i = 0; i < cursor.size() - 1; ++i) {
    std::string changed = cursor;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_TRUE(refused({.cursor = changed})) << i;
  }
}

TEST_F(PlantLists, TakeTheirOwnCursorsForTheLongestKeys) {
  const auto device = wizard("l", "d", {});
  std::string address;
  for (int i = 0; i < 1024; ++i) address += "温";
  std::vector<RowError> errors;
  for (const char* name : {"A", "B"}) {
    auto point = point_of(device.id, name);
    point.address = address;
    ASSERT_TRUE(registry().create_points(engineer(), {point}, false, errors)) << errors.at(0).error.message();
  }
  const auto first = registry().points(viewer(), {.sort = "address", .limit = 1});
  EXPECT_LE(first->next_cursor.size(), 6000u) << "the API takes no longer ones";
  const auto second = registry().points(viewer(), {.sort = "address", .cursor = first->next_cursor, .limit = 1});
  ASSERT_TRUE(second) << second.error().message();
  EXPECT_EQ(second->items.at(0).name, "B");
}

TEST_F(PlantLists, FindFragmentsInAnyOrderWithWildcards) {
  wizard("l", "d", {"Mixer 1 Speed", "Mixer 2 Speed", "Pump speed", "100%", "a_b", "a\\b", "搅拌机 速度"});
  EXPECT_EQ(names({.q = "speed mixer"}), "Mixer 1 Speed Mixer 2 Speed");
  EXPECT_EQ(names({.q = "SPEED"}), "Mixer 1 Speed Mixer 2 Speed Pump speed");
  EXPECT_EQ(names({.q = "mix*2"}), "Mixer 2 Speed");
  EXPECT_EQ(names({.q = "%"}), "100%");
  EXPECT_EQ(names({.q = "a_b"}), "a_b");
  EXPECT_EQ(names({.q = "a\\b"}), "a\\b");
  EXPECT_EQ(names({.q = "速度"}), "搅拌机 速度");
  EXPECT_EQ(names({.q = "  "}).empty(), false);
  EXPECT_EQ(registry().points(viewer(), {.q = "* **"})->total, 7u);
  EXPECT_EQ(registry().points(viewer(), {.q = "nothing"})->total, 0u);
}

TEST_F(PlantLists, FilterByWhatIsAsked) {
  const auto site = node(root_, model::EquipmentLevel::site, "S");
  const auto one = wizard("l1", "d1", {"a", "b"}, site);
  const auto two = wizard("l2", "d2", {"c"});
  EXPECT_EQ(names({.equipment = site}), "a b");
  EXPECT_EQ(names({.equipment = root_}), "a b c");
  EXPECT_EQ(names({.link = two.link}), "c");
  EXPECT_EQ(names({.device = one.id}), "a b");
  EXPECT_EQ(names({.driver = "modbus"}), "a b c");
  EXPECT_EQ(names({.driver = "opcua"}), "");
  EXPECT_EQ(names({.device_class = model::DeviceClass::gateway}), "");
  EXPECT_EQ(names({.only_devices = {two.id}}), "c");
  EXPECT_EQ(names({.only_points = {model::PointId{1}, model::PointId{3}}}), "a c");
  EXPECT_EQ(registry().devices(viewer(), {.equipment = site})->items.at(0).name, "d1");
  EXPECT_EQ(registry().devices(viewer(), {.only_devices = {two.id}})->total, 1u);
  EXPECT_EQ(registry().links(viewer(), {.equipment = site})->items.at(0).name, "l1");
}

TEST_F(PlantLists, ReturnPointsInTheOrderAsked) {
  wizard("l", "d", {"a", "b", "c"});
  const auto found =
      registry().points_by_id(viewer(), std::vector{model::PointId{3}, model::PointId{99}, model::PointId{1}});
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2u);
  EXPECT_EQ((*found)[0].name, "c");
  EXPECT_EQ((*found)[1].name, "a");
}

TEST_F(PlantLists, PutTheBestSearchHitsFirst) {
  const auto site = node(root_, model::EquipmentLevel::site, "Mixing");
  wizard("mixer link", "Old mixer", {"Mixer", "Mixer speed"}, site);
  const auto hits = registry().search(viewer(), "mixer", 10);
  ASSERT_TRUE(hits);
  std::string said;
  for (const auto& hit : *hits) said += karez::format("{}:{} ", hit.kind, hit.title);
  EXPECT_EQ(said, "point:Mixer point:Mixer speed link:mixer link device:Old mixer ");
  EXPECT_EQ((*hits)[3].subtitle, "Mixing");
  EXPECT_EQ(registry().search(viewer(), "mixer", 1)->size(), 1u);
  EXPECT_EQ(registry().search(viewer(), "mixing", 10)->at(0).subtitle, "Demo");
}

TEST_F(PlantLists, AnswerSoonAmongManyPoints) {
  constexpr std::size_t kDevices = 10, kPointsEach = 2000;
  for (std::size_t d = 0; d < kDevices; ++d) {
    NewDevice wanted = new_device(karez::format("Link {}", d), karez::format("Device {}", d), {});
    for (std::size_t p = 0; p < kPointsEach; ++p) {
      model::Point point = point_of({}, karez::format("Line {} tag {}", p % 7, p));
      point.address = karez::format("hr:{}:f32", p);
      point.description = "Speed of the drive";
      wanted.points.push_back(point);
    }
    ASSERT_TRUE(registry().create_device(engineer(), wanted));
  }
  const auto in_time = [&](const char* what, const auto& work) {
    const auto from = std::chrono::steady_clock::now();
    work();
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - from).count();
    RecordProperty(what, static_cast<int>(ms));
    std::printf("  %-12s %lld ms\n", what, static_cast<long long>(ms));
    return ms;
  };
  const auto list = [&](ListQuery query, std::uint64_t total) {
    return [this, query = std::move(query), total] {
      const auto page = registry().points(viewer(), query);
      ASSERT_TRUE(page) << page.error().message();
      EXPECT_EQ(page->total, total);
    };
  };
  // Rough, as sanitizers slow everything and the machine may be busy; plant_lists_bench has the figures.
  constexpr long long kBudget = 1000;
  EXPECT_LT(in_time("first", list({}, 20'000)), kBudget);
  EXPECT_LT(in_time("thousand", list({.limit = 1000}, 20'000)), kBudget);
  EXPECT_LT(in_time("fragments", list({.q = "drive line*tag*19"}, 10 * 139)), kBudget);
  EXPECT_LT(in_time("no_match", list({.q = "nowhere"}, 0)), kBudget);
  EXPECT_LT(in_time("address", list({.sort = "-address"}, 20'000)), kBudget);
  EXPECT_LT(in_time("device_name", list({.sort = "device_name"}, 20'000)), kBudget);
  EXPECT_LT(in_time("equipment", list({.equipment = root_}, 20'000)), kBudget);
  EXPECT_LT(in_time("one_device", list({.device = model::DeviceId{7}}, 2000)), kBudget);
  EXPECT_LT(in_time("search", [&] { EXPECT_EQ(registry().search(viewer(), "tag 19", 20)->size(), 20u); }), kBudget);
  EXPECT_LT(in_time("reopen", [&] { reopen(); }), kBudget);
  ListQuery query{.limit = 1000};
  for (int i = 0; i < 15; ++i) query.cursor = registry().points(viewer(), query)->next_cursor;
  EXPECT_LT(in_time("page_16", list(query, 20'000)), kBudget);
}

}  // namespace
}  // namespace karez::catalog
