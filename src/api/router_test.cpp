// SPDX-License-Identifier: Apache-2.0
#include "api/router.h"

#include <gtest/gtest.h>

#include <set>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"

namespace karez::api {
namespace {

Answer nothing(Call&) { return no_content(); }

Router small() {
  return Router({{.method = Method::get, .path = "/a/{id}", .need = Need::viewer, .handler = nothing},
                 {.method = Method::get, .path = "/a/fixed", .need = Need::viewer, .handler = nothing},
                 {.method = Method::post, .path = "/a/fixed", .need = Need::viewer, .handler = nothing},
                 {.method = Method::del, .path = "/a/{id}", .need = Need::viewer, .handler = nothing},
                 {.method = Method::get, .path = "/a/{id}/b/{other}", .need = Need::viewer, .handler = nothing}});
}

TEST(Router, FixedSegmentWinsOverParameter) {
  const Router router = small();
  EXPECT_EQ(router.find(Method::get, "/a/fixed").route->path, "/a/fixed");
  EXPECT_EQ(router.find(Method::get, "/a/7").route->path, "/a/{id}");
}

TEST(Router, FixedPathDoesNotFallBackToTheParameterForAnotherMethod) {
  const auto match = small().find(Method::del, "/a/fixed");
  EXPECT_EQ(match.route, nullptr);
  EXPECT_EQ(match.allow, "GET, POST");
}

TEST(Router, GivesParametersInOrder) {
  const Router router = small();
  const auto match = router.find(Method::get, "/a/1/b/2");
  ASSERT_NE(match.route, nullptr);
  EXPECT_EQ(match.values[0], "1");
  EXPECT_EQ(match.values[1], "2");
}

TEST(Router, RefusesEmptySegmentsAndLongPaths) {
  const Router router = small();
  EXPECT_EQ(router.find(Method::get, "/a/").route, nullptr);
  EXPECT_EQ(router.find(Method::get, "").route, nullptr);
  EXPECT_EQ(router.find(Method::get, "a/7").route, nullptr);
  EXPECT_EQ(router.find(Method::get, "/a/" + std::string(3000, 'x')).route, nullptr);
  EXPECT_EQ(router.find(Method::get, "/a/1/2/3/4/5/6/7/8/9/10/11/12").route, nullptr);
}

/// "GET /path role" of every operation the contract lists, with what its lines say.
std::set<std::string> operations_of_contract() {
  const std::string text = read_file("src/api/openapi.yaml").value();
  std::set<std::string> out;
  std::string path, method;
  bool if_match = false, body = false, in_paths = false;
  std::string role;
  const auto close = [&] {
    if (!role.empty())
      out.insert(karez::format("{} {} {}{}{}", method, path, role, if_match ? " if-match" : "", body ? " body" : ""));
    role.clear();
    if_match = body = false;
  };
  for (const std::string_view line : split(text, '\n')) {
    if (line == "paths:") in_paths = true;
    if (line == "components:") break;
    if (!in_paths) continue;
    if (line.starts_with("  /")) {
      close();
      path = line.substr(2, line.size() - 3);
    } else if (line.starts_with("    ") && !line.starts_with("     ") && line.ends_with(':') &&
               !line.contains("parameters")) {
      close();
      method = to_lower(trim(line.substr(0, line.size() - 1)));
      std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(std::toupper(c)); });
    }
    if (line.starts_with("      x-karez-role: ")) role = line.substr(20);
    if (line.contains("parameters/IfMatch")) if_match = true;
    if (line.starts_with("      requestBody:")) body = true;
  }
  close();
  return out;
}

TEST(Router, ServesExactlyTheOperationsOfTheContractWithTheirRoles) {
  std::set<std::string> mine;
  for (const Route& r : all_routes())
    mine.insert(karez::format("{} {} {}{}{}", to_string(r.method), r.path, to_string(r.need),
                              r.if_match ? " if-match" : "", r.body != Body::none ? " body" : ""));
  EXPECT_EQ(mine, operations_of_contract());
}

}  // namespace
}  // namespace karez::api
