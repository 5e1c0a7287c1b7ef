// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/call.h"

/// Bodies that more than one route reads.
namespace karez::api::routes {

/// LinkCreate below `pointer`. Errors only of our own schemas; what is wrong goes to `faults`.
Result<> read_new_link(Call& call, JsonValue value, const std::string& pointer, Faults& faults, model::Link& link);

/// Stored `config` with `patch` merged in (absent secrets stay), checked against `schema`.
Result<std::string> merged_config(std::string_view schema, std::string_view config, JsonValue patch,
                                  const std::string& pointer, Faults& faults);

/// Members of PointSpec and PointPatch except `device`; `creating` makes name, address and type required.
void read_point(ObjectReader& body, model::Point& point, bool creating);

/// Address in the driver's normal form; a wrong one becomes a fault of `body`.
void check_address(Call& call, ObjectReader& body, std::string_view driver, model::Point& point);

/// Members of DeviceCreate, WizardDevice and DevicePatch except link and config.
void read_device(ObjectReader& body, model::Device& device, bool creating);

/// Points were removed: their history, latest values and line-protocol ids go too.
Result<> forget_points(Call& call, std::span<const model::PointId> points);

}  // namespace karez::api::routes
