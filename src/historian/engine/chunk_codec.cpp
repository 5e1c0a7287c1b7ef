// SPDX-License-Identifier: Apache-2.0
#include "historian/engine/chunk_codec.h"

#include <zstd.h>

#include <unordered_map>

#include "base/hash.h"
#include "historian/engine/value_codec.h"

namespace karez::historian {
namespace {

// docs/formats/segment.md, "Chunk"
constexpr std::uint8_t kChunkVersion = 1;
enum class Tag : std::uint8_t { times = 1, values = 2, types = 3, qualities = 4, flags = 5, texts = 6 };
constexpr std::uint8_t kZstd = 0x80;  // added to a column's codec
constexpr std::size_t kWorthZstd = 48;

template <class T>
void put_runs(std::span<const T> values, std::vector<std::byte>& out) {
  ByteWriter writer(out);
  for (std::size_t i = 0; i < values.size();) {
    std::size_t end = i + 1;
    while (end < values.size() && values[end] == values[i]) ++end;
    writer.varint(end - i);
    writer.varint(values[i]);
    i = end;
  }
}

template <class T>
bool take_runs(ByteView bytes, std::span<T> values) {
  ByteReader in(bytes);
  std::size_t at = 0;
  while (at < values.size()) {
    const std::uint64_t run = in.varint(), value = in.varint();
    if (!in.ok() || run == 0 || run > values.size() - at || value > std::numeric_limits<T>::max()) return false;
    std::fill_n(values.begin() + static_cast<std::ptrdiff_t>(at), run, static_cast<T>(value));
    at += run;
  }
  return in.done();
}

std::unexpected<Error> corrupt(const char* what) { return fail(Errc::corrupt, "store.chunk_corrupt", what); }

void count_figures(const Columns& rows, std::size_t begin, std::size_t end, ChunkMeta& meta) {
  for (std::size_t i = begin; i < end; ++i) {
    meta.worst = std::max(meta.worst, rows.quality[i]);
    if (is_gap(rows.type_of(i), rows.flags[i])) continue;
    ++meta.counted;
    if (!model::Quality{rows.quality[i]}.good()) continue;
    ++meta.good;
    const double v = model::numeric(rows.type_of(i), rows.bits[i]);
    if (std::isnan(v)) continue;
    if (meta.figures++ == 0) {
      meta.min = meta.max = meta.first = v;
      meta.first_time = rows.time[i];
    }
    meta.min = std::min(meta.min, v);
    meta.max = std::max(meta.max, v);
    meta.sum += v;
    meta.last = v;
    meta.last_time = rows.time[i];
  }
}

}  // namespace

std::size_t chunk_end(const Columns& rows, std::size_t begin) {
  const std::int64_t last = day_last(day_of(rows.time[begin]));
  std::size_t text = 0, i = begin;
  for (; i < rows.size() && i - begin < kChunkRows && rows.time[i] <= last; ++i) {
    if (rows.type_of(i) != model::ValueType::text) continue;
    text += rows.texts[rows.bits[i]].size();
    if (text > kChunkTextBytes && i > begin) break;
  }
  return i;
}

struct ChunkEncoder::Impl {
  std::unique_ptr<ZSTD_CCtx, decltype([](ZSTD_CCtx* c) { ZSTD_freeCCtx(c); })> zstd{ZSTD_createCCtx()};
  std::vector<std::byte> column, packed;
  std::vector<std::uint64_t> bits;
  std::vector<std::string_view> dictionary;

  /// `column` with its tag; compressed when that saves an eighth or more.
  void put(Tag tag, std::uint8_t codec, std::vector<std::byte>& out) {
    ByteView body = column;
    if (column.size() >= kWorthZstd) {
      packed.resize(ZSTD_compressBound(column.size()));
      const std::size_t n =
          ZSTD_compressCCtx(zstd.get(), packed.data(), packed.size(), column.data(), column.size(), 1);
      if (ZSTD_isError(n) == 0 && n + n / 8 < column.size()) {
        body = ByteView(packed).first(n);
        codec |= kZstd;
      }
    }
    ByteWriter writer(out);
    writer.u8(static_cast<std::uint8_t>(tag));
    writer.u8(codec);
    writer.varint(body.size());
    writer.bytes(body);
    column.clear();
  }

  /// Values with texts replaced by their place in the chunk's own dictionary.
  void translate_texts(const Columns& rows, std::size_t begin, std::size_t end) {
    bits.clear();
    dictionary.clear();
    std::unordered_map<std::string_view, std::uint64_t> places;
    for (std::size_t i = begin; i < end; ++i) {
      if (rows.type_of(i) != model::ValueType::text) {
        bits.push_back(rows.bits[i]);
        continue;
      }
      const auto [it, added] = places.try_emplace(rows.texts[rows.bits[i]], dictionary.size());
      if (added) dictionary.push_back(it->first);
      bits.push_back(it->second);
    }
  }

  void put_texts(std::vector<std::byte>& out) {
    ByteWriter writer(column);
    writer.varint(dictionary.size());
    for (const std::string_view text : dictionary) writer.varint(text.size());
    for (const std::string_view text : dictionary) writer.text(text);
    put(Tag::texts, 0, out);
  }
};

ChunkEncoder::ChunkEncoder() : impl_(std::make_unique<Impl>()) { KZ_ASSERT(impl_->zstd != nullptr); }
ChunkEncoder::~ChunkEncoder() = default;
ChunkEncoder::ChunkEncoder(ChunkEncoder&&) noexcept = default;
ChunkEncoder& ChunkEncoder::operator=(ChunkEncoder&&) noexcept = default;

ChunkMeta ChunkEncoder::encode(const Columns& rows, std::size_t begin, std::size_t end, std::vector<std::byte>& out) {
  Impl& m = *impl_;
  const std::size_t start = out.size(), n = end - begin;
  bool texts = false, doubles = true;
  for (std::size_t i = begin; i < end; ++i) {
    texts = texts || rows.type_of(i) == model::ValueType::text;
    doubles = doubles && rows.type_of(i) == model::ValueType::float64;
  }
  std::span<const std::uint64_t> bits = std::span(rows.bits).subspan(begin, n);
  if (texts) {
    m.translate_texts(rows, begin, end);
    bits = m.bits;
  }
  ByteWriter writer(out);
  writer.u8(kChunkVersion);
  writer.varint(n);
  writer.u8(texts ? 6 : 5);
  const TimeCodec times = encode_times(std::span(rows.time).subspan(begin, n), m.column);
  m.put(Tag::times, static_cast<std::uint8_t>(times), out);
  const ValueCodec values = encode_values(bits, doubles, m.column);
  m.put(Tag::values, static_cast<std::uint8_t>(values), out);
  put_runs(std::span(rows.type).subspan(begin, n), m.column);
  m.put(Tag::types, 0, out);
  put_runs(std::span(rows.quality).subspan(begin, n), m.column);
  m.put(Tag::qualities, 0, out);
  put_runs(std::span(rows.flags).subspan(begin, n), m.column);
  m.put(Tag::flags, 0, out);
  if (texts) m.put_texts(out);

  ChunkMeta meta;
  meta.t0 = rows.time[begin];
  meta.t1 = rows.time[end - 1];
  meta.rows = static_cast<std::uint32_t>(n);
  meta.length = static_cast<std::uint32_t>(out.size() - start);
  meta.last_bits = bits[n - 1];
  meta.last_quality = rows.quality[end - 1];
  meta.last_type = rows.type[end - 1];
  meta.last_flags = rows.flags[end - 1];
  meta.crc = crc32c(ByteView(out).subspan(start));
  count_figures(rows, begin, end, meta);
  return meta;
}

struct ChunkDecoder::Impl {
  std::unique_ptr<ZSTD_DCtx, decltype([](ZSTD_DCtx* c) { ZSTD_freeDCtx(c); })> zstd{ZSTD_createDCtx()};
  std::vector<std::byte> plain;

  /// The column's bytes, unpacked if need be; at most `limit`.
  bool unpack(std::uint8_t codec, std::size_t limit, ByteView& bytes) {
    if ((codec & kZstd) == 0) return bytes.size() <= limit;
    const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
    if (size > limit) return false;  // also "unknown" and "error", which are huge
    plain.resize(size);
    return ZSTD_decompressDCtx(zstd.get(), plain.data(), plain.size(), bytes.data(), bytes.size()) == size &&
           (bytes = plain, true);
  }

  static bool take_texts(ByteView bytes, std::size_t rows, std::vector<std::string>& texts) {
    ByteReader in(bytes);
    const std::uint64_t count = in.varint();
    if (!in.ok() || count > rows || count > in.remaining()) return false;
    std::vector<std::size_t> lengths(count);
    for (std::size_t& length : lengths) length = in.varint();
    texts.clear();
    for (const std::size_t length : lengths) {
      if (!in.ok() || length > in.remaining()) return false;
      texts.emplace_back(as_text(in.take(length)));
    }
    return in.done();
  }

  bool take(Tag tag, std::uint8_t codec, ByteView bytes, Columns& out) {
    const std::size_t rows = out.size();
    const std::size_t limit = tag == Tag::texts ? kMaxChunkTextBytes + 16 * rows : 64 + 16 * rows;
    if (!unpack(codec, limit, bytes)) return false;
    codec &= static_cast<std::uint8_t>(~kZstd);
    switch (tag) {
      case Tag::times: return decode_times(static_cast<TimeCodec>(codec), bytes, out.time);
      case Tag::values: return decode_values(static_cast<ValueCodec>(codec), bytes, out.bits);
      case Tag::types: return take_runs(bytes, std::span(out.type));
      case Tag::qualities: return take_runs(bytes, std::span(out.quality));
      case Tag::flags: return take_runs(bytes, std::span(out.flags));
      case Tag::texts: return take_texts(bytes, rows, out.texts);
    }
    return true;  // a column of a newer version
  }
};

ChunkDecoder::ChunkDecoder() : impl_(std::make_unique<Impl>()) { KZ_ASSERT(impl_->zstd != nullptr); }
ChunkDecoder::~ChunkDecoder() = default;
ChunkDecoder::ChunkDecoder(ChunkDecoder&&) noexcept = default;
ChunkDecoder& ChunkDecoder::operator=(ChunkDecoder&&) noexcept = default;

Result<> ChunkDecoder::decode(ByteView bytes, Columns& out) {
  ByteReader in(bytes);
  if (in.u8() != kChunkVersion) return corrupt("The chunk has an unknown version.");
  const std::uint64_t rows = in.varint();
  const unsigned columns = in.u8();
  if (!in.ok() || rows == 0 || rows > kMaxChunkRows) return corrupt("The chunk's row count is wrong.");
  out.texts.clear();
  out.time.resize(rows);
  out.bits.resize(rows);
  out.quality.resize(rows);
  out.type.resize(rows);
  out.flags.resize(rows);
  unsigned seen = 0;
  for (unsigned c = 0; c < columns; ++c) {
    const std::uint8_t tag = in.u8(), codec = in.u8();
    const ByteView body = in.take(in.varint());
    if (!in.ok() || !impl_->take(static_cast<Tag>(tag), codec, body, out)) return corrupt("A column is damaged.");
    if (tag < 8) seen |= 1u << tag;
  }
  if (!in.done() || (seen & 0x3e) != 0x3e) return corrupt("The chunk lacks a column.");
  constexpr auto kText = static_cast<std::uint8_t>(model::ValueType::text);
  std::uint8_t highest = 0;
  for (const std::uint8_t type : out.type) highest = std::max(highest, type);
  if (highest > kText) return corrupt("Unknown value type.");
  for (std::size_t i = 0; highest == kText && i < rows; ++i)
    if (out.type[i] == kText && out.bits[i] >= out.texts.size()) return corrupt("A text is missing.");
  return {};
}

}  // namespace karez::historian
