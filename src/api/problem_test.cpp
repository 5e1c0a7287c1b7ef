// SPDX-License-Identifier: Apache-2.0
#include "api/problem.h"

#include <gtest/gtest.h>

#include "api/http.h"
#include "base/format.h"

namespace karez::api {
namespace {

TEST(Problem, MapsCodesAndTheSlugsThatSayMore) {
  EXPECT_EQ(status_of(Error(Errc::invalid_argument, "registry.invalid")), 400);
  EXPECT_EQ(status_of(Error(Errc::not_found, "registry.not_found")), 404);
  EXPECT_EQ(status_of(Error(Errc::conflict, "registry.in_use")), 409);
  EXPECT_EQ(status_of(Error(Errc::conflict, "registry.stale")), 412);
  EXPECT_EQ(status_of(Error(Errc::denied, "auth.wrong_password")), 401);
  EXPECT_EQ(status_of(Error(Errc::denied, "registry.denied")), 403);
  EXPECT_EQ(status_of(Error(Errc::exhausted, "stream.lane_full")), 503);
  EXPECT_EQ(status_of(Error(Errc::timeout, "connect.timeout")), 504);
  EXPECT_EQ(status_of(Error(Errc::unsupported, "connect.unsupported")), 501);
}

TEST(Problem, CarriesSlugPointerCureAndRequestId) {
  const Problem problem(
      Error(Errc::invalid_argument, "registry.invalid").with("Too long.").cure("Shorten it.").at("/name"));
  const auto json = JsonDocument::parse(problem_json(problem, "REQ1", Lang::en));
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["type"].string(), "urn:karez:problem:registry.invalid");
  EXPECT_EQ((*json)["status"].integer(), 400);
  EXPECT_EQ((*json)["slug"].string(), "registry.invalid");
  EXPECT_EQ((*json)["detail"].string(), "Too long.");
  EXPECT_EQ((*json)["cure"].string(), "Shorten it.");
  EXPECT_EQ((*json)["pointer"].string(), "/name");
  EXPECT_EQ((*json)["instance"].string(), "REQ1");
  EXPECT_EQ((*json)["title"].string(), "A field is wrong");
}

TEST(Problem, SpeaksChinese) {
  const auto json = JsonDocument::parse(problem_json(Problem(401, "auth.required"), "REQ1", Lang::zh));
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["title"].string(), "未登录");
}

TEST(Problem, SaysNothingEnglishToWhoReadsChinese) {
  const auto read = [](const Problem& problem, Lang lang) {
    return std::move(*JsonDocument::parse(problem_json(problem, "REQ1", lang)));
  };
  const Problem one(Error(Errc::invalid_argument, "registry.invalid").with("Too long.").at("/name"));
  EXPECT_FALSE(read(one, Lang::zh)["detail"]);
  EXPECT_EQ(read(one, Lang::en)["detail"].string(), "Too long.");
  const Problem unknown(Error(Errc::internal, "nobody.translated_this").with("It broke."));
  EXPECT_EQ(read(unknown, Lang::zh)["detail"].string(), "It broke.") << "better than nothing";
  Faults faults;
  faults.add({.slug = "request.type", .pointer = "/a", .expected = "number"});
  EXPECT_EQ(read(faults.problem(), Lang::zh)["detail"].string(), title_of("request.type", Lang::zh));
  EXPECT_EQ(read(faults.problem(), Lang::en)["detail"].string(), title_of("request.type", Lang::en));
}

TEST(Problem, DoesNotSayTheTitleTwice) {
  const Problem twice(Error(Errc::denied, "auth.wrong_password").with("User or password is wrong."));
  EXPECT_FALSE((*JsonDocument::parse(problem_json(twice, "REQ1", Lang::en)))["detail"]);
  const Problem more(Error(Errc::denied, "auth.wrong_password").with("Wrong user or password, 2 attempts left."));
  EXPECT_TRUE((*JsonDocument::parse(problem_json(more, "REQ1", Lang::en)))["detail"]);
}

TEST(Problem, ChoosesTheLanguageWithTheHigherWeight) {
  EXPECT_EQ(parse_lang("zh-CN,zh;q=0.9,en;q=0.8"), Lang::zh);
  EXPECT_EQ(parse_lang("en-US,en;q=0.9,zh;q=0.8"), Lang::en);
  EXPECT_EQ(parse_lang("de, zh;q=0.5"), Lang::zh);
  EXPECT_EQ(parse_lang(""), Lang::en);
  EXPECT_EQ(parse_lang(";;;q=,,=;"), Lang::en);
}

TEST(Problem, ListsAThousandFaultsAndCountsTheRest) {
  Faults faults;
  for (int i = 0; i < 1500; ++i) faults.add({.slug = "request.type", .pointer = karez::format("/{}", i)});
  const auto json = JsonDocument::parse(problem_json(faults.problem(), "REQ1", Lang::en));
  ASSERT_TRUE(json);
  EXPECT_EQ((*json)["errors"].size(), 1000u);
  EXPECT_EQ((*json)["errors_total"].integer(), 1500);
  EXPECT_EQ((*json)["pointer"].string(), "/0");
}

TEST(Query, DecodesAndBounds) {
  const Query query("q=a%20b+c&n=7&bad=%zz&list=a,b,c&empty=&flag=true&t=2026-07-14T05%3A42%3A11Z");
  EXPECT_EQ(query.text("q"), "a b c");
  EXPECT_EQ(query.integer("n", 1, 1, 10).value(), 7);
  EXPECT_FALSE(query.integer("n", 1, 1, 5));
  EXPECT_EQ(query.integer("absent", 3, 1, 5).value(), 3);
  EXPECT_EQ(query.get("bad"), nullptr);
  EXPECT_EQ(query.list("list", 3)->size(), 3u);
  EXPECT_FALSE(query.list("list", 2));
  EXPECT_TRUE(query.boolean("flag", false).value());
  EXPECT_TRUE(query.time("t"));
  EXPECT_EQ(query.time("q").error().pointer(), "?q");
  EXPECT_EQ(query.time("absent").error().slug(), "request.required");
}

}  // namespace
}  // namespace karez::api
