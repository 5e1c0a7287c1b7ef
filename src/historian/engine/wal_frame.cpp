// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/wal_frame.h"

#include "base/hash.h"

namespace karez::historian {
namespace {

constexpr std::uint32_t kFrameMagic = 0x46575a4b;  // "KZWF"
enum class Tag : std::uint8_t { points = 1, times = 2, values = 3, attributes = 4, arena = 5 };
constexpr std::size_t kColumnHead = 5;

std::unexpected<Error> corrupt(const char* what) { return fail(Errc::corrupt, "store.wal_corrupt", what); }

std::uint64_t u(std::int64_t v) { return static_cast<std::uint64_t>(v); }

/// Writes into a buffer that is known to be large enough: ByteWriter's growth check per byte would be
/// most of the time of a block.
class SpanWriter {
 public:
  explicit SpanWriter(std::span<std::byte> out) : out_(out) {}
  std::size_t at() const { return at_; }
  void u8(std::uint8_t v) { out_[at_++] = static_cast<std::byte>(v); }
  template <class T>
  void le(T v) {
    if constexpr (std::endian::native == std::endian::big) v = std::byteswap(v);
    std::memcpy(out_.subspan(at_, sizeof v).data(), &v, sizeof v);
    at_ += sizeof v;
  }
  void varint(std::uint64_t v) {
    for (; v >= 0x80; v >>= 7) u8(static_cast<std::uint8_t>(v | 0x80));
    u8(static_cast<std::uint8_t>(v));
  }
  void bytes(std::string_view v) {
    if (v.empty()) return;
    std::memcpy(out_.subspan(at_, v.size()).data(), v.data(), v.size());
    at_ += v.size();
  }
  void begin(Tag tag) {
    u8(static_cast<std::uint8_t>(tag));
    le(std::uint32_t{0});
    start_ = at_;
  }
  void end() {
    const std::size_t here = std::exchange(at_, start_ - 4);
    le(static_cast<std::uint32_t>(here - start_));
    at_ = here;
  }

 private:
  std::span<std::byte> out_;
  std::size_t at_ = 0, start_ = 0;
};

std::uint32_t attributes(const model::Sample& s) {
  return s.quality.code | static_cast<std::uint32_t>(s.type) << 16 | static_cast<std::uint32_t>(s.flags) << 24;
}

bool take_column(Tag tag, ByteView body, DecodedBlock& out) {
  ByteReader in(body);
  switch (tag) {
    case Tag::points: {
      std::uint64_t point = 0;
      for (model::Sample& s : out.samples) {
        point += unzigzag(in.varint());
        if (point > std::numeric_limits<std::uint32_t>::max()) return false;
        s.point.value = static_cast<std::uint32_t>(point);
      }
      return in.done();
    }
    case Tag::times: {
      std::uint64_t time = 0;
      for (model::Sample& s : out.samples) s.time = from_ns(static_cast<std::int64_t>(time += unzigzag(in.varint())));
      return in.done();
    }
    case Tag::values:
      for (model::Sample& s : out.samples) s.bits = in.u64le();
      return in.done();
    case Tag::attributes:
      for (std::size_t at = 0; at < out.samples.size();) {
        const std::uint64_t run = in.varint();
        const std::uint32_t packed = in.u32le();
        if (!in.ok() || run == 0 || run > out.samples.size() - at) return false;
        for (const std::size_t end = at + run; at < end; ++at) {
          out.samples[at].quality.code = static_cast<std::uint16_t>(packed);
          out.samples[at].type = static_cast<model::ValueType>(packed >> 16 & 0xff);
          out.samples[at].flags = static_cast<std::uint8_t>(packed >> 24);
        }
      }
      return in.done();
    case Tag::arena: out.arena = as_text(body); return true;
  }
  return true;  // a column of a newer version
}

}  // namespace

void put_frame_header(const FrameHeader& h, std::span<std::byte, kFrameHeaderBytes> out) {
  SpanWriter writer(out);
  writer.le(kFrameMagic);
  writer.le(h.length);
  writer.le(h.lsn);
  writer.u8(static_cast<std::uint8_t>(h.kind));
  writer.u8(h.lane);
  writer.le(std::uint16_t{0});
  writer.le(h.payload_crc);
  writer.le(crc32c(out.first(kFrameHeaderBytes - 4)));
}

std::optional<FrameHeader> parse_frame_header(ByteView bytes) {
  if (bytes.size() < kFrameHeaderBytes) return std::nullopt;
  ByteReader in(bytes);
  if (in.u32le() != kFrameMagic) return std::nullopt;
  FrameHeader h;
  h.length = in.u32le();
  h.lsn = in.u64le();
  h.kind = static_cast<FrameKind>(in.u8());
  h.lane = in.u8();
  in.skip(2);
  h.payload_crc = in.u32le();
  if (in.u32le() != crc32c(bytes.first(kFrameHeaderBytes - 4)) || h.length > kMaxFrameBytes) return std::nullopt;
  return h;
}

ByteView BlockEncoder::encode(std::span<const model::Sample> samples, std::string_view arena) {
  // per sample: point 5, time 10, value 8, attributes 1 run of at most 3 + 4 bytes
  const std::size_t bound = 10 + 5 * kColumnHead + samples.size() * 30 + arena.size();
  if (buffer_.size() < bound) buffer_.resize(std::max<std::size_t>(bound, 65536));
  SpanWriter out(buffer_);
  out.varint(samples.size());
  out.begin(Tag::points);
  std::uint64_t point = 0, time = 0;
  for (const model::Sample& s : samples) out.varint(zigzag(s.point.value - std::exchange(point, s.point.value)));
  out.end();
  out.begin(Tag::times);
  for (const model::Sample& s : samples) out.varint(zigzag(u(to_ns(s.time)) - std::exchange(time, u(to_ns(s.time)))));
  out.end();
  out.begin(Tag::values);
  for (const model::Sample& s : samples) out.le(s.bits);
  out.end();
  out.begin(Tag::attributes);
  for (std::size_t i = 0; i < samples.size();) {
    const std::uint32_t packed = attributes(samples[i]);
    std::size_t end = i + 1;
    while (end < samples.size() && attributes(samples[end]) == packed) ++end;
    out.varint(end - i);
    out.le(packed);
    i = end;
  }
  out.end();
  if (!arena.empty()) {
    out.begin(Tag::arena);
    out.bytes(arena);
    out.end();
  }
  return ByteView(buffer_).first(out.at());
}

Result<> decode_block(ByteView payload, DecodedBlock& out) {
  ByteReader in(payload);
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > kMaxFrameBytes / 8) return corrupt("The count of samples is impossible.");
  out.samples.assign(count, {});
  out.arena.clear();
  unsigned seen = 0;
  while (in.ok() && in.remaining() > 0) {
    const std::uint8_t tag = in.u8();
    const ByteView body = in.take(in.u32le());
    if (!in.ok() || !take_column(static_cast<Tag>(tag), body, out)) return corrupt("A column is damaged.");
    if (tag < 8) seen |= 1u << tag;
  }
  if (!in.ok() || (seen & 0x1e) != 0x1e) return corrupt("A column is missing.");
  for (const model::Sample& s : out.samples) {
    if (s.type > model::ValueType::text) return corrupt("A value type is unknown.");
    const std::size_t offset = s.bits >> 32, length = s.bits & 0xffffffffu;
    if (s.type == model::ValueType::text &&
        (offset > out.arena.size() || length > out.arena.size() - offset || length > model::SampleBatch::kMaxText))
      return corrupt("A text lies outside.");
  }
  return {};
}

std::vector<std::byte> encode_remove(std::span<const std::uint32_t> points, std::int64_t from, std::int64_t to) {
  std::vector<std::byte> out;
  ByteWriter writer(out);
  writer.u64le(u(from));
  writer.u64le(u(to));
  writer.varint(points.size());
  std::uint32_t before = 0;
  for (const std::uint32_t p : points) writer.varint(p - std::exchange(before, p));
  return out;
}

Result<Tombstone> decode_remove(ByteView payload) {
  ByteReader in(payload);
  Tombstone t;
  t.from = static_cast<std::int64_t>(in.u64le());
  t.to = static_cast<std::int64_t>(in.u64le());
  const std::uint64_t count = in.varint();
  if (!in.ok() || count > in.remaining()) return corrupt("The count of points is impossible.");
  std::uint32_t point = 0;
  for (std::uint64_t i = 0; i < count; ++i) t.points.push_back(point += static_cast<std::uint32_t>(in.varint()));
  if (!in.done()) return corrupt("The list of points is damaged.");
  std::ranges::sort(t.points);
  return t;
}

}  // namespace karez::historian
