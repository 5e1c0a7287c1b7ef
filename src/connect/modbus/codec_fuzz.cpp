// SPDX-License-Identifier: Apache-2.0
// First byte: which request was asked. The rest: the response PDU, then read as registers of every type.
#include "connect/modbus/codec.h"
#include "connect/modbus/value.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace karez;
  using namespace karez::connect::modbus;
  if (size < 1) return 0;
  const ByteView response = std::as_bytes(std::span(data + 1, size - 1));
  const std::uint16_t values[] = {1, 2, 3};
  const bool coils[] = {true, false, true};
  Pdu request;
  switch (data[0] % 9) {
    case 0: request = read_request(Area::coil, 3, 1 + data[0] * 7u); break;
    case 1: request = read_request(Area::holding_register, 3, 1 + data[0] % 125u); break;
    case 2: request = write_coil_request(7, true); break;
    case 3: request = write_register_request(7, 9); break;
    case 4: request = write_coils_request(7, coils); break;
    case 5: request = write_registers_request(7, values); break;
    case 6: request = mask_write_request(7, 1, 2); break;
    case 7: request = exchange_request(1, 4, 7, values); break;
    default: request = identification_request(0); break;
  }
  const auto answer = response_data(request.bytes(), response);
  if (!answer) return 0;
  if (request.function() == 43) return static_cast<int>(identification_objects(*answer).size() * 0);
  std::string text;
  for (const char* address : {"hr:0", "hr:0:i16", "hr:0:u32:dcba", "hr:0:f32:cdab", "hr:0:f64:badcfehg", "hr:0:u64",
                              "hr:0:bcd", "hr:0:bcd32", "hr:0.15", "hr:0:string[5]"}) {
    const auto parsed = parse_address(address);
    const std::size_t bytes = 2 * parsed->span();
    if (bytes <= answer->size())
      (void)decode_registers(*parsed, {}, answer->first(bytes), text);  // only must not crash
  }
  (void)packed_bit(*answer, data[0] * 9u);  // likewise
  return 0;
}
