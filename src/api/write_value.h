// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/problem.h"
#include "connect/driver.h"
#include "model/plant.h"

namespace karez::api {

/// What a driver read back after a write is the value of the wire; this is it in the unit of the point,
/// rounded to 15 digits. A text that is no value of the point's type stays as it is. Thread: any.
std::string engineering_text(const model::Point& point, std::string_view read_back);

/// 400 write.out_of_limits, which names the limits in `lang`, when `write` lies outside of limit_low and
/// limit_high of the point. Texts and switches have no limits. Thread: any.
std::optional<Problem> out_of_limits(const model::Point& point, const connect::Write& write, Lang lang);

}  // namespace karez::api
