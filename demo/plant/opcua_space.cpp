// SPDX-License-Identifier: Apache-2.0
#include "plant/opcua_space.h"

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "model/sample.h"

namespace karez::plant {
namespace {

struct Sensor {
  std::string_view name, description, unit;
};
// Saxena and Goebel, "Damage propagation modeling for aircraft engine run-to-failure simulation" (2008), table 2.
constexpr Sensor kSensors[] = {
    {"T2", "风扇进口总温 · Total temperature at fan inlet", "[degR]"},
    {"T24", "低压压气机出口总温 · Total temperature at LPC outlet", "[degR]"},
    {"T30", "高压压气机出口总温 · Total temperature at HPC outlet", "[degR]"},
    {"T50", "低压涡轮出口总温 · Total temperature at LPT outlet", "[degR]"},
    {"P2", "风扇进口压力 · Pressure at fan inlet", "[psi]"},
    {"P15", "外涵道总压 · Total pressure in bypass duct", "[psi]"},
    {"P30", "高压压气机出口总压 · Total pressure at HPC outlet", "[psi]"},
    {"Nf", "风扇物理转速 · Physical fan speed", "/min"},
    {"Nc", "核心机物理转速 · Physical core speed", "/min"},
    {"epr", "发动机压比 · Engine pressure ratio (P50/P2)", "1"},
    {"Ps30", "高压压气机出口静压 · Static pressure at HPC outlet", "[psi]"},
    {"phi", "燃油流量与 Ps30 之比 · Ratio of fuel flow to Ps30", "[lb_av]/s/[psi]"},
    {"NRf", "风扇换算转速 · Corrected fan speed", "/min"},
    {"NRc", "核心机换算转速 · Corrected core speed", "/min"},
    {"BPR", "涵道比 · Bypass ratio", "1"},
    {"farB", "燃烧室油气比 · Burner fuel-air ratio", "1"},
    {"htBleed", "引气焓 · Bleed enthalpy", "1"},
    {"Nf_dmd", "风扇需求转速 · Demanded fan speed", "/min"},
    {"PCNfR_dmd", "风扇需求换算转速 · Demanded corrected fan speed", "/min"},
    {"W31", "高压涡轮冷却引气流量 · HPT coolant bleed", "[lb_av]/s"},
    {"W32", "低压涡轮冷却引气流量 · LPT coolant bleed", "[lb_av]/s"},
};

using Kind = SpaceNode::Kind;
using Read = std::function<Value(const Plant&)>;

SpaceNode group(Kind kind, std::string path, std::string description = {}) {
  SpaceNode node;
  node.kind = kind;
  node.name = path.substr(path.rfind('.') + 1);
  node.path = std::move(path);
  node.description = std::move(description);
  return node;
}

SpaceNode variable(std::string path, std::string description, std::string unit, Read read) {
  SpaceNode node = group(Kind::variable, std::move(path), std::move(description));
  node.unit = std::move(unit);
  node.read = std::move(read);
  return node;
}

SpaceNode measured(std::string path, std::string description, std::string unit, double low, double high, Read read) {
  SpaceNode node = variable(std::move(path), std::move(description), std::move(unit), std::move(read));
  node.range = {low, high};
  return node;
}

SpaceNode property(std::string path, std::string value) {
  SpaceNode node = group(Kind::property, std::move(path));
  node.read = [value = std::move(value)](const Plant&) { return Value(value); };
  return node;
}

/// A fault that comes every `period` seconds for `length` seconds.
std::function<std::uint16_t(std::uint64_t)> now_and_then(model::Quality quality, std::uint64_t period,
                                                         std::uint64_t first, std::uint64_t length) {
  return [=](std::uint64_t second) -> std::uint16_t {
    const std::uint64_t at = second % period;
    return at >= first && at < first + length ? quality.code : 0;
  };
}

std::int64_t whole(double v) { return static_cast<std::int64_t>(v); }

void add_engines(std::vector<SpaceNode>& out, const Plant& plant) {
  out.push_back(group(Kind::folder, "TestHall", "发动机试车厅 · Engine test hall"));
  const auto columns = plant.engine_columns();
  for (std::size_t cell = 0; cell < Plant::kCells; ++cell) {
    const std::string base = karez::format("TestHall.Cell{}", cell + 1);
    out.push_back(group(Kind::object, base, karez::format("{}号试车间 · Test cell {}", cell + 1, cell + 1)));
    out.push_back(property(base + ".Manufacturer", "NASA"));
    out.push_back(property(base + ".Model", "C-MAPSS FD001"));
    out.push_back(variable(base + ".Recording", "记录号 · Recorded engine", "1",
                           [cell](const Plant& p) { return Value(whole(p.engine(cell)[0])); }));
    out.push_back(variable(base + ".Cycle", "循环 · Cycle", "{cycles}",
                           [cell](const Plant& p) { return Value(whole(p.engine(cell)[1])); }));
    out.push_back(group(Kind::object, base + ".Engine", "涡扇发动机 · Turbofan engine"));
    out.push_back(group(Kind::folder, base + ".Engine.Settings", "工况 · Operating conditions"));
    for (std::size_t i = 2; i < kEngineHead; ++i)
      out.push_back(variable(karez::format("{}.Engine.Settings.Setting{}", base, i - 1),
                             "工况参数 · Operational setting", "1",
                             [cell, i](const Plant& p) { return Value(p.engine(cell)[i]); }));
    for (std::size_t i = 0; i < std::size(kSensors) && kEngineHead + i < columns.size(); ++i) {
      const auto [low, high] = plant.engine_range(kEngineHead + i);
      const double margin = std::max((high - low) * 0.1, std::abs(high) * 0.01);
      out.push_back(measured(karez::format("{}.Engine.{}", base, kSensors[i].name),
                             std::string(kSensors[i].description), std::string(kSensors[i].unit), low - margin,
                             high + margin,
                             [cell, i](const Plant& p) { return Value(p.engine(cell)[kEngineHead + i]); }));
      if (cell == 2 && kSensors[i].name == "P15")
        out.back().status = now_and_then(model::quality::kBadSensorFailure, 120, 60, 10);
      if (cell == 1 && kSensors[i].name == "Nf") out.back().status = now_and_then(model::Quality{0x4093}, 300, 20, 5);
    }
  }
}

void add_filler(std::vector<SpaceNode>& out) {
  const std::string f = "FillingLine.Filler";
  out.push_back(group(Kind::object, f, "灌装机 · Filler"));
  out.push_back(property(f + ".Manufacturer", "Karez"));
  out.push_back(property(f + ".SerialNumber", "F24-0001"));
  out.push_back(measured(f + ".Speed", "灌装速度 · Filling speed", "{bottles}/h", 0, 30'000,
                         [](const Plant& p) { return Value(p.line.filler.speed); }));
  out.push_back(measured(f + ".SpeedSetpoint", "速度设定 · Speed set-point", "{bottles}/h", 0, 30'000,
                         [](const Plant& p) { return Value(p.line.filler.speed_setpoint); }));
  out.back().write = [](Plant& p, double v) { p.line.filler.speed_setpoint = std::clamp(v, 0.0, 30'000.0); };
  out.push_back(measured(f + ".ProductTemperature", "物料温度 · Product temperature", "Cel", 0, 90,
                         [](const Plant& p) { return Value(p.line.filler.temperature); }));
  out.push_back(measured(f + ".TankLevel", "料缸液位 · Tank level", "%", 0, 100,
                         [](const Plant& p) { return Value(p.line.filler.level); }));
  out.push_back(variable(f + ".BottleCount", "灌装瓶数 · Bottles filled", "{bottles}",
                         [](const Plant& p) { return Value(whole(p.line.filler.bottles)); }));
  out.push_back(variable(f + ".State", "状态 · State", "1",
                         [](const Plant& p) { return Value(static_cast<std::int64_t>(p.line.filler.state)); }));
  out.push_back(variable(f + ".Running", "运行 · Running", "1",
                         [](const Plant& p) { return Value(p.line.filler.state == FillingLine::State::running); }));
  out.push_back(variable(f + ".Lot", "批号 · Lot", "", [](const Plant& p) { return Value(p.line.lot_name()); }));
  out.push_back(group(Kind::folder, f + ".Valves", "灌装阀 · Filling valves"));
  for (int i = 1; i <= 24; ++i) {
    const std::string v = karez::format("{}.Valves.Valve{:02}", f, i);
    out.push_back(group(Kind::object, v, karez::format("{}号灌装阀 · Filling valve {}", i, i)));
    // Each valve has its own small deviation, so that they can be told apart.
    const double factor = 1 + 0.002 * ((i * 7) % 11 - 5);
    out.push_back(measured(v + ".Flow", "流量 · Flow", "L/min", 0, 20,
                           [factor](const Plant& p) { return Value(p.line.filler.speed / 24 / 60 * 0.5 * factor); }));
    out.push_back(measured(v + ".FillTime", "灌装时间 · Filling time", "s", 0, 10, [factor](const Plant& p) {
      return Value(p.line.filler.speed > 500 ? 24 * 3600 / p.line.filler.speed * 0.6 / factor : 0.0);
    }));
    out.push_back(variable(v + ".Fills", "灌装次数 · Fills", "1",
                           [](const Plant& p) { return Value(whole(p.line.filler.bottles / 24)); }));
  }
}

void add_downstream(std::vector<SpaceNode>& out) {
  const std::string c = "FillingLine.Capper", l = "FillingLine.Labeller", s = "FillingLine.Palletiser";
  out.push_back(group(Kind::object, c, "旋盖机 · Capper"));
  out.push_back(measured(c + ".Speed", "旋盖速度 · Capping speed", "{bottles}/h", 0, 30'000,
                         [](const Plant& p) { return Value(p.line.capper.speed); }));
  out.push_back(measured(c + ".Torque", "旋盖扭矩 · Capping torque", "N.m", 0, 4,
                         [](const Plant& p) { return Value(p.line.capper.torque); }));
  out.push_back(measured(c + ".CapLevel", "盖斗料位 · Cap hopper level", "%", 0, 100,
                         [](const Plant& p) { return Value(p.line.capper.cap_level); }));
  out.push_back(variable(c + ".Count", "旋盖瓶数 · Bottles capped", "{bottles}",
                         [](const Plant& p) { return Value(whole(p.line.capper.count)); }));
  out.push_back(variable(c + ".State", "状态 · State", "1",
                         [](const Plant& p) { return Value(static_cast<std::int64_t>(p.line.capper.state)); }));

  out.push_back(group(Kind::object, l, "贴标机 · Labeller"));
  out.push_back(measured(l + ".Speed", "贴标速度 · Labelling speed", "{bottles}/h", 0, 30'000,
                         [](const Plant& p) { return Value(p.line.labeller.speed); }));
  out.push_back(measured(l + ".GlueTemperature", "胶温 · Glue temperature", "Cel", 0, 200,
                         [](const Plant& p) { return Value(p.line.labeller.glue_temperature); }));
  out.back().status = now_and_then(model::quality::kBadOutOfService, 600, 100, 15);
  out.push_back(variable(l + ".LabelsLeft", "剩余标签 · Labels left", "{labels}",
                         [](const Plant& p) { return Value(whole(p.line.labeller.labels_left)); }));
  out.push_back(variable(l + ".Misread", "条码误读 · Misread codes", "1",
                         [](const Plant& p) { return Value(whole(p.line.labeller.misread)); }));
  out.push_back(variable(l + ".State", "状态 · State", "1",
                         [](const Plant& p) { return Value(static_cast<std::int64_t>(p.line.labeller.state)); }));

  out.push_back(group(Kind::object, s, "码垛机 · Palletiser"));
  out.push_back(variable(s + ".Layer", "当前层 · Layer", "1",
                         [](const Plant& p) { return Value(std::int64_t{p.line.palletiser.layer()}); }));
  out.push_back(variable(s + ".Pallets", "完成托盘 · Pallets finished", "{pallets}",
                         [](const Plant& p) { return Value(p.line.palletiser.pallets()); }));
  out.push_back(measured(s + ".ArmCurrent", "机械臂电流 · Arm current", "A", 0, 30,
                         [](const Plant& p) { return Value(p.line.palletiser.arm_current); }));
  out.push_back(variable(s + ".Product", "产品 · Product", "", [](const Plant& p) {
    return Value(std::string(p.line.filler.lot % 2 == 1 ? "苏打水 0.5 L" : "矿泉水 0.5 L"));
  }));
  out.push_back(variable(s + ".State", "状态 · State", "1",
                         [](const Plant& p) { return Value(static_cast<std::int64_t>(p.line.palletiser.state)); }));
}

}  // namespace

std::vector<SpaceNode> make_space(const Plant& plant) {
  std::vector<SpaceNode> out;
  add_engines(out, plant);
  out.push_back(group(Kind::object, "FillingLine", "1号灌装线 · Filling line 1"));
  add_filler(out);
  add_downstream(out);
  return out;
}

}  // namespace karez::plant
