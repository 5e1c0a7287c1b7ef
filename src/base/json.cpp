// SPDX-License-Identifier: Apache-2.0
#include "base/json.h"

#include <cmath>

#include <yyjson.h>

#include "base/format.h"

namespace karez {
namespace {

yyjson_val* val(const void* v) { return const_cast<yyjson_val*>(static_cast<const yyjson_val*>(v)); }

/// Deepest nesting of brackets outside strings; a cheap guard before the parser recurses or the
/// reader walks.
bool deeper_than(std::string_view text, unsigned limit, bool comments) {
  unsigned depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      else if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (comments && text.substr(i, 2) == "//") {
      i = text.find('\n', i);
      if (i == std::string_view::npos) return false;
    } else if (comments && text.substr(i, 2) == "/*") {
      i = text.find("*/", i + 2);
      if (i == std::string_view::npos) return false;
      ++i;
    } else if (c == '{' || c == '[') {
      if (++depth > limit) return true;
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
    }
  }
  return false;
}

Result<yyjson_doc*> read(std::string_view text, JsonLimits limits, yyjson_read_flag flags) {
  if (text.size() > limits.max_bytes)
    return fail(Errc::exhausted, "json.too_large",
                karez::format("{} bytes of JSON, at most {} are accepted.", text.size(), limits.max_bytes));
  if (deeper_than(text, limits.max_depth, (flags & YYJSON_READ_ALLOW_COMMENTS) != 0))
    return fail(Errc::invalid_argument, "json.too_deep",
                karez::format("JSON is nested deeper than {} levels.", limits.max_depth));
  yyjson_read_err error{};
  // Without YYJSON_READ_INSITU the text is only read, whatever the parameter's type says.
  yyjson_doc* doc = yyjson_read_opts(const_cast<char*>(text.data()), text.size(), flags, nullptr, &error);
  if (doc == nullptr) {
    const auto [line, column] = line_and_column(text, error.pos);
    return fail(Errc::invalid_argument, "json.malformed",
                karez::format("Line {}, column {}: {}.", line, column, error.msg ? error.msg : "not JSON"));
  }
  return doc;
}

}  // namespace

JsonValue::Kind JsonValue::kind() const noexcept {
  if (value_ == nullptr) return Kind::absent;
  yyjson_val* v = val(value_);
  switch (yyjson_get_type(v)) {
    case YYJSON_TYPE_NULL: return Kind::null;
    case YYJSON_TYPE_BOOL: return Kind::boolean;
    case YYJSON_TYPE_NUM: return yyjson_is_int(v) ? Kind::integer : Kind::number;
    case YYJSON_TYPE_STR: return Kind::string;
    case YYJSON_TYPE_ARR: return Kind::array;
    case YYJSON_TYPE_OBJ: return Kind::object;
    default: return Kind::absent;
  }
}

std::optional<bool> JsonValue::boolean() const noexcept {
  if (!yyjson_is_bool(val(value_))) return std::nullopt;
  return yyjson_get_bool(val(value_));
}

std::optional<std::int64_t> JsonValue::integer() const noexcept {
  yyjson_val* v = val(value_);
  if (yyjson_is_sint(v)) return yyjson_get_sint(v);
  if (yyjson_is_uint(v) && yyjson_get_uint(v) <= static_cast<std::uint64_t>(INT64_MAX))
    return static_cast<std::int64_t>(yyjson_get_uint(v));
  return std::nullopt;
}

std::optional<double> JsonValue::number() const noexcept {
  if (!yyjson_is_num(val(value_))) return std::nullopt;
  return yyjson_get_num(val(value_));
}

std::optional<std::string_view> JsonValue::string() const noexcept {
  yyjson_val* v = val(value_);
  if (!yyjson_is_str(v)) return std::nullopt;
  return std::string_view(yyjson_get_str(v), yyjson_get_len(v));
}

JsonValue JsonValue::operator[](std::string_view name) const noexcept {
  return JsonValue(yyjson_obj_getn(val(value_), name.data(), name.size()));
}

JsonValue JsonValue::pointer(std::string_view json_pointer) const {
  return JsonValue(yyjson_ptr_getn(val(value_), json_pointer.data(), json_pointer.size()));
}

std::size_t JsonValue::size() const noexcept {
  yyjson_val* v = val(value_);
  return yyjson_is_arr(v) ? yyjson_arr_size(v) : yyjson_is_obj(v) ? yyjson_obj_size(v) : 0;
}

std::vector<JsonValue> JsonValue::elements() const {
  std::vector<JsonValue> out;
  yyjson_val* v = val(value_);
  if (!yyjson_is_arr(v)) return out;
  out.reserve(yyjson_arr_size(v));
  std::size_t i = 0, n = 0;
  yyjson_val* item = nullptr;
  yyjson_arr_foreach(v, i, n, item) out.push_back(JsonValue(item));
  return out;
}

std::vector<std::pair<std::string_view, JsonValue>> JsonValue::members() const {
  std::vector<std::pair<std::string_view, JsonValue>> out;
  yyjson_val* v = val(value_);
  if (!yyjson_is_obj(v)) return out;
  out.reserve(yyjson_obj_size(v));
  std::size_t i = 0, n = 0;
  yyjson_val *name = nullptr, *item = nullptr;
  yyjson_obj_foreach(v, i, n, name, item) {
    out.emplace_back(std::string_view(yyjson_get_str(name), yyjson_get_len(name)), JsonValue(item));
  }
  return out;
}

std::string JsonValue::dump() const {
  std::size_t length = 0;
  char* text = yyjson_val_write(val(value_), 0, &length);
  if (text == nullptr) return {};
  std::string out(text, length);
  free(text);
  return out;
}

void JsonDocument::Free::operator()(void* document) const noexcept {
  yyjson_doc_free(static_cast<yyjson_doc*>(document));
}

Result<JsonDocument> JsonDocument::parse(std::string_view text, JsonLimits limits) {
  KZ_TRY(yyjson_doc * doc, read(text, limits, YYJSON_READ_NOFLAG));
  JsonDocument out;
  out.document_.reset(doc);
  return out;
}

Result<JsonDocument> JsonDocument::parse_config(std::string_view text, JsonLimits limits) {
  KZ_TRY(yyjson_doc * doc, read(text, limits, YYJSON_READ_ALLOW_COMMENTS | YYJSON_READ_ALLOW_TRAILING_COMMAS));
  JsonDocument out;
  out.document_.reset(doc);
  return out;
}

JsonValue JsonDocument::root() const noexcept {
  return JsonValue(yyjson_doc_get_root(static_cast<yyjson_doc*>(document_.get())));
}

std::pair<std::size_t, std::size_t> line_and_column(std::string_view text, std::size_t offset) {
  std::size_t line = 1, start = 0;
  for (std::size_t i = 0; i < offset && i < text.size(); ++i)
    if (text[i] == '\n') {
      ++line;
      start = i + 1;
    }
  return {line, std::min(offset, text.size()) - start + 1};
}

void JsonWriter::separate() {
  if (need_comma_) out_ += ',';
  need_comma_ = true;
}
JsonWriter& JsonWriter::begin_object() {
  separate();
  out_ += '{';
  need_comma_ = false;
  return *this;
}
JsonWriter& JsonWriter::end_object() {
  out_ += '}';
  need_comma_ = true;
  return *this;
}
JsonWriter& JsonWriter::begin_array() {
  separate();
  out_ += '[';
  need_comma_ = false;
  return *this;
}
JsonWriter& JsonWriter::end_array() {
  out_ += ']';
  need_comma_ = true;
  return *this;
}
JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_ += ':';
  need_comma_ = false;
  return *this;
}
JsonWriter& JsonWriter::string(std::string_view value) {
  separate();
  append_json_string(out_, value);
  return *this;
}
JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }
JsonWriter& JsonWriter::null() { return raw("null"); }
JsonWriter& JsonWriter::integer(std::int64_t value) {
  separate();
  karez::format_to(out_, "{}", value);
  return *this;
}
JsonWriter& JsonWriter::unsigned_integer(std::uint64_t value) {
  separate();
  karez::format_to(out_, "{}", value);
  return *this;
}
JsonWriter& JsonWriter::number(double value) {
  if (!std::isfinite(value)) return null();
  separate();
  char buffer[32];
  const auto [end, ec] = std::to_chars(buffer, buffer + sizeof buffer, value);
  out_.append(buffer, end);
  return *this;
}
JsonWriter& JsonWriter::integer_string(std::int64_t value) {
  separate();
  karez::format_to(out_, "\"{}\"", value);
  return *this;
}
JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_ += json;
  return *this;
}

}  // namespace karez
