// SPDX-License-Identifier: Apache-2.0
#include "connect/opcua/ua.h"

#include <gtest/gtest.h>

namespace karez::connect::opcua {
namespace {

struct Made {
  Owned<UA_Variant> variant{UA_TYPES[UA_TYPES_VARIANT]};
  Result<> done;
  Made(int type, const RawValue& value) : done(make_scalar(&UA_TYPES[type], value, *variant)) {}
  template <class T>
  T as() {
    return *static_cast<const T*>(variant->data);
  }
};

TEST(OpcUaScalar, KeepsAllDigitsOfWholeNumbers) {
  constexpr std::int64_t kOdd = 9007199254740993;  // no double
  EXPECT_EQ(Made(UA_TYPES_INT64, RawValue::of(kOdd)).as<UA_Int64>(), kOdd);
  EXPECT_EQ(Made(UA_TYPES_UINT64, RawValue::of(INT64_MAX)).as<UA_UInt64>(), static_cast<UA_UInt64>(INT64_MAX));
  EXPECT_EQ(Made(UA_TYPES_INT64, RawValue::of(INT64_MIN)).as<UA_Int64>(), INT64_MIN);
  EXPECT_EQ(Made(UA_TYPES_BYTE, RawValue::of(2.5)).as<UA_Byte>(), 3);
}

TEST(OpcUaScalar, RefusesWhatTheTypeDoesNotHold) {
  for (const auto& [type, value] : {std::pair{UA_TYPES_BYTE, RawValue::of(std::int64_t{256})},
                                    {UA_TYPES_BYTE, RawValue::of(std::int64_t{-1})},
                                    {UA_TYPES_UINT64, RawValue::of(std::int64_t{-1})},
                                    {UA_TYPES_INT64, RawValue::of(9.3e18)},
                                    {UA_TYPES_INT16, RawValue::of(std::nan(""))},
                                    {UA_TYPES_FLOAT, RawValue::of(1e300)},
                                    {UA_TYPES_FLOAT, RawValue::of(-1e300)}}) {
    const Made made(type, value);
    ASSERT_FALSE(made.done) << type;
    EXPECT_EQ(made.done.error().slug(), "opcua.out_of_range") << type;
  }
  EXPECT_TRUE(std::isinf(Made(UA_TYPES_FLOAT, RawValue::of(HUGE_VAL)).as<UA_Float>()));
}

TEST(OpcUaScalar, RefusesTextForNumbersAndNumbersForText) {
  for (const int type : {UA_TYPES_BOOLEAN, UA_TYPES_DOUBLE, UA_TYPES_INT32})
    EXPECT_EQ(Made(type, RawValue::of("1")).done.error().slug(), "opcua.type_mismatch");
  EXPECT_EQ(Made(UA_TYPES_STRING, RawValue::of(1.0)).done.error().slug(), "opcua.type_mismatch");
}

TEST(OpcUaError, TellsALostConnectionFromABrokenProtocol) {
  for (const UA_StatusCode lost : {UA_STATUSCODE_BADSESSIONCLOSED, UA_STATUSCODE_BADSESSIONIDINVALID,
                                   UA_STATUSCODE_BADSECURECHANNELCLOSED, UA_STATUSCODE_BADCONNECTIONCLOSED}) {
    const Error error = error_of(lost, "opc.tcp://plc:4840");
    EXPECT_EQ(error.slug(), "opcua.unreachable");
    EXPECT_EQ(error.text(), std::string("opc.tcp://plc:4840: ") + UA_StatusCode_name(lost));
  }
  EXPECT_FALSE(error_of(UA_STATUSCODE_BADSESSIONCLOSED, "").cure_text().contains("address")) << "it did answer";
  EXPECT_EQ(error_of(UA_STATUSCODE_BADDECODINGERROR, "").slug(), "opcua.status");
}

}  // namespace
}  // namespace karez::connect::opcua
