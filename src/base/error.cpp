// SPDX-License-Identifier: Apache-2.0
#include "base/error.h"

#include <cstdio>
#include <cstdlib>

namespace karez {

std::string_view to_string(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return "invalid_argument";
    case Errc::not_found: return "not_found";
    case Errc::conflict: return "conflict";
    case Errc::denied: return "denied";
    case Errc::timeout: return "timeout";
    case Errc::cancelled: return "cancelled";
    case Errc::unavailable: return "unavailable";
    case Errc::exhausted: return "exhausted";
    case Errc::protocol: return "protocol";
    case Errc::corrupt: return "corrupt";
    case Errc::unsupported: return "unsupported";
    case Errc::internal: return "internal";
  }
  return "internal";
}

Error::Error(const Error& other)
    : code_(other.code_),
      slug_(other.slug_),
      detail_(other.detail_ ? std::make_unique<Detail>(*other.detail_) : nullptr) {}

Error& Error::operator=(const Error& other) {
  if (this != &other) *this = Error(other);
  return *this;
}

Error::Detail& Error::detail() {
  if (!detail_) detail_ = std::make_unique<Detail>();
  return *detail_;
}

Error&& Error::with(std::string_view text) && {
  std::string& t = detail().text;
  if (!t.empty()) t += ' ';
  t += text;
  return std::move(*this);
}

Error&& Error::cure(std::string_view text) && {
  detail().cure = text;
  return std::move(*this);
}

Error&& Error::at(std::string_view json_pointer) && {
  detail().pointer = json_pointer;
  return std::move(*this);
}

std::string_view Error::text() const noexcept { return detail_ ? std::string_view(detail_->text) : ""; }
std::string_view Error::cure_text() const noexcept { return detail_ ? std::string_view(detail_->cure) : ""; }
std::string_view Error::pointer() const noexcept { return detail_ ? std::string_view(detail_->pointer) : ""; }

std::string Error::message() const {
  std::string out(slug_);
  if (!text().empty()) out.append(": ").append(text());
  if (!cure_text().empty() && pointer().empty() && !text().empty() && !text().ends_with('.')) out.append(".");
  if (!pointer().empty()) out.append(" (at ").append(pointer()).append(")");
  if (!cure_text().empty()) out.append(" ").append(cure_text());
  return out;
}

void assert_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "karez: internal error: %s at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace karez
