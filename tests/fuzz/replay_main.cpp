// SPDX-License-Identifier: Apache-2.0
// Drives a fuzz target without libFuzzer: every file of the corpus folder, then seeded mutations of them.
//   program [CORPUS_FOLDER] [RUNS]      KAREZ_FUZZ_SEED changes the seed
// A crash leaves its input in fuzz-crash.bin of the working folder when KAREZ_FUZZ_KEEP is set.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using Bytes = std::vector<std::uint8_t>;
constexpr std::size_t kMaxInput = 1U << 16U;

std::vector<Bytes> load_corpus(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> names;
  if (std::error_code ec; std::filesystem::is_directory(folder, ec)) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.is_regular_file()) names.push_back(entry.path());
    }
  }
  std::ranges::sort(names);   // the same order on every machine, so that a seed means the same run
  std::vector<Bytes> corpus;
  for (const auto& name : names) {
    std::ifstream file(name, std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return corpus;
}

class Mutator {
 public:
  Mutator(std::uint64_t seed, const std::vector<Bytes>& corpus) : random_(seed), corpus_(corpus) {}

  Bytes next() {
    Bytes bytes;
    if (corpus_.empty() || below(16) == 0) {
      bytes.resize(below(below(8) == 0 ? 2048 : 64));
      for (auto& byte : bytes) byte = any_byte();
    } else {
      bytes = corpus_[below(corpus_.size())];
    }
    for (auto steps = 1 + below(6); steps > 0; --steps) mutate(bytes);
    if (bytes.size() > kMaxInput) bytes.resize(kMaxInput);
    return bytes;
  }

 private:
  std::size_t below(std::size_t limit) { return limit == 0 ? 0 : static_cast<std::size_t>(random_() % limit); }
  std::uint8_t any_byte() { return static_cast<std::uint8_t>(random_() & 0xFFU); }
  std::ptrdiff_t place(const Bytes& bytes) { return static_cast<std::ptrdiff_t>(below(bytes.size() + 1)); }

  void mutate(Bytes& bytes) {
    static constexpr std::array<std::uint8_t, 8> kEdges{0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF, 0x20, 0x0A};
    switch (below(8)) {
      case 0:
        if (!bytes.empty()) bytes[below(bytes.size())] ^= static_cast<std::uint8_t>(1U << below(8));
        break;
      case 1:
        if (!bytes.empty()) bytes[below(bytes.size())] = any_byte();
        break;
      case 2:
        if (!bytes.empty()) bytes[below(bytes.size())] = kEdges[below(kEdges.size())];
        break;
      case 3: bytes.insert(bytes.begin() + place(bytes), 1 + below(8), any_byte()); break;
      case 4: bytes.resize(below(bytes.size() + 1)); break;
      case 5: erase_some(bytes); break;
      case 6: overwrite_word(bytes); break;
      default: splice(bytes); break;
    }
  }

  void erase_some(Bytes& bytes) {
    const auto from = place(bytes);
    const auto count = std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(1 + below(8)), std::ssize(bytes) - from);
    bytes.erase(bytes.begin() + from, bytes.begin() + from + count);
  }

  // Lengths and counts are where decoders break: put an extreme one somewhere.
  void overwrite_word(Bytes& bytes) {
    const auto width = std::size_t{1} << below(4);
    if (bytes.size() < width) return;
    const auto at = below(bytes.size() - width + 1);
    const auto fill = kExtremes[below(kExtremes.size())];
    for (std::size_t i = 0; i < width; ++i) bytes[at + i] = fill;
    if (below(2) == 0) bytes[at + width - 1] = any_byte();
  }

  void splice(Bytes& bytes) {
    if (corpus_.empty()) return;
    const auto& other = corpus_[below(corpus_.size())];
    const auto from = below(other.size() + 1);
    const auto count = std::min(below(64), other.size() - from);
    const auto first = other.begin() + static_cast<std::ptrdiff_t>(from);
    bytes.insert(bytes.begin() + place(bytes), first, first + static_cast<std::ptrdiff_t>(count));
  }

  static constexpr std::array<std::uint8_t, 4> kExtremes{0x00, 0x7F, 0x80, 0xFF};
  std::mt19937_64 random_;
  const std::vector<Bytes>& corpus_;
};

// A copy of exact size on the heap, so that AddressSanitizer sees one byte too far.
void run_one(const Bytes& bytes, bool keep) {
  if (keep) {
    std::ofstream file("fuzz-crash.bin", std::ios::binary);
    for (const auto byte : bytes) file.put(static_cast<char>(byte));
  }
  Bytes exact(bytes);
  exact.shrink_to_fit();
  (void)LLVMFuzzerTestOneInput(exact.data(), exact.size());   // its result means nothing by libFuzzer's rules
}

}  // namespace

int main(int argc, char** argv) {
  const std::filesystem::path folder = argc > 1 ? argv[1] : "";
  const auto runs = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 20'000ULL;
  const char* seed_text = std::getenv("KAREZ_FUZZ_SEED");
  const auto seed = seed_text != nullptr ? std::strtoull(seed_text, nullptr, 10) : 0x4B6172657AULL;
  const bool keep = std::getenv("KAREZ_FUZZ_KEEP") != nullptr;

  const auto corpus = load_corpus(folder);
  for (const auto& bytes : corpus) run_one(bytes, keep);
  Mutator mutator(seed, corpus);
  for (unsigned long long i = 0; i < runs; ++i) run_one(mutator.next(), keep);
  std::printf("%zu corpus inputs, %llu mutations, seed %llu\n", corpus.size(), runs, seed);
  return 0;
}
