// SPDX-License-Identifier: Apache-2.0
#include "plant/plant.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "base/json.h"
#include "model/enterprise.h"
#include "model/plant.h"
#include "model/unit.h"
#include "plant/opcua_space.h"
#include "plant/options.h"

namespace karez::plant {
namespace {

// Tests run with the root of the tree as working folder.
const Path kFolder = "demo/plant";

Recordings recordings() {
  auto out = Recordings::load(kFolder / "data");
  EXPECT_TRUE(out) << (out ? "" : out.error().message());
  return std::move(*out);
}

JsonDocument description() { return JsonDocument::parse_config(read_file(kFolder / "plant.json").value()).value(); }

std::string text(JsonValue value, std::string_view name) { return std::string(value[name].string().value_or("")); }

TEST(Recording, HoldsTheBundledData) {
  const Recordings all = recordings();
  EXPECT_EQ(all.machine.rows.size(), 22'695U);
  EXPECT_EQ(all.ambient.rows.size(), 7'267U);
  ASSERT_EQ(all.engines.size(), 10U);
  EXPECT_EQ(all.engines[0].rows.size(), 192U);
  EXPECT_EQ(all.engines[0].rows[0][kEngineHead + 1], 641.82);  // T24 of engine 1 in cycle 1, as published
  EXPECT_EQ(all.engines[9].rows.back()[0], 10.0);
}

TEST(Recording, RefusesBrokenFiles) {
  const TempDir dir;
  for (const char* bad : {"", "a,b\n", "a,b\n1,2\n3\n", "a\nx\n", "a\n1,2\n"}) {
    ASSERT_TRUE(write_file_atomic(dir.path() / "x.csv", as_bytes(bad)));
    EXPECT_EQ(Recording::load(dir.path() / "x.csv").error().slug(), "plant.bad_recording") << bad;
  }
  EXPECT_EQ(Recordings::load(dir.path()).error().slug(), "file.not_found");
}

TEST(Plant, ReplaysOneRecordASecondAndGoesOnWithTheNextEngine) {
  Plant plant(recordings(), 1);
  EXPECT_FALSE(plant.advance(0.5));
  EXPECT_EQ(plant.engine(0)[1], 1.0);
  EXPECT_TRUE(plant.advance(0.5));
  EXPECT_EQ(plant.engine(0)[1], 2.0);
  const double first = plant.engine(0)[0];
  for (int i = 1; i < 192; ++i) (void)plant.advance(1);
  EXPECT_EQ(plant.engine(0)[0], first + 1);
  EXPECT_EQ(plant.engine(0)[1], 1.0);
}

TEST(Plant, StaysWithinPhysicalBoundsForADay) {
  Plant plant(recordings(), 7);
  double bottles = 0;
  std::set<FillingLine::State> seen;
  for (int i = 0; i < 86'400; ++i) {
    (void)plant.advance(1);
    const auto& f = plant.line.filler;
    ASSERT_TRUE(f.level >= 0 && f.level <= 100 && f.speed >= 0 && f.speed < 31'000 && f.vibration > 0 &&
                f.bottles >= bottles);
    ASSERT_TRUE(plant.utilities.air_pressure > 4 && plant.utilities.air_pressure < 9) << plant.utilities.air_pressure;
    ASSERT_TRUE(std::isfinite(plant.utilities.active_power) && plant.utilities.active_power >= 0);
    bottles = f.bottles;
    seen.insert(f.state);
  }
  EXPECT_GT(bottles, 300'000);
  EXPECT_TRUE(seen.contains(FillingLine::State::fault) && seen.contains(FillingLine::State::cleaning));
  EXPECT_GT(plant.utilities.starts, 10);
}

TEST(Plant, SameSeedSameDay) {
  Plant a(recordings(), 3), b(recordings(), 3);
  for (int i = 0; i < 1000; ++i) {
    (void)a.advance(1);
    (void)b.advance(1);
  }
  EXPECT_EQ(a.line.filler.bottles, b.line.filler.bottles);
  EXPECT_EQ(a.utilities.active_power, b.utilities.active_power);
}

TEST(FillingLine, StopsAndFollowsItsSetpoint) {
  FillingLine line(1);
  line.filler.speed_setpoint = 10'000;
  line.advance(60);
  EXPECT_LT(line.filler.speed, 11'000);
  line.filler.run = false;
  line.advance(60);
  EXPECT_EQ(line.filler.speed, 0);
  EXPECT_EQ(line.filler.state, FillingLine::State::stopped);
}

TEST(Space, HasParentsBeforeChildrenAndUnitsThatParse) {
  const Plant plant(recordings(), 1);
  std::set<std::string> paths;
  for (const SpaceNode& node : make_space(plant)) {
    const auto dot = node.path.rfind('.');
    EXPECT_TRUE(dot == std::string::npos || paths.contains(node.path.substr(0, dot))) << node.path;
    EXPECT_TRUE(paths.insert(node.path).second) << node.path;
    EXPECT_TRUE(node.unit.empty() || model::parse_unit(node.unit)) << node.path << ' ' << node.unit;
  }
  EXPECT_GT(paths.size(), 200U);
}

TEST(Description, FitsTheModel) {
  const JsonDocument doc = description();
  EXPECT_TRUE(model::check_industry(text(doc["enterprise"], "industry")));
  EXPECT_TRUE(model::check_region(text(doc["enterprise"], "region")));
  std::map<std::string, model::EquipmentLevel> levels{{"", model::EquipmentLevel::enterprise}};
  for (const JsonValue node : doc["equipment"].elements()) {
    const auto level = model::parse_equipment_level(text(node, "level"));
    ASSERT_TRUE(level && levels.contains(text(node, "parent"))) << text(node, "key");
    EXPECT_TRUE(model::may_contain(levels[text(node, "parent")], *level)) << text(node, "key");
    levels[text(node, "key")] = *level;
  }
  std::set<std::string> links;
  for (const JsonValue link : doc["links"].elements()) links.insert(text(link, "key"));
  for (const JsonValue device : doc["devices"].elements()) {
    EXPECT_TRUE(links.contains(text(device, "link")) && levels.contains(text(device, "equipment")))
        << text(device, "name");
    EXPECT_TRUE(model::parse_device_class(text(device, "class")) && model::parse_origin(text(device, "origin")));
    std::set<std::string> names;
    for (const JsonValue point : device["points"].elements()) {
      EXPECT_TRUE(names.insert(text(point, "name")).second) << text(point, "name");
      EXPECT_TRUE(model::parse_value_type(text(point, "type"))) << text(point, "name");
      EXPECT_FALSE(text(point, "address").empty());
      const std::string unit = text(point, "unit");
      EXPECT_TRUE(unit.empty() || model::parse_unit(unit)) << unit;
    }
    EXPECT_GE(names.size(), 2U);
  }
}

TEST(Description, NamesOnlyNodesThatTheServerHas) {
  const Plant plant(recordings(), 1);
  std::map<std::string, SpaceNode> nodes;
  for (SpaceNode& node : make_space(plant)) nodes.emplace("ns=2;s=" + node.path, node);
  std::size_t found = 0;
  const JsonDocument doc = description();
  for (const JsonValue device : doc["devices"].elements()) {
    if (text(device, "link") != "opcua") continue;
    for (const JsonValue point : device["points"].elements()) {
      const auto node = nodes.find(text(point, "address"));
      ASSERT_TRUE(node != nodes.end()) << text(point, "address");
      EXPECT_EQ(node->second.unit, text(point, "unit")) << node->first;
      const Value value = node->second.read(plant);
      const char* type = std::holds_alternative<double>(value)        ? "double"
                         : std::holds_alternative<bool>(value)        ? "bool"
                         : std::holds_alternative<std::string>(value) ? "string"
                                                                      : "int64";
      EXPECT_EQ(text(point, "type"), type) << node->first;
      ++found;
    }
  }
  EXPECT_EQ(found, 130U);
}

TEST(Options, RefuseWhatTheyDoNotKnow) {
  const auto parse = [](std::vector<const char*> words) { return parse_options(words); };
  const auto good =
      parse({"--modbus-port", "1502", "--opcua-port", "4841", "--mqtt-port", "1883", "--speed", "2.5", "--seed", "9"});
  ASSERT_TRUE(good);
  EXPECT_EQ(good->modbus_port, 1502);
  EXPECT_EQ(good->speed, 2.5);
  EXPECT_TRUE(parse({"--help"})->help);
  for (const std::vector<const char*>& bad : std::vector<std::vector<const char*>>{{"--speed", "0"},
                                                                                   {"--speed", "nan"},
                                                                                   {"--modbus-port", "70000"},
                                                                                   {"--opcua-port", "0"},
                                                                                   {"--mqtt-port"},
                                                                                   {"--x", "1"}})
    EXPECT_EQ(parse(bad).error().slug(), "plant.usage") << bad[0];
}

}  // namespace
}  // namespace karez::plant
