// SPDX-License-Identifier: Apache-2.0
#include "net/stream.h"

namespace karez::net {

Task<Result<>> read_exactly(Stream& stream, std::span<std::byte> into, Deadline deadline) {
  while (!into.empty()) {
    KZ_CO_TRY(const std::size_t n, co_await stream.read_some(into, deadline));
    into = into.subspan(n);
  }
  co_return {};
}

}  // namespace karez::net
