// SPDX-License-Identifier: Apache-2.0
#include "plant/recording.h"

#include <charconv>

#include "base/format.h"
#include "base/text.h"

namespace karez::plant {
namespace {

std::unexpected<Error> bad(const Path& file, std::size_t line, std::string_view what) {
  return fail(Errc::corrupt, "plant.bad_recording", karez::format("{}:{}: {}", file.string(), line, what));
}

}  // namespace

Result<Recording> Recording::load(const Path& file) {
  KZ_TRY(const std::string text, read_file(file, 8u << 20));
  Recording out;
  std::size_t number = 0;
  for (const std::string_view raw : split(text, '\n')) {
    ++number;
    const std::string_view line = trim(raw);
    if (line.empty()) continue;
    if (out.columns.empty()) {
      for (const std::string_view name : split(line, ',')) out.columns.emplace_back(name);
      continue;
    }
    std::vector<double> row;
    for (const std::string_view cell : split(line, ',')) {
      double value = 0;
      const auto [end, ec] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
      if (ec != std::errc{} || end != cell.data() + cell.size()) return bad(file, number, "not a number");
      row.push_back(value);
    }
    if (row.size() != out.columns.size()) return bad(file, number, "the number of columns changes");
    out.rows.push_back(std::move(row));
  }
  if (out.rows.empty()) return bad(file, number, "there are no records");
  return out;
}

Result<Recordings> Recordings::load(const Path& folder) {
  Recordings out;
  KZ_TRY(out.machine, Recording::load(folder / "machine_temperature.csv"));
  KZ_TRY(out.ambient, Recording::load(folder / "ambient_temperature.csv"));
  const Path engines = folder / "engines.csv";
  KZ_TRY(const Recording all, Recording::load(engines));
  if (all.columns.size() <= kEngineHead || all.columns[0] != "unit") return bad(engines, 1, "these are no engines");
  for (const auto& row : all.rows) {
    if (out.engines.empty() || out.engines.back().rows.back()[0] != row[0]) out.engines.push_back({all.columns, {}});
    out.engines.back().rows.push_back(row);
  }
  return out;
}

}  // namespace karez::plant
