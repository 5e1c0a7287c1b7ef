// SPDX-License-Identifier: Apache-2.0
#include "net/http_client.h"

#include <gtest/gtest.h>

namespace karez::net {
namespace {

TEST(HttpUrl, ReadsHostPortAndScheme) {
  const auto plain = parse_url("http://127.0.0.1:8080/");
  ASSERT_TRUE(plain);
  EXPECT_EQ(plain->host, "127.0.0.1");
  EXPECT_EQ(plain->port, 8080);
  const auto six = parse_url("https://[::1]:444");
  ASSERT_TRUE(six);
  EXPECT_TRUE(six->tls);
  EXPECT_EQ(six->host, "::1");
  EXPECT_EQ(six->port, 444);
  for (const char* wrong : {"127.0.0.1", "http://", "http://a:b", "http://a/x", "http://u@h", "ftp://a"})
    EXPECT_FALSE(parse_url(wrong)) << wrong;
}

TEST(HttpResponse, WaitsForTheWholeBody) {
  const std::string text = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b \r\n\r\nhello";
  for (std::size_t cut = 0; cut < text.size(); ++cut) {
    const auto r = parse_response(text.substr(0, cut), false);
    ASSERT_TRUE(r);
    EXPECT_FALSE(*r) << cut;
  }
  const auto r = parse_response(text, false);
  ASSERT_TRUE(r && *r);
  EXPECT_EQ((*r)->body, "hello");
  EXPECT_EQ((*r)->header("x-a"), "b");
}

TEST(HttpResponse, JoinsChunks) {
  const auto r = parse_response(
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n", false);
  ASSERT_TRUE(r && *r);
  EXPECT_EQ((*r)->body, "abcde");
}

TEST(HttpResponse, RefusesWhatIsNotHttp) {
  for (const char* text :
       {"SSH-2.0-x\r\n\r\n", "HTTP/1.1 2x0 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"})
    EXPECT_FALSE(parse_response(text, false)) << text;
  EXPECT_FALSE(parse_response("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello", true));
}

}  // namespace
}  // namespace karez::net
