// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/ack_book.h"

#include <gtest/gtest.h>

#include <vector>

namespace karez::connect::mqtt {
namespace {

std::vector<int> due(AckBook& book) {
  std::vector<int> out;
  while (const auto d = book.next_due()) out.push_back(d->id);
  return out;
}

void receive(AckBook& book, std::uint16_t id, Ticket ticket, std::uint8_t qos = 1) {
  ASSERT_EQ(book.arrived(id, qos, false, id), AckBook::Arrival::fresh);
  book.stored(id, qos, id, ticket);
}

TEST(MqttAckBook, AcknowledgesOnlyWhatIsDurable) {
  AckBook book(10);
  receive(book, 1, 1);
  receive(book, 2, 2);
  book.submitted(1);
  book.submitted(2);
  EXPECT_TRUE(due(book).empty());
  EXPECT_TRUE(book.settled(1, true));
  EXPECT_EQ(due(book), std::vector{1});
  EXPECT_TRUE(book.settled(2, true));
  EXPECT_EQ(due(book), std::vector{2});
}

TEST(MqttAckBook, KeepsTheOrderOfArrivalWhateverTheOrderOfOutcomes) {
  AckBook book(10);
  receive(book, 7, 1);
  receive(book, 3, 0);  // nothing of it had to be stored
  receive(book, 5, 2);
  book.submitted(1);
  book.submitted(2);
  book.settled(2, true);
  EXPECT_TRUE(due(book).empty());
  book.settled(1, true);
  EXPECT_EQ(due(book), (std::vector{7, 3, 5}));
}

TEST(MqttAckBook, WaitsForBlocksNotYetSubmitted) {
  AckBook book(10);
  receive(book, 1, 1);
  EXPECT_TRUE(due(book).empty());
}

TEST(MqttAckBook, DoesNotStoreAgainWhatAResumedSessionSendsAgain) {
  AckBook book(10);
  receive(book, 1, 1);
  book.submitted(1);
  book.disconnected();
  EXPECT_EQ(book.arrived(1, 1, true, 1), AckBook::Arrival::known);
  EXPECT_TRUE(due(book).empty());
  book.settled(1, true);
  EXPECT_EQ(due(book), std::vector{1});
}

TEST(MqttAckBook, TakesAReusedIdAsANewMessage) {
  AckBook book(10);
  receive(book, 1, 1);
  book.disconnected();
  EXPECT_EQ(book.arrived(1, 1, true, 99), AckBook::Arrival::fresh);   // other content
  EXPECT_EQ(book.arrived(1, 1, false, 99), AckBook::Arrival::fresh);  // not a repetition
}

TEST(MqttAckBook, NeverTakesAMessageForKnownAfterItsAcknowledgementWentOut) {
  AckBook book(10);
  receive(book, 1, 0);
  EXPECT_EQ(due(book), std::vector{1});
  EXPECT_EQ(book.arrived(1, 1, true, 1), AckBook::Arrival::fresh);
}

TEST(MqttAckBook, HoldsAQos2IdUntilItIsReleased) {
  AckBook book(10);
  receive(book, 1, 0, 2);
  EXPECT_EQ(due(book), std::vector{1});
  book.disconnected();
  EXPECT_EQ(book.arrived(1, 2, true, 1), AckBook::Arrival::repeated);
  book.released(1);
  EXPECT_EQ(book.arrived(1, 2, false, 1), AckBook::Arrival::fresh);
}

TEST(MqttAckBook, ARefusedQos2MessageIsOverWithItsAnswer) {
  AckBook book(10);
  ASSERT_EQ(book.arrived(1, 2, false, 1), AckBook::Arrival::fresh);
  book.stored(1, 2, 1, 0, 0x99);
  const auto due = book.next_due();
  ASSERT_TRUE(due.has_value());
  EXPECT_EQ(due->code, 0x99);
  EXPECT_EQ(book.arrived(1, 2, false, 1), AckBook::Arrival::fresh) << "no PUBREL comes";
}

TEST(MqttAckBook, ForgetsWhatABrokenBlockHeld) {
  AckBook book(10);
  receive(book, 1, 1);
  receive(book, 2, 2);
  book.submitted(1);
  book.submitted(2);
  EXPECT_TRUE(book.settled(1, true));
  EXPECT_FALSE(book.settled(2, false));
  EXPECT_EQ(due(book), std::vector{1});
  book.disconnected();
  EXPECT_EQ(book.arrived(2, 1, true, 2), AckBook::Arrival::fresh);
}

TEST(MqttAckBook, CountsAgainstTheReceiveMaximum) {
  AckBook book(2);
  receive(book, 1, 1);
  receive(book, 2, 1);
  EXPECT_EQ(book.arrived(3, 1, false, 3), AckBook::Arrival::overflow);
}

}  // namespace
}  // namespace karez::connect::mqtt
