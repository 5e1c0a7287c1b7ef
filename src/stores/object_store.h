// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/error.h"

/// One of the four store seams: files and objects by content. Implementations: a local folder
/// (`stores/objects/local_store.h`); later the S3 API. Nothing of hard links, renames or mmap shows.
namespace karez::stores {

/// SHA-256 of the content, 64 lower-case hex digits.
struct ObjectKey {
  std::string sha256;
  auto operator<=>(const ObjectKey&) const = default;
};

/// Yields the next bytes of a stream; empty at its end.
using ByteSource = std::function<Result<ByteView>()>;

/// Names that hold other characters or are longer than 64 bytes: object.bad_name.
/// Thread: any worker.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  /// Stores a stream; the same content twice is one object and success, also under races.
  /// `name_space` keeps tenants apart ([a-z0-9-]). Durable on return.
  /// Errors: those of the source, object.too_large, object.full, object.io. Repeating is harmless.
  virtual Result<ObjectKey> put(std::string_view name_space, const ByteSource& source, std::uint64_t max_bytes) = 0;
  Result<ObjectKey> put(std::string_view name_space, ByteView bytes);
  /// Reads `length` bytes from `offset`, fewer at the end; verifies the hash when the whole object is
  /// read.
  /// Errors: object.not_found, object.corrupt.
  virtual Result<std::vector<std::byte>> get(std::string_view name_space, const ObjectKey& key,
                                             std::uint64_t offset = 0, std::uint64_t length = UINT64_MAX) = 0;
  virtual Result<std::uint64_t> size(std::string_view name_space, const ObjectKey& key) = 0;
  /// Idempotent.
  virtual Result<> remove(std::string_view name_space, const ObjectKey& key) = 0;
  /// Keys in order, at most `limit` after `after`.
  virtual Result<std::vector<ObjectKey>> list(std::string_view name_space, const ObjectKey& after,
                                              std::size_t limit) = 0;

  // Small mutable pointers (manifests): compare-and-set by version tag.
  struct Pointer {
    std::string value, version;  ///< version "" : does not exist
  };
  virtual Result<Pointer> pointer(std::string_view name_space, std::string_view name) = 0;
  /// Errors: object.changed (conflict) when the present version is not `expected_version`. Setting the
  /// same value from the same version again is success, so an unknown outcome can be repeated.
  virtual Result<Pointer> set_pointer(std::string_view name_space, std::string_view name, std::string_view value,
                                      std::string_view expected_version) = 0;
};

}  // namespace karez::stores
