// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace karez::api {

/// The parts of an English text that read the same in every language: addresses, status names, unit and
/// exception numbers. Drivers describe what happened in English; who reads another language gets the title
/// of the slug with these. Thread: any.
struct TechnicalTerms {
  std::string text;  ///< separated by ", "; may be empty
  bool all = false;  ///< the whole text consists of them
};
TechnicalTerms technical_terms(std::string_view text);

}  // namespace karez::api
