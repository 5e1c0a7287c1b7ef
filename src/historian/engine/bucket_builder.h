// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "historian/engine/chunk_codec.h"
#include "historian/time_series_store.h"

namespace karez::historian {

/// Turns the samples of one point, in order of time, into buckets. Thread: one at a time.
class BucketBuilder {
 public:
  struct Options {
    std::int64_t from = 0, to = 0;  ///< half-open
    std::uint64_t step = 1;         ///< ns
    bool weighted = false;
    std::size_t limit = 0;  ///< more buckets are store.too_many_buckets
  };
  explicit BucketBuilder(Options options) : options_(options) {}

  /// The sample before the range, whose value is held into it.
  void hold(const Columns& row);
  Result<> add(const Columns& rows);
  /// Takes a chunk's figures when they are all of one bucket; else false, and the samples are needed.
  Result<bool> add(const ChunkMeta& figures);
  /// A value is held until `now` at most.
  Result<std::vector<Bucket>> finish(std::int64_t now);

 private:
  std::uint64_t offset(std::int64_t time) const noexcept {
    return static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(options_.from);
  }
  std::uint64_t end_of(std::uint64_t index) const noexcept;
  Result<> enter(std::uint64_t index);
  Result<> advance(std::uint64_t until);
  void count(const Columns& rows, std::size_t begin, std::size_t end);
  void count_plain(const Columns& rows, std::size_t begin, std::size_t end);
  void figure(double value, std::int64_t time);
  Result<> add_weighted(const Columns& rows);

  Options options_;
  std::vector<Bucket> out_;
  Bucket now_ = fresh();
  std::uint64_t index_ = 0, figures_ = 0;
  double weight_ = 0, area_ = 0;
  bool held_ = false;
  double value_ = 0;
  std::uint64_t since_ = 0;

  static Bucket fresh() noexcept;
};

}  // namespace karez::historian
