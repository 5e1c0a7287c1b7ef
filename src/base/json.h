// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"

namespace karez {

/// How much outside JSON may ask of us.
struct JsonLimits {
  std::size_t max_bytes = 16u << 20;
  unsigned max_depth = 64;
};

/// A read-only view of one value inside a JsonDocument; valid as long as the document lives.
/// Absent members and wrong types read as "nothing", never as a crash.
class JsonValue {
 public:
  enum class Kind : unsigned char { absent, null, boolean, integer, number, string, array, object };

  JsonValue() = default;
  Kind kind() const noexcept;
  explicit operator bool() const noexcept { return value_ != nullptr; }
  bool is_null() const noexcept { return kind() == Kind::null; }
  bool is_object() const noexcept { return kind() == Kind::object; }
  bool is_array() const noexcept { return kind() == Kind::array; }
  bool is_string() const noexcept { return kind() == Kind::string; }

  std::optional<bool> boolean() const noexcept;
  /// Whole numbers that fit; a number such as 3.0 does not count as an integer.
  std::optional<std::int64_t> integer() const noexcept;
  /// Any number.
  std::optional<double> number() const noexcept;
  std::optional<std::string_view> string() const noexcept;

  /// Member of an object, or absent. The first of equal names wins.
  JsonValue operator[](std::string_view name) const noexcept;
  /// RFC 6901 pointer below this value, or absent.
  JsonValue pointer(std::string_view json_pointer) const;
  /// Elements of an array or members of an object.
  std::size_t size() const noexcept;
  std::vector<JsonValue> elements() const;
  std::vector<std::pair<std::string_view, JsonValue>> members() const;
  /// The value as JSON text.
  std::string dump() const;

 private:
  friend class JsonDocument;
  explicit JsonValue(const void* value) noexcept : value_(value) {}
  const void* value_ = nullptr;
};

/// A parsed document. Thread: any for reading.
class JsonDocument {
 public:
  /// Strict RFC 8259, UTF-8 checked. Errors: json.too_large, json.too_deep, json.malformed (with line
  /// and column).
  static Result<JsonDocument> parse(std::string_view text, JsonLimits limits = {});
  /// The same, with // and /* */ comments and trailing commas: configuration written by people.
  static Result<JsonDocument> parse_config(std::string_view text, JsonLimits limits = {});

  JsonValue root() const noexcept;
  JsonValue operator[](std::string_view name) const noexcept { return root()[name]; }

 private:
  struct Free {
    void operator()(void* document) const noexcept;
  };
  std::unique_ptr<void, Free> document_;
};

/// Line (from 1) and column (from 1) of a byte offset, for messages about files people wrote.
std::pair<std::size_t, std::size_t> line_and_column(std::string_view text, std::size_t offset);
/// Byte offset of the value that `json_pointer` names in `text` (comments allowed), or nothing.
std::optional<std::size_t> offset_of_pointer(std::string_view text, std::string_view json_pointer);

/// Streams JSON into a string that it owns and may be reused; no tree is built. Commas are its task,
/// well-formedness is the caller's.
/// Thread: one at a time.
class JsonWriter {
 public:
  JsonWriter& begin_object();
  JsonWriter& end_object();
  JsonWriter& begin_array();
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);
  JsonWriter& string(std::string_view value);
  JsonWriter& boolean(bool value);
  JsonWriter& integer(std::int64_t value);
  JsonWriter& unsigned_integer(std::uint64_t value);
  /// Shortest text that reads back to the same double; NaN and infinities become null.
  JsonWriter& number(double value);
  /// An int64 as a JSON string, the API's form for values that JavaScript would round.
  JsonWriter& integer_string(std::int64_t value);
  JsonWriter& null();
  /// Text that is JSON already.
  JsonWriter& raw(std::string_view json);

  JsonWriter& field(std::string_view name, std::string_view value) { return key(name).string(value); }
  JsonWriter& field(std::string_view name, const char* value) { return key(name).string(value); }
  JsonWriter& field(std::string_view name, bool value) { return key(name).boolean(value); }
  JsonWriter& field(std::string_view name, double value) { return key(name).number(value); }
  template <std::signed_integral T>
  JsonWriter& field(std::string_view name, T value) {
    return key(name).integer(value);
  }
  template <std::unsigned_integral T>
    requires(!std::same_as<T, bool>)
  JsonWriter& field(std::string_view name, T value) {
    return key(name).unsigned_integer(value);
  }

  std::string_view view() const noexcept { return out_; }
  /// The text so far; the writer is then as new.
  std::string take() {
    need_comma_ = false;
    return std::exchange(out_, {});
  }
  void clear() noexcept {
    out_.clear();
    need_comma_ = false;
  }

 private:
  void separate();
  std::string out_;
  bool need_comma_ = false;
};

/// Appends `text` as a quoted JSON string; invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

}  // namespace karez
