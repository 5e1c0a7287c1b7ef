// SPDX-License-Identifier: Apache-2.0
#include "cli/value.h"

#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/format.h"
#include "base/json.h"

namespace karez::cli {
namespace {

template <typename Number>
bool reads(std::string_view text, Number& out) {
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc{} && end == text.data() + text.size() && !text.empty();
}

std::unexpected<Error> unfit(std::string_view text, std::string_view expected) {
  return fail(Error(Errc::invalid_argument, "cli.value")
                  .with(karez::format("'{}' does not fit the point.", text))
                  .cure(karez::format("Give {}.", expected)));
}

}  // namespace

Result<std::string> value_for(std::string_view type, std::string_view text) {
  if (type == "bool") {
    if (text == "true" || text == "1") return "true";
    if (text == "false" || text == "0") return "false";
    return unfit(text, "true or false");
  }
  if (type == "int64") {
    std::int64_t number = 0;
    if (!reads(text, number)) return unfit(text, "a whole number of 64 bits");
    return karez::format("\"{}\"", number);
  }
  if (type == "double") {
    double number = 0;
    if (!reads(text, number) || !std::isfinite(number)) return unfit(text, "a number, such as 21.5");
    return JsonWriter().number(number).take();
  }
  return JsonWriter().string(text).take();
}

Result<std::size_t> count_for(std::string_view option, std::string_view text) {
  std::size_t number = 0;
  if (!reads(text, number) || number == 0)
    return fail(Errc::invalid_argument, "cli.number", karez::format("--{} is a whole number from 1.", option));
  return number;
}

}  // namespace karez::cli
