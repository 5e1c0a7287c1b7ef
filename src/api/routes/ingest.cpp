// SPDX-License-Identifier: Apache-2.0
#include "api/ingest.h"

#include "api/line_protocol.h"
#include "api/routes/routes.h"
#include "base/format.h"
#include "base/text.h"

namespace karez::api::routes {
namespace {

/// `fallback` names the source when the parameter is not there; empty: it has to be.
Answer write(Call& call, std::string_view parameter, std::string_view fallback,
             std::initializer_list<std::string_view> precisions) {
  const std::string source = call.query.text(parameter, fallback);
  if (source.empty())
    return std::unexpected(Error(Errc::invalid_argument, "request.required").at(karez::format("?{}", parameter)));
  if (!is_printable_name(source))
    return std::unexpected(Error(Errc::invalid_argument, "request.format").at(karez::format("?{}", parameter)));
  const std::string precision = call.query.text("precision", "ns");
  const auto unit = precision_unit(precision);
  if (!unit || std::ranges::find(precisions, precision) == precisions.end())
    return std::unexpected(Error(Errc::invalid_argument, "request.choice").at("?precision"));
  KZ_TRY(const auto outcome, call.shared.ingest.write(call.scope.tenant, source, call.raw_body, *unit));
  if (outcome.lines_bad == 0) return no_content();
  Problem problem(400, "line.bad");
  problem.detail = karez::format("{} of {} lines were refused, the others are stored.", outcome.lines_bad,
                                 outcome.lines_bad + outcome.lines_ok);
  problem.errors = outcome.faults.items();
  problem.errors_total = outcome.faults.total();
  return std::unexpected(std::move(problem));
}

Answer write_v2(Call& call) { return write(call, "bucket", "default", {"ns", "us", "ms", "s"}); }
Answer write_v1(Call& call) { return write(call, "db", {}, {"n", "ns", "u", "us", "ms", "s", "m", "h"}); }

}  // namespace

std::vector<Route> ingest() {
  constexpr std::size_t kMaxBody = 16u << 20;
  return {
      {.method = Method::post,
       .path = "/api/v2/write",
       .need = Need::operator_,
       .handler = write_v2,
       .body = Body::lines,
       .max_body = kMaxBody,
       .waits = Waits::disk},
      {.method = Method::post,
       .path = "/write",
       .need = Need::operator_,
       .handler = write_v1,
       .body = Body::lines,
       .max_body = kMaxBody,
       .waits = Waits::disk},
  };
}

}  // namespace karez::api::routes
