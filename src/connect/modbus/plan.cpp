// SPDX-License-Identifier: Apache-2.0
#include "connect/modbus/plan.h"

namespace karez::connect::modbus {
namespace {

unsigned end_of(const Wanted& w) { return w.offset + unsigned{w.span}; }
unsigned end_of(const ReadRequest& r) { return r.offset + unsigned{r.quantity}; }

}  // namespace

std::vector<ReadRequest> plan_reads(std::vector<Wanted> wanted, const ReadLimits& limits) {
  std::ranges::sort(wanted, {}, [](const Wanted& w) { return std::tuple(w.area, w.offset, w.span, w.entry); });
  std::vector<ReadRequest> requests;
  for (const Wanted& next : wanted) {
    const unsigned most = is_bits(next.area) ? limits.max_bits : limits.max_registers;
    const unsigned hole = is_bits(next.area) ? limits.hole_bits : limits.hole_registers;
    if (!requests.empty() && requests.back().area == next.area) {
      ReadRequest& open = requests.back();
      const unsigned end = std::max(end_of(open), end_of(next));
      if (next.offset <= end_of(open) + hole && end - open.offset <= most) {
        open.quantity = static_cast<std::uint16_t>(end - open.offset);
        open.wanted.push_back(next);
        continue;
      }
    }
    requests.push_back({next.area, next.offset, next.span, {next}});
  }
  return requests;
}

std::vector<ReadRequest> split(const ReadRequest& refused) {
  if (refused.wanted.size() < 2) return {};
  // Touching and overlapping values stay together here, whatever their number: they fitted before.
  const ReadLimits no_holes{.max_registers = 65536, .max_bits = 65536, .hole_registers = 0, .hole_bits = 0};
  std::vector<ReadRequest> parts = plan_reads(refused.wanted, no_holes);
  if (parts.size() > 1) return parts;
  const auto middle = refused.wanted.begin() + static_cast<std::ptrdiff_t>(refused.wanted.size() / 2);
  parts = plan_reads({refused.wanted.begin(), middle}, no_holes);
  for (ReadRequest& part : plan_reads({middle, refused.wanted.end()}, no_holes)) parts.push_back(std::move(part));
  return parts;
}

}  // namespace karez::connect::modbus
