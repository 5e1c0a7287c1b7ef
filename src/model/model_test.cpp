// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <cmath>
#include <set>
#include <thread>

#include "model/batch.h"
#include "model/plant.h"
#include "model/scope.h"

namespace karez::model {
namespace {

TEST(Names, ReadBackWhatTheyWrite) {
  for (unsigned char i = 0; i <= 10; ++i) {
    const auto level = static_cast<EquipmentLevel>(i);
    EXPECT_EQ(parse_equipment_level(to_string(level)), level);
  }
  for (unsigned char i = 0; i <= 4; ++i) {
    EXPECT_EQ(parse_device_class(to_string(static_cast<DeviceClass>(i))), static_cast<DeviceClass>(i));
    EXPECT_EQ(parse_value_type(to_string(static_cast<ValueType>(i))), static_cast<ValueType>(i));
    EXPECT_EQ(parse_role(to_string(static_cast<Role>(i))), static_cast<Role>(i));
  }
  for (unsigned char i = 0; i <= 3; ++i)
    EXPECT_EQ(parse_origin(to_string(static_cast<Origin>(i))), static_cast<Origin>(i));
  EXPECT_FALSE(parse_equipment_level("Area"));
  EXPECT_FALSE(parse_value_type("float"));
  EXPECT_EQ(to_string(Role::operator_), "operator");
}

TEST(Ids, AreLetterAndNumber) {
  EXPECT_EQ(to_string(DeviceId{42}), "d42");
  EXPECT_EQ(parse_id<DeviceId>("d42"), DeviceId{42});
  for (const char* text : {"", "d", "d0", "d042", "p42", "d-1", "d4x", "d18446744073709551616", "d 4"})
    EXPECT_FALSE(parse_id<DeviceId>(text)) << text;
  EXPECT_FALSE(parse_id<PointId>("p4294967296"));
}

TEST(Hierarchy, FollowsTheStandard) {
  using enum EquipmentLevel;
  EXPECT_TRUE(may_contain(enterprise, site));
  EXPECT_TRUE(may_contain(area, production_line));
  EXPECT_TRUE(may_contain(production_line, work_cell));
  EXPECT_TRUE(may_contain(process_cell, unit));
  EXPECT_TRUE(may_contain(storage_zone, storage_unit));
  EXPECT_FALSE(may_contain(enterprise, area));
  EXPECT_FALSE(may_contain(area, site));
  EXPECT_FALSE(may_contain(process_cell, work_cell));
  EXPECT_FALSE(may_contain(storage_zone, unit));
  for (unsigned char i = 0; i <= 10; ++i) EXPECT_FALSE(may_contain(static_cast<EquipmentLevel>(i), enterprise));
}

TEST(Quality, HasItsOpcUaName) {
  EXPECT_EQ(quality_name(quality::kGood), "Good");
  EXPECT_EQ(quality_name(quality::kBadNotConnected), "BadNotConnected");
  EXPECT_EQ(quality_name(Quality{0x8123}), "0x8123");
  EXPECT_TRUE(quality::kGood.good() && quality::kUncertain.uncertain() && quality::kBad.bad());
}

TEST(Numeric, ReadsEveryNumberAndNothingElse) {
  EXPECT_EQ(numeric(ValueType::boolean, 1), 1.0);
  EXPECT_EQ(numeric(ValueType::int64, bits_of(std::int64_t{-7})), -7.0);
  EXPECT_EQ(numeric(ValueType::float64, bits_of(2.5)), 2.5);
  EXPECT_TRUE(std::isnan(numeric(ValueType::text, 7)));
  EXPECT_TRUE(std::isnan(numeric(ValueType::none, 0)));
}

TEST(SampleBatch, KeepsTextsInItsArena) {
  BatchPool pool(1);
  const BatchRef batch = pool.acquire();
  EXPECT_TRUE(batch->add_text(Sample{.point = PointId{1}}, "filling"));
  EXPECT_TRUE(batch->add_text(Sample{.point = PointId{1}}, ""));
  EXPECT_TRUE(batch->add_text(Sample{.point = PointId{1}}, {})) << "a text without bytes has no data either";
  EXPECT_EQ(batch->text(batch->samples()[0]), "filling");
  EXPECT_EQ(batch->text(batch->samples()[1]), "");
  EXPECT_EQ(batch->samples()[0].type, ValueType::text);
}

TEST(SampleBatch, RefusesWhatDoesNotFit) {
  BatchPool pool(1);
  const BatchRef batch = pool.acquire();
  EXPECT_FALSE(batch->add_text({}, std::string(SampleBatch::kMaxText + 1, 'x')));
  std::size_t texts = 0;
  while (batch->add_text({}, std::string(SampleBatch::kMaxText, 'x'))) ++texts;
  EXPECT_EQ(texts, SampleBatch::kArenaBytes / SampleBatch::kMaxText);
  while (batch->add(Sample{})) {}
  EXPECT_EQ(batch->size(), SampleBatch::kMaxSamples);
  EXPECT_FALSE(batch->add_text({}, ""));
}

TEST(SampleBatch, DoesNotReadTextOutsideItsArena) {
  BatchPool pool(1);
  const BatchRef batch = pool.acquire();
  Sample forged{.bits = ~std::uint64_t{0}, .type = ValueType::text};
  EXPECT_EQ(batch->text(forged), "");
  forged.bits = std::uint64_t{4} << 32 | 1;
  EXPECT_EQ(batch->text(forged), "");
}

TEST(BatchPool, GivesNothingWhenAllBlocksAreOut) {
  BatchPool pool(2);
  BatchRef a = pool.acquire(), b = pool.acquire();
  EXPECT_FALSE(pool.acquire());
  const BatchRef shared = a;
  a = {};
  EXPECT_FALSE(pool.acquire());
  b = {};
  EXPECT_EQ(pool.free_blocks(), 1U);
  EXPECT_TRUE(pool.acquire()->empty());
}

TEST(BatchPool, SharesBlocksBetweenThreads) {
  BatchPool pool(4);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&pool] {
        for (int i = 0; i < 2000; ++i) {
          const BatchRef one = pool.acquire();
          if (!one) continue;
          (void)one->add(Sample{});
          const BatchRef two = one;
          ASSERT_EQ(two->size(), 1U);
        }
      });
  }
  EXPECT_EQ(pool.free_blocks(), 4U);
}

}  // namespace
}  // namespace karez::model
