// SPDX-License-Identifier: Apache-2.0
#include "net/scripted_stream.h"

namespace karez::net {

ScriptedStream& ScriptedStream::reply(ByteView bytes, std::size_t chunk) {
  script_.emplace_back(Bytes{{bytes.begin(), bytes.end()}, 0, chunk});
  return *this;
}
ScriptedStream& ScriptedStream::timeout() {
  script_.emplace_back(Error(Errc::timeout, "net.timeout"));
  return *this;
}
ScriptedStream& ScriptedStream::reset() {
  script_.emplace_back(Error(Errc::unavailable, "net.reset"));
  return *this;
}
ScriptedStream& ScriptedStream::close_by_peer() {
  script_.emplace_back(Error(Errc::unavailable, "net.closed"));
  return *this;
}
ScriptedStream& ScriptedStream::break_writes() {
  writes_fail_ = true;
  return *this;
}
ScriptedStream& ScriptedStream::on_write(std::function<void(ScriptedStream&, ByteView)> device) {
  device_ = std::move(device);
  return *this;
}

Task<Result<std::size_t>> ScriptedStream::read_some(std::span<std::byte> into, Deadline) {
  if (closed_) co_return fail(Errc::cancelled, "net.cancelled");
  if (script_.empty()) co_return fail(Errc::timeout, "net.timeout");
  if (const auto* error = std::get_if<Error>(&script_.front())) {
    Error copy = *error;
    script_.pop_front();
    co_return fail(std::move(copy));
  }
  Bytes& step = std::get<Bytes>(script_.front());
  std::size_t n = std::min(into.size(), step.bytes.size() - step.at);
  if (step.chunk > 0) n = std::min(n, step.chunk);
  std::copy_n(step.bytes.begin() + static_cast<std::ptrdiff_t>(step.at), n, into.begin());
  step.at += n;
  if (step.at == step.bytes.size()) script_.pop_front();
  co_return n;
}

Task<Result<>> ScriptedStream::write_all(ByteView bytes, Deadline) {
  if (closed_) co_return fail(Errc::cancelled, "net.cancelled");
  if (writes_fail_) co_return fail(Errc::unavailable, "net.reset");
  written_.insert(written_.end(), bytes.begin(), bytes.end());
  if (device_) device_(*this, bytes);
  co_return {};
}

}  // namespace karez::net
