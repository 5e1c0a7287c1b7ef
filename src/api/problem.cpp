// SPDX-License-Identifier: Apache-2.0
#include "api/problem.h"

#include "api/technical_terms.h"
#include "base/format.h"
#include "base/text.h"

namespace karez::api {
namespace {

struct SlugStatus {
  std::string_view slug;
  int status;
};
// Where the slug says more than its code. Everything else goes by code.
constexpr SlugStatus kBySlug[] = {
    {"auth.wrong_password", 401}, {"auth.expired", 401},         {"auth.required", 401},
    {"auth.bad_token", 401},      {"auth.locked", 429},          {"auth.busy", 503},
    {"auth.stale", 412},          {"registry.stale", 412},       {"json.too_large", 413},
    {"request.too_large", 413},   {"request.precondition", 428}, {"request.media_type", 415},
    {"request.method", 405},      {"request.upgrade", 426},      {"request.headers", 431},
    {"registry.limit", 409},      {"auth.last_owner", 409},
};

int by_code(Errc code) {
  switch (code) {
    case Errc::invalid_argument: return 400;
    case Errc::not_found: return 404;
    case Errc::conflict: return 409;
    case Errc::denied: return 403;
    case Errc::timeout: return 504;
    case Errc::cancelled:
    case Errc::unavailable:
    case Errc::exhausted: return 503;
    case Errc::protocol: return 502;
    case Errc::unsupported: return 501;
    case Errc::corrupt:
    case Errc::internal: return 500;
  }
  return 500;
}

std::string cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return std::string(text.substr(0, most));
}

std::string_view status_title(int status, Lang lang) {
  const bool zh = lang == Lang::zh;
  switch (status) {
    case 400: return zh ? "请求有误" : "The request is wrong";
    case 401: return zh ? "未登录" : "Not logged in";
    case 403: return zh ? "无权操作" : "Not allowed";
    case 404: return zh ? "未找到" : "Not found";
    case 405: return zh ? "此地址不支持该方法" : "This address does not take that method";
    case 409: return zh ? "与当前状态冲突" : "It contradicts the present state";
    case 412: return zh ? "已被他人修改" : "Somebody changed it in between";
    case 413: return zh ? "请求过大" : "Too large";
    case 415: return zh ? "不支持的内容类型" : "Content type not accepted";
    case 428: return zh ? "缺少 If-Match" : "If-Match is missing";
    case 429: return zh ? "尝试过于频繁" : "Too many attempts";
    case 501: return zh ? "不支持此功能" : "Not supported";
    case 502: return zh ? "对端违反协议" : "The other side broke its protocol";
    case 503: return zh ? "暂时不可用" : "Not available now";
    case 504: return zh ? "对端超时未应答" : "The other side did not answer in time";
    default: return zh ? "服务器内部错误" : "The server failed";
  }
}

}  // namespace

int status_of(const Error& error) {
  for (const SlugStatus& s : kBySlug)
    if (s.slug == error.slug()) return s.status;
  return by_code(error.code());
}

Problem::Problem(Error error)
    : status(status_of(error)),
      slug(error.slug()),
      detail(error.text()),
      cure(error.cure_text()),
      pointer(error.pointer()) {
  if (status == 503 || status == 429) retry_after = status == 429 ? 30 : 1;
}

Lang parse_lang(std::string_view accept_language) {
  double best_en = -1, best_zh = -1;
  for (std::string_view part : split(accept_language.substr(0, 512), ',')) {
    const auto semicolon = part.find(';');
    const std::string name = to_lower(trim(part.substr(0, semicolon)));
    double q = 1;
    if (semicolon != std::string_view::npos) {
      const auto eq = part.find('=', semicolon);
      if (eq != std::string_view::npos) {
        const std::string_view number = trim(part.substr(eq + 1));
        (void)std::from_chars(number.data(), number.data() + number.size(), q);  // a bad weight counts as 1
      }
    }
    if (name.starts_with("zh")) best_zh = std::max(best_zh, q);
    if (name.starts_with("en")) best_en = std::max(best_en, q);
  }
  return best_zh > best_en ? Lang::zh : Lang::en;
}

namespace {
bool is_of_driver(std::string_view slug) {
  constexpr std::string_view kModules[] = {"connect.", "modbus.", "mqtt.", "net.", "opcua.", "spb."};
  return std::ranges::any_of(kModules, [&](std::string_view module) { return slug.starts_with(module); });
}
}  // namespace

std::string explain(std::string_view slug, std::string_view text, Lang lang) {
  const std::string_view title = title_of(slug, lang);
  if (title.empty()) return std::string(text.empty() ? slug : text);
  if (text.empty() || text == title) return std::string(title);
  const bool zh = lang == Lang::zh;
  if (is_of_driver(slug)) {
    const TechnicalTerms terms = technical_terms(text);
    if (!zh && !terms.all) return std::string(text);
    return terms.text.empty() ? std::string(title) : karez::format("{}{}{}", title, zh ? "：" : ": ", terms.text);
  }
  return zh ? karez::format("{}：{}", title, text) : std::string(text);
}

void write_reason(JsonWriter& out, std::string_view slug, std::string_view text, Lang lang) {
  if (slug.empty()) {
    out.null();
    return;
  }
  out.begin_object().field("slug", slug).field("text", cut(explain(slug, text, lang), 1990)).key("cure");
  if (const std::string_view cure = cure_of(slug, lang); !cure.empty()) out.string(cure);
  else out.null();
  out.end_object();
}

void write_item(JsonWriter& out, const ProblemItem& item, Lang lang) {
  out.begin_object().field("slug", item.slug).field("text", cut(explain(item.slug, item.text, lang), 1990));
  if (!item.pointer.empty()) out.field("pointer", cut(item.pointer, 400));
  if (item.line > 0) out.field("line", item.line);
  if (item.column > 0) out.field("column", item.column);
  if (!item.value.empty()) out.field("value", cut(item.value, 190));
  if (!item.expected.empty()) out.field("expected", cut(item.expected, 490));
  out.end_object();
}

namespace {
/// Whether `detail` says nothing that is not in `title`, in whatever order: people read both, one after the
/// other.
bool repeats(std::string_view title, std::string_view detail) {
  const auto words_of = [](std::string_view text) {
    std::string plain = to_lower(text);
    for (char& c : plain)
      if (std::string_view(".,;:!").contains(c)) c = ' ';
    std::vector<std::string> words;
    for (const std::string_view word : split(plain, ' '))
      if (!word.empty() && word != "is" && word != "are" && word != "the" && word != "a") words.emplace_back(word);
    return words;
  };
  const auto said = words_of(title);
  return std::ranges::all_of(words_of(detail), [&](const auto& word) { return std::ranges::contains(said, word); });
}

/// What is said beyond the title. Texts of errors are English; who reads Chinese gets title, cure, pointer
/// and `errors`, unless the slug has no Chinese title.
std::string detail_of(const Problem& problem, Lang lang) {
  if (problem.detail_translated) return problem.detail;
  std::string detail = problem.detail;
  if (detail.empty() && !problem.errors.empty()) {
    const ProblemItem& first = problem.errors.front();
    if (lang == Lang::zh) return std::string(title_of(first.slug, lang));
    detail = explain(first.slug, first.text, lang);
  }
  const std::string_view title = title_of(problem.slug, lang);
  if (!title.empty() && (lang == Lang::zh || repeats(title, detail))) return {};
  return detail;
}
}  // namespace

std::string problem_json(const Problem& problem, std::string_view instance, Lang lang) {
  JsonWriter out;
  std::string_view title = title_of(problem.slug, lang);
  if (title.empty()) title = status_title(problem.status, lang);
  out.begin_object().field("type", "urn:karez:problem:" + problem.slug).field("title", title);
  out.field("status", problem.status);
  if (const std::string detail = detail_of(problem, lang); !detail.empty()) out.field("detail", cut(detail, 3990));
  out.field("instance", instance).field("slug", problem.slug);
  if (!problem.pointer.empty()) out.field("pointer", cut(problem.pointer, 400));
  const std::string_view known = cure_of(problem.slug, lang);
  if (!known.empty() || !problem.cure.empty())
    out.field("cure", known.empty() ? cut(problem.cure, 1990) : std::string(known));
  if (problem.needs_role != model::Role::none) out.field("needs_role", model::to_string(problem.needs_role));
  if (!problem.errors.empty()) {
    out.key("errors").begin_array();
    for (const ProblemItem& item : problem.errors) write_item(out, item, lang);
    out.end_array();
    if (problem.errors_total > problem.errors.size()) out.field("errors_total", problem.errors_total);
  }
  out.end_object();
  return out.take();
}

void Faults::add(ProblemItem item) {
  ++total_;
  if (items_.size() < Problem::kMaxErrors) items_.push_back(std::move(item));
}

Problem Faults::problem() const {
  Problem p(400, "request.invalid");
  p.errors = items_;
  p.errors_total = total_;
  if (!items_.empty()) p.pointer = items_.front().pointer;
  return p;
}

}  // namespace karez::api
