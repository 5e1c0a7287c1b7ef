// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "base/format.h"
#include "catalog/plant_registry_fixture.h"

namespace karez::catalog {
namespace {

class PlantSeries : public Plant {
 protected:
  std::vector<model::PointId> put(const std::vector<model::SeriesName>& names) {
    auto ids = registry().register_series(tenant_.id, names);
    EXPECT_TRUE(ids) << ids.error().message();
    return std::move(*ids);
  }
  static model::SeriesName series(std::string group, std::string name,
                                  model::ValueType type = model::ValueType::float64) {
    return {.group = std::move(group), .name = std::move(name), .type = type, .unit = ""};
  }
};

TEST_F(PlantSeries, KeepTheirIdsOverRestarts) {
  const auto ids = put({series("cpu", "host=a usage"), series("cpu", "host=b usage"), series("mem", "used")});
  EXPECT_NE(ids[0], ids[1]);
  reopen();
  EXPECT_EQ(put({series("mem", "used"), series("cpu", "host=a usage")}), (std::vector{ids[2], ids[0]}));
  const auto devices = registry().devices(viewer(), {});
  ASSERT_EQ(devices->items.size(), 2u);
  EXPECT_EQ(devices->items[0].name, "cpu");
  EXPECT_FALSE(devices->items[0].link);
  EXPECT_EQ(devices->items[0].points, 2u);
}

TEST_F(PlantSeries, KeepTheirPointWhenPeopleRenameIt) {
  const auto id = put({series("cpu", "usage")})[0];
  auto point = model::Point(*registry().point(viewer(), id));
  point.name = "Load";
  ASSERT_TRUE(registry().update_point(engineer(), point));
  auto device = model::Device(registry().devices(viewer(), {})->items.at(0));
  device.name = "Server";
  ASSERT_TRUE(registry().update_device(engineer(), device));
  EXPECT_EQ(put({series("cpu", "usage")})[0], id);
  EXPECT_EQ(registry().totals(tenant_.id)->points, 1u);
}

TEST_F(PlantSeries, GiveOneIdToANameTwiceInOneBatch) {
  const auto ids = put({series("g", "x"), series("g", "x")});
  EXPECT_EQ(ids[0], ids[1]);
}

TEST_F(PlantSeries, GiveNoIdForAnotherType) {
  const auto ids = put({series("g", "x"), series("g", "x", model::ValueType::text)});
  EXPECT_TRUE(ids[0]);
  EXPECT_FALSE(ids[1]);
  EXPECT_FALSE(put({series("g", "x", model::ValueType::int64)})[0]);
}

TEST_F(PlantSeries, GiveNoIdForNamesNobodyCouldStore) {
  const auto ids =
      put({series("", "x"), series("g", ""), series("g", std::string(1 << 20, 'x')), series("g", "\xff"),
           series("g", std::string("a\0b", 3)), series("g", "none", model::ValueType::none), series("g", "good")});
  for (std::size_t i = 0; i + 1 < ids.size(); ++i) EXPECT_FALSE(ids[i]) << i;
  EXPECT_TRUE(ids.back());
}

TEST_F(PlantSeries, ShortenWhatIsShownButNotTheIdentity) {
  const std::string stem(1000, 'x');
  const auto ids =
      put({series("g", stem + "1"), series("g", stem + "2"), series("g", "tab\there"), series("g", "'; --")});
  EXPECT_NE(ids[0], ids[1]);
  EXPECT_EQ(put({series("g", stem + "2")})[0], ids[1]);
  const auto long_name = registry().point(viewer(), ids[0])->name;
  EXPECT_LE(long_name.size(), 200u);
  EXPECT_TRUE(long_name.starts_with("xxx"));
  // What the registry shows, it also takes back.
  for (const auto id : ids) EXPECT_TRUE(registry().update_point(engineer(), *registry().point(viewer(), id)));
}

TEST_F(PlantSeries, AdoptADeviceThatWasMadeForThem) {
  NewDevice wanted = new_device("", "cpu", {"usage"});
  wanted.new_link.reset();
  const auto made = registry().create_device(engineer(), wanted);
  ASSERT_TRUE(made) << made.error().message();
  EXPECT_EQ(put({series("cpu", "usage")})[0], registry().points(viewer(), {})->items.at(0).id);
  EXPECT_EQ(registry().totals(tenant_.id)->devices, 1u);
}

TEST_F(PlantSeries, ComeAgainAsNewPointsAfterRemoval) {
  const auto old = put({series("g", "x")})[0];
  ASSERT_TRUE(registry().remove_device(engineer(), registry().devices(viewer(), {})->items.at(0).id, 1));
  EXPECT_GT(put({series("g", "x")})[0], old);
}

TEST_F(PlantSeries, NeedATenant) {
  EXPECT_EQ(slug(registry().register_series(model::TenantId{99}, std::vector{series("g", "x")})), "registry.not_found");
}

TEST_F(PlantSeries, AgreeAmongManyWriters) {
  std::vector<std::vector<model::PointId>> seen(8);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < seen.size(); ++t)
      threads.emplace_back([&, t] {
        std::vector<model::SeriesName> names;
        for (int i = 0; i < 100; ++i) names.push_back(series("g", karez::format("s{}", i)));
        seen[t] = put(names);
      });
  }
  for (const auto& ids : seen) EXPECT_EQ(ids, seen[0]);
  EXPECT_EQ(registry().totals(tenant_.id)->points, 100u);
}

}  // namespace
}  // namespace karez::catalog
