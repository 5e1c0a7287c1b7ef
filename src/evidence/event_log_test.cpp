// SPDX-License-Identifier: Apache-2.0
#include "evidence/event_log.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "stores/open.h"

namespace karez::evidence {
namespace {

class EvidenceEventLog : public testing::Test {
 protected:
  static Event event(std::string subject, model::TenantId tenant = model::TenantId{1}) {
    return {.tenant = tenant,
            .time = from_ns(5),
            .kind = "link",
            .subject = std::move(subject),
            .name = "'; DROP TABLE event",
            .state = "online",
            .slug = "",
            .text = "压力"};
  }
  TempDir folder_;
  std::unique_ptr<stores::SqlStore> store_ = std::move(*stores::open_sql_store(folder_.path() / "meta.db"));
  std::unique_ptr<EventLog> log_ = std::move(*EventLog::open(*store_, null_log()));
};

TEST_F(EvidenceEventLog, PagesFromTheNewestBack) {
  for (int i = 0; i < 5; ++i) log_->record(event("l" + std::to_string(i)));
  log_->record(event("other", model::TenantId{2}));
  log_->drain();
  const auto first = log_->list(model::TenantId{1}, 0, 3);
  ASSERT_TRUE(first);
  ASSERT_EQ(first->items.size(), 3u);
  EXPECT_EQ(first->items[0].subject, "l4");
  EXPECT_EQ(first->items[0].name, "'; DROP TABLE event");
  EXPECT_EQ(first->items[0].text, "压力");
  EXPECT_EQ(first->items[0].time, from_ns(5));
  const auto second = log_->list(model::TenantId{1}, first->next_before, 3);
  ASSERT_EQ(second->items.size(), 2u);
  EXPECT_EQ(second->items[1].subject, "l0");
  EXPECT_EQ(second->next_before, 0u);
}

TEST_F(EvidenceEventLog, SurvivesARestart) {
  log_->record(event("l1"));
  log_.reset();
  log_ = std::move(*EventLog::open(*store_, null_log()));
  EXPECT_EQ(log_->list(model::TenantId{1}, 0, 10)->items.size(), 1u);
}

TEST_F(EvidenceEventLog, DropsAndCountsWhatComesTooFast) {
  for (int i = 0; i < 50'000; ++i) log_->record(event("l"));
  log_->drain();
  const auto stored = log_->list(model::TenantId{1}, 0, 60'000)->items.size();
  EXPECT_EQ(stored + log_->dropped(), 50'000u);
  EXPECT_GE(stored, 4096u);
}

}  // namespace
}  // namespace karez::evidence
