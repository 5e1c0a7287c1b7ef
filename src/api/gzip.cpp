// SPDX-License-Identifier: Apache-2.0
#include "api/gzip.h"

#include <zlib.h>

#include <limits>

#include "base/format.h"

namespace karez::api {

Result<std::string> gunzip(std::string_view packed, std::size_t max_bytes) {
  if (packed.size() > std::numeric_limits<uInt>::max()) return fail(Errc::invalid_argument, "request.too_large");
  z_stream stream{};
  if (inflateInit2(&stream, 15 + 32) != Z_OK) return fail(Errc::internal, "request.gzip");
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  std::string out;
  int state = Z_OK;
  constexpr std::size_t kStep = 256u << 10;
  while (state == Z_OK) {
    const std::size_t at = out.size();
    if (at > max_bytes) break;
    out.resize(at + kStep);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + at);
    stream.avail_out = static_cast<uInt>(kStep);
    state = inflate(&stream, Z_NO_FLUSH);
    out.resize(at + kStep - stream.avail_out);
    if (state == Z_BUF_ERROR || (state == Z_OK && stream.avail_in == 0 && stream.avail_out > 0)) break;
  }
  inflateEnd(&stream);
  if (out.size() > max_bytes)
    return fail(Errc::invalid_argument, "request.too_large",
                karez::format("At most {} bytes unpacked are taken.", max_bytes));
  if (state != Z_STREAM_END)
    return fail(Errc::invalid_argument, "request.gzip", "The gzip body is damaged or cut off.");
  return out;
}

std::string gzip(std::string_view text) {
  z_stream stream{};
  if (deflateInit2(&stream, 5, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK) return {};
  std::string out(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int state = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return state == Z_STREAM_END ? out : std::string();
}

}  // namespace karez::api
