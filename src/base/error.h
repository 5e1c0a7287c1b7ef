// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <string_view>

namespace karez {

/// What kind of failure this is. The list is closed: a module never adds to it, it adds a slug.
enum class Errc : unsigned char {
  invalid_argument,  ///< the caller's input is wrong; trying again unchanged will not help
  not_found,
  conflict,     ///< it exists already, or somebody changed it in between
  denied,       ///< not allowed for this caller
  timeout,      ///< a deadline passed; the outcome may be unknown
  cancelled,    ///< we were told to stop
  unavailable,  ///< the other side cannot be reached now; trying again later may help
  exhausted,    ///< a limit, queue, disk or pool is full
  protocol,     ///< the other side broke its protocol
  corrupt,      ///< stored bytes are not what was written
  unsupported,
  internal,  ///< our own fault
};

std::string_view to_string(Errc code);

/// A failure for a reason outside the program. Two words when built from code and slug; texts are
/// added on the cold path only.
/// Thread: any; immutable once returned.
class Error {
 public:
  /// `slug` is the stable "module.reason" that tests, logs and clients match on; it must be a string
  /// literal (it is not copied).
  Error(Errc code, const char* slug) noexcept : code_(code), slug_(slug) {}
  Error(const Error& other);
  Error& operator=(const Error& other);
  Error(Error&&) noexcept = default;
  Error& operator=(Error&&) noexcept = default;
  ~Error() = default;

  /// Adds what happened, where; a second call appends.
  Error&& with(std::string_view text) &&;
  /// Adds how to mend it, in the imperative ("Open port 502, then test again.").
  Error&& cure(std::string_view text) &&;
  /// Says which part of the input is wrong, as a JSON pointer ("/points/3/address").
  Error&& at(std::string_view json_pointer) &&;

  Errc code() const noexcept { return code_; }
  std::string_view slug() const noexcept { return slug_; }
  std::string_view text() const noexcept;
  std::string_view cure_text() const noexcept;
  std::string_view pointer() const noexcept;
  /// "slug: text. cure", for logs and the command line.
  std::string message() const;

 private:
  struct Detail {
    std::string text, cure, pointer;
  };
  Detail& detail();
  Errc code_;
  const char* slug_;
  std::unique_ptr<Detail> detail_;
};

template <class T = void>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(Error&& error) { return std::unexpected<Error>(std::move(error)); }
inline std::unexpected<Error> fail(Errc code, const char* slug) { return std::unexpected<Error>(Error(code, slug)); }
inline std::unexpected<Error> fail(Errc code, const char* slug, std::string_view text) {
  return std::unexpected<Error>(Error(code, slug).with(text));
}

[[noreturn]] void assert_failed(const char* expression, const char* file, int line);

}  // namespace karez

/// For our own bugs, on in every build. Never on input.
#define KZ_ASSERT(expression) \
  ((expression) ? static_cast<void>(0) : ::karez::assert_failed(#expression, __FILE__, __LINE__))

#define KZ_CONCAT_2(a, b) a##b
#define KZ_CONCAT(a, b) KZ_CONCAT_2(a, b)

#define KZ_TRY_IMPL(tmp, decl, expr, ret)                          \
  auto tmp = (expr);                                               \
  if (!tmp) [[unlikely]]                                           \
    ret ::std::unexpected<::karez::Error>(std::move(tmp).error()); \
  decl = std::move(*tmp)
#define KZ_CHECK_IMPL(tmp, expr, ret)       \
  if (auto tmp = (expr); !tmp) [[unlikely]] \
  ret ::std::unexpected<::karez::Error>(std::move(tmp).error())

/// Statement macros: bind the value or return the error. `KZ_TRY(auto p, find(id));`
#define KZ_TRY(decl, ...) KZ_TRY_IMPL(KZ_CONCAT(kz_try_, __LINE__), decl, (__VA_ARGS__), return)
#define KZ_CHECK(...) KZ_CHECK_IMPL(KZ_CONCAT(kz_chk_, __LINE__), (__VA_ARGS__), return)
/// The same inside a coroutine. `KZ_CO_TRY(auto n, co_await s.read(buf, deadline));`
#define KZ_CO_TRY(decl, ...) KZ_TRY_IMPL(KZ_CONCAT(kz_try_, __LINE__), decl, (__VA_ARGS__), co_return)
#define KZ_CO_CHECK(...) KZ_CHECK_IMPL(KZ_CONCAT(kz_chk_, __LINE__), (__VA_ARGS__), co_return)
