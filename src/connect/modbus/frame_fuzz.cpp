// SPDX-License-Identifier: Apache-2.0
// First byte: framing, unit and chunk size. The rest arrives in chunks of that size.
#include "connect/modbus/frame.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace karez;
  using namespace karez::connect::modbus;
  if (size < 1) return 0;
  const Framing framing = (data[0] & 1) != 0 ? Framing::rtu : Framing::mbap;
  const std::size_t chunk = 1 + (data[0] >> 2);
  Deframer deframer(framing);
  ByteView rest = std::as_bytes(std::span(data + 1, size - 1));
  while (!rest.empty()) {
    const std::span<std::byte> space = deframer.space();
    const std::size_t n = std::min({chunk, rest.size(), space.size()});
    if (n == 0) __builtin_trap();  // a full buffer must make room
    std::copy_n(rest.begin(), n, space.begin());
    deframer.commit(n);
    rest = rest.subspan(n);
    for (;;) {
      const auto frame = deframer.next(1, 3);
      if (!frame) return 0;
      if (!*frame) break;
      if ((*frame)->pdu.empty() || (*frame)->pdu.size() > 253 + 4) __builtin_trap();
    }
  }
  return 0;
}
