// SPDX-License-Identifier: Apache-2.0
#include "connect/mqtt/codec.h"

#include <gtest/gtest.h>

#include <deque>
#include <initializer_list>
#include <string>
#include <vector>

namespace karez::connect::mqtt {
namespace {

using Bytes = std::vector<std::byte>;

Bytes bytes(std::initializer_list<int> values) {
  Bytes out;
  for (const int v : values) out.push_back(static_cast<std::byte>(v));
  return out;
}

/// What is decoded points into its bytes, so these are kept for the whole run.
Result<Incoming> decode_bytes(const Bytes& given, Version version = Version::v5) {
  static std::deque<Bytes> kept;
  const Bytes& in = kept.emplace_back(given);
  auto frame = next_frame(in, kDefaultMaxPacket);
  if (!frame) return std::unexpected(frame.error());
  if (!*frame || (*frame)->size != in.size()) return fail(Errc::internal, "test.not_one_packet");
  return decode(**frame, version);
}

template <class T>
T decoded(const Bytes& in, Version version = Version::v5) {
  auto packet = decode_bytes(in, version);
  if (!packet) {
    ADD_FAILURE() << packet.error().message();
    return {};
  }
  return std::get<T>(*packet);
}

void expect_malformed(const Bytes& in, Version version = Version::v5) {
  const auto packet = decode_bytes(in, version);
  ASSERT_FALSE(packet.has_value());
  EXPECT_EQ(packet.error().slug(), "mqtt.malformed");
}

// MQTT 5.0, 3.1.2.12: the standard's example of a variable header
TEST(MqttCodec, EncodesTheConnectOfTheStandard) {
  Connect connect{.client_id = "c", .clean = true, .keep_alive_s = 10};
  connect.session_expiry_s = 10;
  connect.will = Will{.topic = "w", .payload = {}, .qos = 1, .retain = false};
  connect.user = "u";
  connect.password = "p";
  Bytes out;
  ASSERT_TRUE(encode_connect(out, connect).has_value());
  EXPECT_EQ(out, bytes({0x10, 31,                                                              //
                        0x00, 0x04, 'M',  'Q',  'T',  'T',  0x05, 0xCE, 0x00, 0x0A,                 //
                        0x05, 0x11, 0x00, 0x00, 0x00, 0x0A,                                     //
                        0x00, 0x01, 'c',  0x00, 0x00, 0x01, 'w',  0x00, 0x00, 0x00, 0x01, 'u', 0x00, 0x01, 'p'}));
}

// MQTT 3.1.1, 3.1.2.5 (figure 3.6): the same flags, no properties
TEST(MqttCodec, EncodesAConnectOf311) {
  Connect connect{.version = Version::v311, .client_id = "", .clean = true, .keep_alive_s = 10};
  Bytes out;
  ASSERT_TRUE(encode_connect(out, connect).has_value());
  EXPECT_EQ(out, bytes({0x10, 12, 0, 4, 'M', 'Q', 'T', 'T', 4, 2, 0, 10, 0, 0}));
}

TEST(MqttCodec, RefusesA311PasswordWithoutUserAndLeavesTheBufferAsItWas) {
  Connect connect{.version = Version::v311, .client_id = "c"};
  connect.password = "p";
  Bytes out = bytes({1});
  EXPECT_EQ(encode_connect(out, connect).error().slug(), "mqtt.password_without_user");
  EXPECT_EQ(out, bytes({1}));
}

// 3.3.2.4: topic "a/b", packet id 10, no properties
TEST(MqttCodec, DecodesThePublishOfTheStandard) {
  const auto in = bytes({0x32, 10, 0x00, 0x03, 0x61, 0x2F, 0x62, 0x00, 0x0A, 0x00, 'h', 'i'});
  const auto publish = decoded<Publish>(in);
  EXPECT_EQ(publish.topic, "a/b");
  EXPECT_EQ(publish.id, 10);
  EXPECT_EQ(publish.qos, 1);
  EXPECT_EQ(as_text(publish.payload), "hi");
  Bytes out;
  ASSERT_TRUE(encode_publish(out, Version::v5, {.topic = "a/b", .payload = as_bytes("hi"), .qos = 1, .id = 10}));
  EXPECT_EQ(out, in);
}

// 3.8.3.2: "a/b" with QoS 1, "c/d" with QoS 2
TEST(MqttCodec, EncodesTheSubscribeOfTheStandard) {
  const std::vector<Subscription> wanted{{.filter = "a/b", .qos = 1}, {.filter = "c/d", .qos = 2}};
  Bytes v311, v5;
  ASSERT_TRUE(encode_subscribe(v311, Version::v311, 10, wanted));
  ASSERT_TRUE(encode_subscribe(v5, Version::v5, 10, wanted));
  EXPECT_EQ(v311, bytes({0x82, 14, 0x00, 0x0A, 0, 3, 0x61, 0x2F, 0x62, 1, 0, 3, 0x63, 0x2F, 0x64, 2}));
  EXPECT_EQ(v5, bytes({0x82, 15, 0x00, 0x0A, 0, 0, 3, 0x61, 0x2F, 0x62, 1, 0, 3, 0x63, 0x2F, 0x64, 2}));
}

// 3.10.3
TEST(MqttCodec, EncodesTheUnsubscribeOfTheStandard) {
  const std::vector<std::string> filters{"a/b", "c/d"};
  Bytes out;
  ASSERT_TRUE(encode_unsubscribe(out, Version::v311, 10, filters));
  EXPECT_EQ(out, bytes({0xA2, 12, 0x00, 0x0A, 0, 3, 0x61, 0x2F, 0x62, 0, 3, 0x63, 0x2F, 0x64}));
}

TEST(MqttCodec, EncodesShortPackets) {
  Bytes out;
  encode_pingreq(out);
  encode_disconnect(out, Version::v311, 0x04);
  encode_disconnect(out, Version::v5, 0x04);
  encode_ack(out, Version::v5, PacketType::pubrel, 0x1234);
  encode_ack(out, Version::v5, PacketType::pubcomp, 1, 0x92);
  EXPECT_EQ(out, bytes({0xC0, 0, 0xE0, 0, 0xE0, 1, 4, 0x62, 2, 0x12, 0x34, 0x70, 3, 0, 1, 0x92}));
}

// Table 1-1: sizes of the variable byte integer
TEST(MqttCodec, ReadsLengthsAtTheEdgesOfTheTable) {
  struct Case {
    Bytes head;
    std::size_t length;
  };
  const Case cases[] = {{bytes({0x30, 0x00}), 0},
                        {bytes({0x30, 0x7F}), 127},
                        {bytes({0x30, 0x80, 0x01}), 128},
                        {bytes({0x30, 0xFF, 0x7F}), 16383},
                        {bytes({0x30, 0x80, 0x80, 0x01}), 16384},
                        {bytes({0x30, 0xFF, 0xFF, 0x7F}), 2097151},
                        {bytes({0x30, 0x80, 0x80, 0x80, 0x01}), 2097152}};
  for (const auto& c : cases) {
    Bytes in = c.head;
    in.resize(c.head.size() + c.length);
    auto frame = next_frame(in, kLargestPacket);
    ASSERT_TRUE(frame && *frame);
    EXPECT_EQ((*frame)->body.size(), c.length);
    in.pop_back();
    if (c.length > 0) {
      EXPECT_FALSE(next_frame(in, kLargestPacket)->has_value());
    }
  }
}

TEST(MqttCodec, RefusesLengthsThatAreTooLongOrNotShortest) {
  EXPECT_EQ(next_frame(bytes({0x30, 0x80, 0x80, 0x80, 0x80}), kLargestPacket).error().slug(), "mqtt.malformed");
  EXPECT_EQ(next_frame(bytes({0x30, 0x80, 0x00}), kLargestPacket).error().slug(), "mqtt.malformed");
  EXPECT_EQ(next_frame(bytes({0x30, 0xFF, 0x7F}), 1000).error().slug(), "mqtt.packet_too_large");
}

TEST(MqttCodec, DecodesConnackProperties) {
  const auto ack = decoded<ConnAck>(bytes({0x20, 24, 0x01, 0x00, 21,             //
                                           0x11, 0,  0,    0,    60, 0x21, 0,   20,       //
                                           0x24, 1,  0x12, 0,    3,  'a',  'b', 'c',   //
                                           0x22, 0,  9,    0x25, 0}));
  EXPECT_TRUE(ack.session_present);
  EXPECT_EQ(ack.properties.session_expiry, 60u);
  EXPECT_EQ(ack.properties.receive_maximum, 20);
  EXPECT_EQ(ack.properties.maximum_qos, 1);
  EXPECT_EQ(ack.properties.assigned_client_id, "abc");
  EXPECT_EQ(ack.properties.topic_alias_maximum, 9);
  EXPECT_EQ(ack.properties.retain_available, 0);
}

TEST(MqttCodec, DecodesA311Refusal) {
  const auto ack = decoded<ConnAck>(bytes({0x20, 2, 0, 5}), Version::v311);
  EXPECT_EQ(ack.code, 5);
  expect_malformed(bytes({0x20, 2, 0, 6}), Version::v311);
}

// 1.5.4.1, figure 1-1: "A" and U+2A6D4
TEST(MqttCodec, ReadsTheUtf8ExampleOfTheStandard) {
  const auto publish = decoded<Publish>(bytes({0x30, 8, 0x00, 0x05, 0x41, 0xF0, 0xAA, 0x9B, 0x94, 0x00}));
  EXPECT_EQ(publish.topic, "A\xF0\xAA\x9B\x94");
}

TEST(MqttCodec, DecodesUserPropertiesInOrderAndTopicAlias) {
  const auto publish = decoded<Publish>(bytes({0x30, 20, 0, 0,    17,  //
                                               0x23, 0,  7, 0x26, 0,  1, 'k', 0, 1, '1', 0x26, 0, 1, 'k', 0, 1, '2'}));
  EXPECT_EQ(publish.properties.topic_alias, 7);
  ASSERT_EQ(publish.properties.user.size(), 2u);
  EXPECT_EQ(publish.properties.user[1].second, "2");
}

TEST(MqttCodec, RefusesPropertiesOutOfPlaceTwiceOrWrong) {
  expect_malformed(bytes({0x30, 8, 0, 1, 'a', 4, 0x11, 0, 0, 0}));                 // session expiry, and cut short
  expect_malformed(bytes({0x30, 10, 0, 1, 'a', 6, 0x23, 0, 7, 0x23, 0, 7}));       // topic alias twice
  expect_malformed(bytes({0x30, 7, 0, 1, 'a', 3, 0x23, 0, 0}));                    // topic alias 0
  expect_malformed(bytes({0x30, 6, 0, 1, 'a', 2, 0x01, 2}));                       // payload format 2
  expect_malformed(bytes({0x30, 4, 0, 1, 'a', 9}));                                // length beyond the packet
  expect_malformed(bytes({0x20, 6, 0, 0, 3, 0x21, 0, 0}));                         // receive maximum 0
  expect_malformed(bytes({0x30, 9, 0, 1, 'a', 5, 0x27, 0, 0, 1, 0}));              // packet size in PUBLISH
}

TEST(MqttCodec, RefusesReservedBitsAndBadIds) {
  expect_malformed(bytes({0x36, 7, 0, 1, 'a', 0, 1, 0, 'x'}));   // QoS 3
  expect_malformed(bytes({0x38, 4, 0, 1, 'a', 0}));              // DUP with QoS 0
  expect_malformed(bytes({0x32, 6, 0, 1, 'a', 0, 0, 0}));        // packet id 0
  expect_malformed(bytes({0x41, 2, 0, 1}));                      // PUBACK flags
  expect_malformed(bytes({0x60, 2, 0, 1}));                      // PUBREL without its flag
  expect_malformed(bytes({0x20, 3, 2, 0, 0}));                   // CONNACK flags
  expect_malformed(bytes({0x20, 3, 1, 0x87, 0}));                // session present with a refusal
  expect_malformed(bytes({0xD0, 1, 0}));                         // PINGRESP with a body
  expect_malformed(bytes({0x10, 0}));                            // CONNECT to a client
  expect_malformed(bytes({0xC0, 0}));                            // PINGREQ to a client
  expect_malformed(bytes({0x00, 0}));
  expect_malformed(bytes({0xE0, 0}), Version::v311);             // DISCONNECT from a 3.1.1 server
}

TEST(MqttCodec, RefusesBadTopics) {
  expect_malformed(bytes({0x30, 4, 0, 1, '#', 0}));
  expect_malformed(bytes({0x30, 4, 0, 1, 0, 0}));                  // U+0000
  expect_malformed(bytes({0x30, 5, 0, 2, 0xC0, 0x80, 0}));         // overlong
  expect_malformed(bytes({0x30, 6, 0, 3, 0xED, 0xA0, 0x80, 0}));   // surrogate
  expect_malformed(bytes({0x30, 3, 0, 0, 0}));                     // empty without alias
}

TEST(MqttCodec, AcceptsAcknowledgementsInTheirShortAndLongForms) {
  EXPECT_EQ(decoded<Ack>(bytes({0x40, 2, 0, 7})).code, 0);
  EXPECT_EQ(decoded<Ack>(bytes({0x40, 3, 0, 7, 0x10})).code, 0x10);
  const auto long_form = decoded<Ack>(bytes({0x40, 9, 0, 7, 0x97, 5, 0x1F, 0, 2, 'n', 'o'}));
  EXPECT_EQ(long_form.properties.reason_string, "no");
  expect_malformed(bytes({0x40, 3, 0, 7, 0x11}));
  expect_malformed(bytes({0x40, 3, 0, 7, 0}), Version::v311);
  EXPECT_EQ(decoded<Ack>(bytes({0x62, 2, 0, 7})).type, PacketType::pubrel);
}

TEST(MqttCodec, DecodesSubscriptionAnswers) {
  const auto suback = decoded<SubAck>(bytes({0x90, 5, 0, 1, 0, 2, 0x87}));
  EXPECT_EQ(suback.codes, (std::vector<std::uint8_t>{2, 0x87}));
  expect_malformed(bytes({0x90, 4, 0, 1, 0, 3}));
  expect_malformed(bytes({0x90, 3, 0, 1, 0}));
  EXPECT_TRUE(decoded<SubAck>(bytes({0xB0, 2, 0, 1}), Version::v311).codes.empty());
}

TEST(MqttCodec, DecodesAServersDisconnect) {
  EXPECT_EQ(decoded<Disconnect>(bytes({0xE0, 0})).code, 0);
  EXPECT_EQ(decoded<Disconnect>(bytes({0xE0, 1, 0x8E})).code, 0x8E);
}

TEST(MqttCodec, RefusesTopicsItMustNotSend) {
  Bytes out;
  EXPECT_EQ(encode_publish(out, Version::v5, {.topic = "a/+"}).error().slug(), "mqtt.invalid_topic");
  EXPECT_EQ(encode_publish(out, Version::v5, {.topic = ""}).error().slug(), "mqtt.invalid_topic");
  EXPECT_TRUE(out.empty());
}

TEST(MqttFrameBuffer, HandsOutPacketsThatCameInPieces) {
  const auto stream = bytes({0xD0, 0, 0x30, 4, 0, 1, 'a', 0, 0xD0, 0});
  FrameBuffer buffer(1024);
  std::vector<std::size_t> sizes;
  for (const auto b : stream) {
    buffer.space(1)[0] = b;
    buffer.added(1);
    while (true) {
      auto frame = buffer.next();
      ASSERT_TRUE(frame.has_value());
      if (!*frame) break;
      sizes.push_back((*frame)->size);
    }
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{2, 6, 2}));
  EXPECT_EQ(buffer.waiting(), 0u);
}

TEST(MqttFrameBuffer, SkipsAPublishThatIsTooLargeButNotItsHead) {
  Bytes stream;
  const std::string large(1000, 'x');
  for (const auto& payload : {std::string("1"), large, std::string("2")}) {
    ASSERT_TRUE(encode_publish(stream, Version::v311,
                               {.topic = "a/b",
                                .payload = as_bytes(payload),
                                .qos = 1,
                                .id = payload == large ? std::uint16_t{7} : std::uint16_t{8}}));
  }
  for (const std::size_t chunk : {std::size_t{1}, std::size_t{6}, std::size_t{100}, stream.size()}) {
    FrameBuffer buffer(100, true);
    std::vector<Publish::Fault> faults;
    for (std::size_t at = 0; at < stream.size(); at += chunk) {
      const auto part = ByteView(stream).subspan(at, std::min(chunk, stream.size() - at));
      std::ranges::copy(part, buffer.space(part.size()).begin());
      buffer.added(part.size());
      for (;;) {
        const auto frame = buffer.next();
        ASSERT_TRUE(frame.has_value()) << frame.error().message();
        if (!*frame) break;
        const auto packet = decode(**frame, Version::v311);
        ASSERT_TRUE(packet.has_value());
        const auto& publish = std::get<Publish>(*packet);
        EXPECT_EQ(publish.topic, "a/b");
        EXPECT_EQ(publish.id, publish.fault == Publish::Fault::none ? 8 : 7);
        faults.push_back(publish.fault);
      }
    }
    EXPECT_EQ(faults, (std::vector{Publish::Fault::none, Publish::Fault::too_large, Publish::Fault::none})) << chunk;
    EXPECT_EQ(buffer.waiting(), 0u);
  }
  FrameBuffer strict(100);
  std::ranges::copy(stream, strict.space(stream.size()).begin());
  strict.added(stream.size());
  ASSERT_TRUE(strict.next().has_value());
  EXPECT_EQ(strict.next().error().slug(), "mqtt.packet_too_large");
}

TEST(MqttCodec, MarksAPayloadThatIsNotTheUtf8ItSays) {
  const auto bad = decoded<Publish>(bytes({0x32, 9, 0, 1, 'a', 0, 7, 2, 1, 1, 0xFF}));
  EXPECT_EQ(bad.fault, Publish::Fault::not_utf8);
  EXPECT_EQ(bad.id, 7);
  EXPECT_EQ(decoded<Publish>(bytes({0x32, 9, 0, 1, 'a', 0, 7, 2, 1, 1, 'x'})).fault, Publish::Fault::none);
}

// 4.7.1: the standard's examples
TEST(MqttTopics, MatchesAsTheExamplesOfTheStandard) {
  EXPECT_TRUE(topic_matches("sport/tennis/player1/#", "sport/tennis/player1"));
  EXPECT_TRUE(topic_matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"));
  EXPECT_TRUE(topic_matches("sport/#", "sport"));
  EXPECT_TRUE(topic_matches("#", "sport"));
  EXPECT_TRUE(topic_matches("sport/tennis/+", "sport/tennis/player1"));
  EXPECT_FALSE(topic_matches("sport/tennis/+", "sport/tennis/player1/ranking"));
  EXPECT_FALSE(topic_matches("sport/+", "sport"));
  EXPECT_TRUE(topic_matches("sport/+", "sport/"));
  EXPECT_TRUE(topic_matches("+/+", "/finance"));
  EXPECT_TRUE(topic_matches("/+", "/finance"));
  EXPECT_FALSE(topic_matches("+", "/finance"));
  EXPECT_FALSE(topic_matches("#", "$SYS/broker"));
  EXPECT_FALSE(topic_matches("+/monitor/Clients", "$SYS/monitor/Clients"));
  EXPECT_TRUE(topic_matches("$SYS/#", "$SYS/"));
}

TEST(MqttTopics, KnowsLegalFilters) {
  for (const auto* good : {"#", "+", "sport/#", "+/tennis/#", "sport/+/player1", "/"}) {
    EXPECT_TRUE(is_topic_filter(good)) << good;
  }
  for (const auto* bad : {"", "sport/tennis#", "sport/tennis/#/ranking", "sport+", "+sport"}) {
    EXPECT_FALSE(is_topic_filter(bad)) << bad;
  }
}

}  // namespace
}  // namespace karez::connect::mqtt
