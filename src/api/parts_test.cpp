// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <set>

#include "api/auth.h"
#include "api/body.h"
#include "api/csv.h"
#include "api/form_schema.h"
#include "api/gzip.h"
#include "api/live_client.h"
#include "api/rates.h"
#include "api/series_cache.h"
#include "api/static_files.h"

namespace karez::api {
namespace {

TEST(ObjectReader, RefusesUnknownMembersMissingOnesAndWrongTypes) {
  const auto json = JsonDocument::parse(R"({"name": 5, "extra/x": 1, "count": 11})").value();
  Faults faults;
  ObjectReader body(json.root(), "/row", faults);
  std::string name, needed;
  std::int64_t count = 0;
  body.name("name", name, ObjectReader::kRequired);
  body.text("needed", needed, ObjectReader::kRequired, 1, 5);
  body.integer("count", count, ObjectReader::kOptional, 1, 10);
  body.finish();
  std::vector<std::string> found;
  for (const ProblemItem& i : faults.items()) found.push_back(i.pointer + " " + i.slug);
  EXPECT_EQ(found, (std::vector<std::string>{"/row/name request.type", "/row/needed request.required",
                                             "/row/count request.range", "/row/extra~1x request.unknown_member"}));
}

TEST(ObjectReader, CountsCharactersNotBytes) {
  const auto json = JsonDocument::parse(R"({"a": "温度温度温", "b": "tab\there"})").value();
  Faults faults;
  ObjectReader body(json.root(), "", faults);
  std::string a, b;
  EXPECT_TRUE(body.text("a", a, ObjectReader::kRequired, 1, 5));
  EXPECT_FALSE(body.name("b", b, ObjectReader::kRequired));
}

TEST(MergePatch, FollowsTheRfc) {
  const auto merge = [](std::string_view target, std::string_view patch) {
    return merge_patch(JsonDocument::parse(target).value().root(), JsonDocument::parse(patch).value().root());
  };
  EXPECT_EQ(merge(R"({"a":"b","c":1})", R"({"a":"c"})"), R"({"a":"c","c":1})");
  EXPECT_EQ(merge(R"({"a":"b"})", R"({"a":null})"), "{}");
  EXPECT_EQ(merge(R"({"a":{"b":"c"}})", R"({"a":{"b":"d","c":null}})"), R"({"a":{"b":"d"}})");
  EXPECT_EQ(merge(R"({"a":[1,2]})", R"({"a":[3]})"), R"({"a":[3]})");
  EXPECT_EQ(merge(R"({})", R"({"a":{"bb":{"ccc":null}}})"), R"({"a":{"bb":{}}})");
}

constexpr std::string_view kForm = R"({"type":"object","required":["host","secret_of"],"additionalProperties":false,
  "properties":{"host":{"type":"string","minLength":1,"pattern":"^[a-z.]+$"},"port":{"type":"integer","minimum":1,"maximum":65535},
  "mode":{"type":"string","enum":["a","b"]},"password":{"type":"string","format":"password"},
  "secret_of":{"type":"string","x-when":{"property":"mode","in":["b"]}}}})";

TEST(FormSchema, ReportsEveryFaultWithItsPointer) {
  const auto schema = JsonDocument::parse(kForm).value();
  const auto check = [&](std::string_view text) {
    Faults faults;
    const auto value = JsonDocument::parse(text).value();
    check_form(schema.root(), value.root(), "/config", faults);
    std::vector<std::string> out;
    for (const ProblemItem& i : faults.items()) out.push_back(i.pointer + " " + i.slug);
    return out;
  };
  using Found = std::vector<std::string>;
  EXPECT_EQ(check(R"({"host":"plc.local","port":502,"mode":"a"})"), Found{});
  EXPECT_EQ(check(R"({"host":"PLC"})"), Found{"/config/host request.format"});
  EXPECT_EQ(check(R"({"host":"plc","mode":"b"})"), Found{"/config/secret_of request.required"});
  EXPECT_EQ(check(R"({"port":0,"x":1,"host":"a","mode":"c"})"),
            (Found{"/config/port request.range", "/config/x request.unknown_member", "/config/mode request.choice"}));
  EXPECT_EQ(check("[]"), Found{"/config request.type"});
}

TEST(FormSchema, TakesSecretsOutAndSaysWhere) {
  std::vector<std::string> secrets;
  EXPECT_EQ(public_config(kForm, R"({"host":"a","password":"x"})", &secrets), R"({"host":"a"})");
  EXPECT_EQ(secrets, std::vector<std::string>{"/password"});
  EXPECT_EQ(public_config(kForm, "not json", nullptr), "{}");
}

TEST(Csv, ReadsQuotesLineBreaksAndBothLineEnds) {
  CsvReader csv("\xef\xbb\xbfname,text\r\na,\"x \"\"y\"\", z\"\n\n\"b\nb\",2\r\nlast,");
  std::vector<std::string> cells;
  ASSERT_TRUE(csv.next(cells));
  EXPECT_EQ(cells, (std::vector<std::string>{"name", "text"}));
  ASSERT_TRUE(csv.next(cells));
  EXPECT_EQ(cells, (std::vector<std::string>{"a", "x \"y\", z"}));
  EXPECT_EQ(csv.line(), 2u);
  ASSERT_TRUE(csv.next(cells));
  EXPECT_EQ(cells, (std::vector<std::string>{"b\nb", "2"}));
  EXPECT_EQ(csv.line(), 4u);
  ASSERT_TRUE(csv.next(cells));
  EXPECT_EQ(cells, (std::vector<std::string>{"last", ""}));
  EXPECT_EQ(csv.line(), 6u);
  EXPECT_FALSE(csv.next(cells));
  EXPECT_TRUE(csv.bad().empty());
}

TEST(Csv, StopsAtAnOpenQuote) {
  CsvReader csv("a,b\n1,\"open\n");
  std::vector<std::string> cells;
  EXPECT_TRUE(csv.next(cells));
  EXPECT_FALSE(csv.next(cells));
  EXPECT_FALSE(csv.bad().empty());
  EXPECT_EQ(csv.line(), 2u);
}

TEST(Csv, EscapesFormulasButNotNumbers) {
  std::string out;
  for (const char* cell : {"=1+1", "-5.5", "+x", "@a", "plain", "a,b", "q\"q"}) {
    append_csv(out, cell);
    out += '|';
  }
  EXPECT_EQ(out, "\"'=1+1\"|-5.5|\"'+x\"|\"'@a\"|plain|\"a,b\"|\"q\"\"q\"|");
}

TEST(Gzip, UnpacksWithinItsBoundOnly) {
  const std::string text(1'000'000, 'x');
  const std::string packed = gzip(text);
  EXPECT_LT(packed.size(), 5000u);
  EXPECT_EQ(gunzip(packed, 2'000'000).value(), text);
  EXPECT_EQ(gunzip(packed, 999'999).error().slug(), "request.too_large");
  EXPECT_EQ(gunzip(packed.substr(0, packed.size() / 2), 2'000'000).error().slug(), "request.gzip");
  EXPECT_EQ(gunzip("plain text", 100).error().slug(), "request.gzip");
  EXPECT_EQ(gunzip("", 100).error().slug(), "request.gzip");
}

TEST(SeriesCache, FindsWhatWasPutAndStartsAnewWhenFull) {
  SeriesCache cache(3000);
  for (std::uint32_t i = 1; i <= 3000; ++i)
    cache.put(SeriesCache::key_of(std::to_string(i)), model::PointId{i}, model::ValueType::float64);
  for (std::uint32_t i = 1; i <= 3000; ++i) {
    const auto* e = cache.find(SeriesCache::key_of(std::to_string(i)));
    ASSERT_NE(e, nullptr);
    EXPECT_EQ(e->point.value, i);
  }
  EXPECT_EQ(cache.find(SeriesCache::key_of("absent")), nullptr);
  cache.put(SeriesCache::key_of("more"), model::PointId{5000}, model::ValueType::int64);
  EXPECT_EQ(cache.size(), 1u);
}

TEST(Auth, ReadsIfMatch) {
  const auto with = [](std::string tag) {
    Request r;
    r.header = [tag](std::string_view name) { return name == "if-match" ? std::string_view(tag) : std::string_view{}; };
    return if_match(r);
  };
  EXPECT_EQ(with("\"v12\"").value(), 12u);
  EXPECT_EQ(with("W/\"v12\"").value(), 12u);
  EXPECT_FALSE(with("*").value().has_value());
  EXPECT_EQ(with("").error().slug(), "request.precondition");
  for (const char* bad : {"\"12\"", "v12", "\"v\"", "\"v0\"", "\"v1x\"", "\"v-1\"", "\"v99999999999999999999\"", "\""})
    EXPECT_EQ(with(bad).error().slug(), "registry.stale") << bad;
}

TEST(Auth, OriginMustNameOurHost) {
  const auto from = [](std::string_view origin) {
    Request r;
    r.header = [origin](std::string_view name) {
      return name == "origin" ? origin : name == "host" ? std::string_view("a:80") : std::string_view{};
    };
    return check_origin(r).has_value();
  };
  EXPECT_TRUE(from("http://a:80"));
  EXPECT_FALSE(from("http://b:80"));
  EXPECT_FALSE(from("null"));
  EXPECT_FALSE(from(""));
}

TEST(Rates, MeasuresSamplesOverTheLastMinute) {
  ManualClock clock;
  Rates rates(clock);
  for (std::uint64_t i = 0; i <= 40; ++i) {
    rates.note_samples(i * 500);
    clock.advance(std::chrono::seconds(5));
  }
  EXPECT_DOUBLE_EQ(rates.samples_per_second(), 100);
}

TEST(StaticFiles, ServesFilesStartPageAndNothingElse) {
  const TempDir dir;
  const Path root = dir.path();
  ASSERT_TRUE(make_directories(root / "assets"));
  const auto put = [&](const Path& name, std::string_view text) {
    ASSERT_TRUE(write_file_atomic(root / name, as_bytes(text)));
  };
  put("index.html", "<html>");
  put("assets/app-1a2b.js", "code");
  put("assets/app-1a2b.js.gz", "packed");
  const StaticFiles files(root.string());
  const auto get = [&](std::string_view path, std::string_view encoding = {}) {
    Request r;
    r.path = path;
    r.header = [encoding](std::string_view name) { return name == "accept-encoding" ? encoding : std::string_view{}; };
    return files.find(r);
  };
  EXPECT_EQ(get("/")->value().body, "<html>");
  EXPECT_EQ(get("/trends/7")->value().body, "<html>");
  EXPECT_EQ(get("/assets/app-1a2b.js")->value().body, "code");
  EXPECT_EQ(get("/assets/app-1a2b.js", "gzip, br")->value().body, "packed");
  EXPECT_FALSE(get("/assets/missing.js"));
  EXPECT_FALSE(get("/../secret.txt"));
  const auto headers = get("/assets/app-1a2b.js")->value().headers;
  EXPECT_TRUE(std::ranges::any_of(
      headers, [](const auto& h) { return h.first == "Cache-Control" && h.second.contains("immutable"); }));
}

stream::LatestTable& table() {
  static stream::LatestTable latest;
  return latest;
}

constexpr Timestamp kWall{std::chrono::seconds(1'800'000'000)};

std::vector<LiveClient::Point> points(std::initializer_list<std::uint32_t> ids, Duration stale_after = {}) {
  std::vector<LiveClient::Point> out;
  for (const std::uint32_t id : ids) out.push_back({.id = model::PointId{id}, .stale_after = stale_after});
  return out;
}

std::uint64_t seq_of(const std::string& message) {
  return static_cast<std::uint64_t>(JsonDocument::parse(message).value()["seq"].integer().value_or(0));
}

TEST(LiveClient, SendsOnlyAfterTheAckOfTheMessageBefore) {
  const Monotonic start{};
  LiveClient client(start, 1);
  ASSERT_TRUE(client.subscribe(points({7, 7, 3}), 1000));
  std::string out;
  ASSERT_EQ(client.next(start, kWall, table(), out), LiveClient::Step::send);
  EXPECT_EQ(out.substr(out.find(",\"values")),
            R"(,"values":[["p3",null,null,32818,0,false],["p7",null,null,32818,0,false]]})");
  const std::uint64_t first = seq_of(out);
  EXPECT_EQ(client.next(start + std::chrono::seconds(9), kWall, table(), out), LiveClient::Step::nothing);
  EXPECT_FALSE(client.ack(first + 1));
  EXPECT_TRUE(client.ack(first));
  EXPECT_EQ(client.next(start + std::chrono::seconds(1), kWall, table(), out), LiveClient::Step::nothing);
  ASSERT_EQ(client.next(start + std::chrono::seconds(4), kWall, table(), out), LiveClient::Step::send);
  EXPECT_EQ(out.substr(out.find(",\"values")), R"(,"values":[]})");
  EXPECT_GT(seq_of(out), first);
  EXPECT_EQ(client.next(start + std::chrono::seconds(15), kWall, table(), out), LiveClient::Step::close);
}

TEST(LiveClient, NumbersItsMessagesSoThatOnlyAReaderCanAcknowledge) {
  std::set<std::uint64_t> firsts, steps;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    const Monotonic start{};
    LiveClient client(start, seed);
    std::string out;
    ASSERT_EQ(client.next(start, kWall, table(), out), LiveClient::Step::send);
    const std::uint64_t first = seq_of(out);
    ASSERT_TRUE(client.ack(first));
    ASSERT_EQ(client.next(start + std::chrono::seconds(5), kWall, table(), out), LiveClient::Step::send);
    firsts.insert(first);
    steps.insert(seq_of(out) - first);
  }
  EXPECT_GT(firsts.size(), 40u);
  EXPECT_GT(steps.size(), 40u);
}

TEST(LiveClient, BoundsTheAnswersOfAClientThatDoesNotRead) {
  const Monotonic start{};
  LiveClient client(start, 1);
  std::string out;
  for (unsigned i = 0; i < LiveClient::kMaxUnasked; ++i) EXPECT_TRUE(client.may_answer());
  EXPECT_FALSE(client.may_answer());
  ASSERT_EQ(client.next(start, kWall, table(), out), LiveClient::Step::send);
  EXPECT_FALSE(client.ack(seq_of(out) + 1));
  EXPECT_FALSE(client.may_answer());
  EXPECT_TRUE(client.ack(seq_of(out)));
  EXPECT_TRUE(client.may_answer());
}

TEST(LiveClient, BoundsItsPoints) {
  LiveClient client(Monotonic{}, 1);
  ASSERT_TRUE(client.subscribe(points({1, 2}), 2));
  EXPECT_FALSE(client.subscribe(points({3}), 2));
  client.unsubscribe({model::PointId{1}});
  EXPECT_TRUE(client.subscribe(points({3}), 2));
}

TEST(LiveClient, SaysWhenAPointGrowsOldAndWhenItHoldsAgain) {
  const model::PointId point{9};
  stream::LatestTable latest;
  latest.seed({.point = point, .time = kWall, .received = kWall, .type = model::ValueType::boolean, .bits = 1});
  LiveClient client(Monotonic{}, 1);
  ASSERT_TRUE(client.subscribe(points({9}, std::chrono::seconds(3)), 10));
  int second = 0;
  const auto values = [&](int after) {
    second += after;
    std::string out;
    const auto step =
        client.next(Monotonic{} + std::chrono::seconds(second), kWall + std::chrono::seconds(second), latest, out);
    if (step != LiveClient::Step::send) return std::string("nothing");
    EXPECT_TRUE(client.ack(seq_of(out)));
    return out.substr(out.rfind(',') + 1);
  };
  EXPECT_EQ(values(0), "false]]}");
  EXPECT_EQ(values(2), "nothing");
  EXPECT_EQ(values(2), "true]]}");
  EXPECT_EQ(values(2), "nothing");
  latest.seen(std::vector{point}, kWall + std::chrono::seconds(second));
  EXPECT_EQ(values(1), "false]]}");
}

TEST(LiveMessage, AcceptsTheThreeFormsOnly) {
  EXPECT_EQ(parse_live_message(R"({"op":"subscribe","points":["p1"],"interval_ms":100})")->interval,
            std::chrono::milliseconds(100));
  EXPECT_EQ(parse_live_message(R"({"op":"ack","seq":5})")->seq, 5u);
  EXPECT_TRUE(parse_live_message(R"({"op":"unsubscribe","points":[]})"));
  for (const char* bad :
       {"", "[]", "{}", R"({"op":"x"})", R"({"op":"ack"})", R"({"op":"ack","seq":0})", R"({"op":"ack","seq":1,"x":1})",
        R"({"op":"subscribe","points":["x"]})", R"({"op":"subscribe","points":["p1"],"interval_ms":1})", "\xff"})
    EXPECT_FALSE(parse_live_message(bad)) << bad;
}

}  // namespace
}  // namespace karez::api
