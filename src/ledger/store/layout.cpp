// SPDX-License-Identifier: Apache-2.0
#include "ledger/store/layout.h"

#include <algorithm>
#include <charconv>

#include "base/format.h"

namespace karez::ledger {

std::string Damage::message() const {
  return karez::format("{}: {}, byte {}, entry {}: {}", slug, file, offset, seq, text);
}

Error Damage::error() const {
  return Error(Errc::corrupt, slug).with(karez::format("{}, byte {}, entry {}: {}", file, offset, seq, text));
}

namespace store {
namespace {

std::optional<std::uint64_t> first_of(const std::string& name) {
  std::uint64_t first = 0;
  if (name.size() != 20 || !name.ends_with(".log")) return std::nullopt;
  const auto [end, ec] = std::from_chars(name.data(), name.data() + 16, first, 16);
  if (ec != std::errc{} || end != name.data() + 16 || karez::format("{:016x}.log", first) != name) return std::nullopt;
  return first;
}

}  // namespace

Path Layout::log(std::uint64_t first) const { return logs() / karez::format("{:016x}.log", first); }
Path Layout::index(std::uint64_t first) const { return logs() / karez::format("{:016x}.idx", first); }
Path Layout::tree(unsigned level) const { return trees() / karez::format("{:02}", level); }

std::vector<std::uint64_t> Layout::firsts() const {
  std::vector<std::uint64_t> out;
  std::error_code ec;
  for (std::filesystem::directory_iterator it(logs(), ec), end; !ec && it != end; it.increment(ec))
    if (const auto first = first_of(it->path().filename().string())) out.push_back(*first);
  std::ranges::sort(out);
  return out;
}

std::unexpected<Damage> damaged(const Layout& layout, const char* slug, const Path& file, std::uint64_t offset,
                                std::uint64_t seq, std::string text) {
  return std::unexpected(Damage{slug, layout.relative(file), offset, seq, std::move(text)});
}

Damage damage_of(const Layout& layout, const Path& file, const Error& error) {
  const bool missing = error.slug() == "file.not_found";
  return {missing ? "ledger.file_missing" : "ledger.unreadable", layout.relative(file), 0, 0,
          missing ? "The file is missing: it was removed or lost." : std::string(error.text())};
}

Found<std::string> read_whole(const Layout& layout, const Path& file, std::size_t max_bytes) {
  auto text = read_file(file, max_bytes);
  if (!text) return std::unexpected(damage_of(layout, file, text.error()));
  return std::move(*text);
}

}  // namespace store
}  // namespace karez::ledger
