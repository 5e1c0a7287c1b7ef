// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/call.h"

/// How resources look in answers, shared by several routes.
namespace karez::api {

/// `text`: what is known beyond the general meaning.
void write_quality(JsonWriter& out, model::Quality quality, Lang lang, std::string_view text = {});
/// "good", "uncertain", "bad".
std::string_view quality_class(model::Quality quality);
void write_time(JsonWriter& out, Timestamp time);  ///< null for kMinTime and kMaxTime
void write_or_null(JsonWriter& out, std::string_view text);
/// A value of the API: int64 as string, gap and non-finite as null.
void write_value(JsonWriter& out, model::ValueType type, std::uint64_t bits, std::string_view text, std::uint8_t flags);

void write_tenant(JsonWriter& out, const model::Tenant& tenant);
void write_link(JsonWriter& out, Call& call, States& states, const Plant& plant, const model::Link& link);
void write_device(JsonWriter& out, Call& call, States& states, const Plant& plant, const catalog::DeviceRow& device);
void write_point(JsonWriter& out, const catalog::PointRow& point);
void write_link_stats(JsonWriter& out, const connect::LinkStats& stats);
void write_events(JsonWriter& out, const Call& call, std::size_t limit);
std::string_view access_name(model::Access access);

const connect::DriverInfo* find_driver(const Services& services, std::string_view id);
/// Schema texts; "{}" for no driver.
std::string_view link_schema(const Services& services, std::string_view driver);
std::string_view device_schema(const Services& services, std::string_view driver);

/// 201 with body, Location and ETag.
Response created(std::string body, std::string location, std::uint64_t version);

}  // namespace karez::api
