// SPDX-License-Identifier: Apache-2.0
#include "server/platform.h"

#include <gtest/gtest.h>

#include "server/options.h"

namespace karez::server {
namespace {

ServerOptions options_in(const Path& folder) {
  ServerOptions options;
  options.data_dir = folder / "data";
  options.http_port = 0;
  return options;
}

TEST(Platform, ASecondOneOnTheSameDataIsRefusedAndChangesNothing) {
  const TempDir dir;
  const auto options = options_in(dir.path());
  const auto first = Platform::open(options);
  ASSERT_TRUE(first) << first.error().message();
  const auto password = (*first)->make_first_user();
  ASSERT_TRUE(password && *password);
  const auto second = Platform::open(options);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().slug(), "server.data_in_use");
  (*first)->stop();
}

TEST(Platform, TheDataIsFreeAgainAfterwards) {
  const TempDir dir;
  const auto options = options_in(dir.path());
  for (int i = 0; i < 2; ++i) {
    auto platform = Platform::open(options);
    ASSERT_TRUE(platform) << platform.error().message();
  }
}

TEST(Options, RefuseALogLevelThatIsNone) {
  using Line = std::vector<std::string_view>;
  EXPECT_EQ(parse_options(Line{"--log-level", "nonsense"}).error().slug(), "options.invalid");
  EXPECT_EQ(parse_options(Line{"--log-level", "debug"})->log.level, LogLevel::debug);
}

}  // namespace
}  // namespace karez::server
