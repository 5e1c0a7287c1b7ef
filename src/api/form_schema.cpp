// SPDX-License-Identifier: Apache-2.0
#include "api/form_schema.h"

#include <cmath>
#include <regex>

#include "api/body.h"
#include "base/format.h"
#include "base/text.h"

namespace karez::api {
namespace {

constexpr unsigned kMaxDepth = 16;

class Checker {
 public:
  explicit Checker(Faults& faults) : faults_(faults) {}

  void value(JsonValue schema, JsonValue v, const std::string& pointer, unsigned depth) {
    if (depth > kMaxDepth) {
      add("request.type", pointer, v, "less nesting");
      return;
    }
    const std::string_view type = schema["type"].string().value_or("");
    if (!type.empty() && !has_type(type, v)) {
      add("request.type", pointer, v, type);
      return;
    }
    if (const JsonValue choices = schema["enum"]; choices.is_array()) {
      const std::string mine = v.dump();
      const auto all = choices.elements();
      if (std::ranges::none_of(all, [&](JsonValue c) { return c.dump() == mine; }))
        add("request.choice", pointer, v, choices.dump());
    }
    if (v.is_object()) object(schema, v, pointer, depth);
    else if (v.is_array()) array(schema, v, pointer, depth);
    else if (v.is_string()) text(schema, v, pointer);
    else if (const auto n = v.number()) number(schema, v, *n, pointer);
  }

 private:
  static bool has_type(std::string_view type, JsonValue v) {
    if (type == "object") return v.is_object();
    if (type == "array") return v.is_array();
    if (type == "string") return v.is_string();
    if (type == "boolean") return v.boolean().has_value();
    if (type == "integer") return v.integer().has_value();
    if (type == "number") return v.number().has_value();
    return false;
  }

  void add(const char* slug, const std::string& pointer, JsonValue v, std::string_view expected) {
    const bool shown = v && !v.is_object() && !v.is_array();
    faults_.add({.slug = slug,
                 .pointer = pointer,
                 .value = shown ? v.dump().substr(0, 100) : std::string(),
                 .expected = std::string(expected)});
  }

  void object(JsonValue schema, JsonValue v, const std::string& pointer, unsigned depth) {
    const JsonValue properties = schema["properties"];
    for (const JsonValue name : schema["required"].elements())
      if (const auto n = name.string(); n && !v[*n] && shown(properties[*n], v))
        add("request.required", pointer + "/" + pointer_token(*n), {}, "");
    const bool open = schema["additionalProperties"].boolean().value_or(false);
    for (const auto& [name, member] : v.members()) {
      const std::string where = pointer + "/" + pointer_token(name);
      if (const JsonValue s = properties[name]) value(s, member, where, depth + 1);
      else if (!open) add("request.unknown_member", where, member, "");
    }
  }

  /// A field that the form hides because of another field's value is not asked for.
  static bool shown(JsonValue property, JsonValue object) {
    const JsonValue when = property["x-when"];
    if (!when.is_object()) return true;
    const JsonValue other = object[when["property"].string().value_or("")];
    if (!other) return false;
    const std::string mine = other.dump();
    return std::ranges::any_of(when["in"].elements(), [&](JsonValue v) { return v.dump() == mine; });
  }

  void array(JsonValue schema, JsonValue v, const std::string& pointer, unsigned depth) {
    const auto size = static_cast<std::int64_t>(v.size());
    if (const auto low = schema["minItems"].integer(); low && size < *low)
      add("request.too_few", pointer, v, karez::format("at least {} items", *low));
    if (const auto high = schema["maxItems"].integer().value_or(10'000); size > high) {
      add("request.too_many", pointer, v, karez::format("at most {} items", high));
      return;
    }
    if (const JsonValue items = schema["items"]; items.is_object()) {
      std::size_t i = 0;
      for (const JsonValue e : v.elements()) value(items, e, karez::format("{}/{}", pointer, i++), depth + 1);
    }
  }

  void text(JsonValue schema, JsonValue v, const std::string& pointer) {
    const std::string_view s = *v.string();
    const auto length = static_cast<std::int64_t>(utf8_length(s));
    const auto low = schema["minLength"].integer().value_or(0), high = schema["maxLength"].integer().value_or(65536);
    const bool secret = schema["format"].string().value_or("") == "password";
    if (length < low || length > high) {
      add("request.length", pointer, secret ? JsonValue{} : v, karez::format("{} to {} characters", low, high));
      return;
    }
    // libstdc++ matches recursively: only short texts may meet an expression.
    if (const auto pattern = schema["pattern"].string(); pattern && !secret) {
      if (s.size() > 1024 || !matches(std::string(*pattern), s)) add("request.format", pointer, v, *pattern);
    }
  }

  static bool matches(const std::string& pattern, std::string_view s) {
    try {
      return std::regex_search(s.begin(), s.end(), std::regex(pattern, std::regex::ECMAScript));
    } catch (const std::regex_error&) {
      return true;  // the driver's own fault; it checks the value again when it connects
    }
  }

  void number(JsonValue schema, JsonValue v, double n, const std::string& pointer) {
    const auto low = schema["minimum"].number(), high = schema["maximum"].number();
    if ((low && n < *low) || (high && n > *high))
      add("request.range", pointer, v,
          karez::format("{} to {}", low ? karez::format("{}", *low) : "…", high ? karez::format("{}", *high) : "…"));
    if (const auto step = schema["multipleOf"].number(); step && *step > 0) {
      const double ratio = n / *step;
      if (std::abs(ratio - std::round(ratio)) > 1e-9 * std::max(1.0, std::abs(ratio)))
        add("request.range", pointer, v, karez::format("a multiple of {}", *step));
    }
  }

  Faults& faults_;
};

void strip(JsonWriter& out, JsonValue schema, JsonValue v, const std::string& pointer,
           std::vector<std::string>* secrets, unsigned depth) {
  if (depth > kMaxDepth) {
    out.null();
  } else if (v.is_object()) {
    out.begin_object();
    for (const auto& [name, member] : v.members()) {
      const JsonValue s = schema["properties"][name];
      const std::string where = pointer + "/" + pointer_token(name);
      if (s["format"].string().value_or("") == "password") {
        if (secrets && secrets->size() < 50 && !member.string().value_or("").empty()) secrets->push_back(where);
      } else {
        strip(out.key(name), s, member, where, secrets, depth + 1);
      }
    }
    out.end_object();
  } else if (v.is_array()) {
    out.begin_array();
    std::size_t i = 0;
    for (const JsonValue e : v.elements())
      strip(out, schema["items"], e, karez::format("{}/{}", pointer, i++), secrets, depth + 1);
    out.end_array();
  } else {
    out.raw(v.dump());
  }
}

}  // namespace

void check_form(JsonValue schema, JsonValue value, const std::string& pointer, Faults& faults) {
  Checker(faults).value(schema, value, pointer, 0);
}

std::string without_secrets(JsonValue schema, JsonValue value, std::vector<std::string>* secrets) {
  JsonWriter out;
  strip(out, schema, value, "", secrets, 0);
  return out.take();
}

std::string public_config(std::string_view schema, std::string_view config, std::vector<std::string>* secrets) {
  const auto s = JsonDocument::parse(schema);
  const auto c = JsonDocument::parse(config);
  if (!s || !c || !c->root().is_object()) return "{}";
  return without_secrets(s->root(), c->root(), secrets);
}

}  // namespace karez::api
