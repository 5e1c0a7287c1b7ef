// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <mutex>

#include "base/file.h"
#include "stores/object_store.h"

namespace karez::stores {

/// Objects as files: <folder>/<name space>/o/<first two digits>/<sha256>, pointers in …/p/<name>,
/// uploads in <folder>/.upload until they are whole and synced.
/// Thread: any worker.
class LocalStore final : public ObjectStore {
 public:
  static Result<std::unique_ptr<LocalStore>> open(const Path& folder);

  using ObjectStore::put;
  Result<ObjectKey> put(std::string_view name_space, const ByteSource& source, std::uint64_t max_bytes) override;
  Result<std::vector<std::byte>> get(std::string_view name_space, const ObjectKey& key, std::uint64_t offset,
                                     std::uint64_t length) override;
  Result<std::uint64_t> size(std::string_view name_space, const ObjectKey& key) override;
  Result<> remove(std::string_view name_space, const ObjectKey& key) override;
  Result<std::vector<ObjectKey>> list(std::string_view name_space, const ObjectKey& after, std::size_t limit) override;
  Result<Pointer> pointer(std::string_view name_space, std::string_view name) override;
  Result<Pointer> set_pointer(std::string_view name_space, std::string_view name, std::string_view value,
                              std::string_view expected_version) override;

 private:
  explicit LocalStore(Path folder) : folder_(std::move(folder)) {}
  Result<Path> path_of(std::string_view name_space, const ObjectKey& key) const;
  Result<Path> pointer_path(std::string_view name_space, std::string_view name) const;
  void remove_stale_uploads() const;

  const Path folder_;
  std::mutex pointers_mutex_;  // a pointer is read and replaced in one piece
};

}  // namespace karez::stores
