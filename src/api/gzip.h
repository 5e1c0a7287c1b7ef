// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace karez::api {

/// Unpacks a gzip (or zlib) body of at most `max_bytes` unpacked. Errors: request.too_large,
/// request.gzip (damaged or cut off).
Result<std::string> gunzip(std::string_view packed, std::size_t max_bytes);
/// For answers; empty when it cannot.
std::string gzip(std::string_view text);

}  // namespace karez::api
