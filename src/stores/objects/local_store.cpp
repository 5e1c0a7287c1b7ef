// SPDX-License-Identifier: Apache-2.0
#include "stores/objects/local_store.h"

#include <unistd.h>

#include <algorithm>
#include <system_error>

#include "base/format.h"
#include "base/hash.h"
#include "base/ids.h"
#include "stores/open.h"

namespace karez::stores {
namespace {

constexpr std::size_t kKeyDigits = 64, kMaxSpace = 64, kMaxPointerName = 128, kMaxPointer = 65536, kMaxList = 1000;
constexpr std::string_view kHex = "0123456789abcdef", kSpace = "abcdefghijklmnopqrstuvwxyz0123456789-",
                           kName = "abcdefghijklmnopqrstuvwxyz0123456789._-";

bool only(std::string_view text, std::string_view allowed) { return text.find_first_not_of(allowed) == text.npos; }
std::unexpected<Error> bad_name(std::string_view what) { return fail(Errc::invalid_argument, "object.bad_name", what); }
std::unexpected<Error> not_found() { return fail(Errc::not_found, "object.not_found", "There is no such object."); }

/// An error of a file in the words of this seam.
std::unexpected<Error> in_our_words(const Error& error) {
  if (error.slug() == "file.full") return fail(Errc::exhausted, "object.full", error.text());
  if (error.slug() == "file.not_found") return not_found();
  return fail(Errc::unavailable, "object.io", error.text());
}

/// Makes a folder that survives a power cut, its new parents included, up to `top`.
Result<> make_durable(const Path& folder, const Path& top) {
  if (std::error_code ec; std::filesystem::is_directory(folder, ec)) return {};
  if (folder != top) KZ_CHECK(make_durable(folder.parent_path(), top));
  if (auto made = make_directories(folder); !made) return in_our_words(made.error());
  if (auto synced = sync_directory(folder.parent_path()); !synced) return in_our_words(synced.error());
  return {};
}

/// A file that is gone again unless it was kept.
class Upload {
 public:
  explicit Upload(Path path) : path_(std::move(path)) {}
  ~Upload() {
    if (!kept_) ::unlink(path_.c_str());
  }
  Upload(const Upload&) = delete;
  Upload& operator=(const Upload&) = delete;

  Result<ObjectKey> fill(const ByteSource& source, std::uint64_t max_bytes);
  Result<> keep(const Path& as);

 private:
  Path path_;
  bool kept_ = false;
};

Result<ObjectKey> Upload::fill(const ByteSource& source, std::uint64_t max_bytes) {
  auto file = File::open(path_, File::Mode::create);
  if (!file) return in_our_words(file.error());
  Sha256 sum;
  for (std::uint64_t written = 0;;) {
    KZ_TRY(const ByteView bytes, source());
    if (bytes.empty()) break;
    if (bytes.size() > max_bytes - written)
      return fail(Errc::exhausted, "object.too_large", karez::format("At most {} bytes are taken.", max_bytes));
    if (auto done = file->write(bytes); !done) return in_our_words(done.error());
    sum.update(bytes);
    written += bytes.size();
  }
  if (auto done = file->sync(); !done) return in_our_words(done.error());
  return ObjectKey{sum.hex()};
}

Result<> Upload::keep(const Path& as) {
  // Over an object of the same content, perhaps damaged in the meantime: the fresh one is right.
  if (::rename(path_.c_str(), as.c_str()) != 0)
    return fail(Errc::unavailable, "object.io",
                karez::format("Cannot rename to {}: {}.", as.string(), std::generic_category().message(errno)));
  kept_ = true;
  if (auto synced = sync_directory(as.parent_path()); !synced) return in_our_words(synced.error());
  return {};
}

std::vector<std::string> names_in(const Path& folder) {
  std::vector<std::string> out;
  std::error_code ec;
  for (auto it = std::filesystem::directory_iterator(folder, ec); !ec && it != std::filesystem::directory_iterator();
       it.increment(ec))
    out.push_back(it->path().filename().string());
  std::ranges::sort(out);
  return out;
}

}  // namespace

Result<std::unique_ptr<LocalStore>> LocalStore::open(const Path& folder) {
  const Path top = std::filesystem::absolute(folder).lexically_normal();
  KZ_CHECK(make_durable(top / ".upload", top));
  std::unique_ptr<LocalStore> store(new LocalStore(top));
  store->remove_stale_uploads();
  return store;
}

void LocalStore::remove_stale_uploads() const {
  const auto oldest = std::filesystem::file_time_type::clock::now() - std::chrono::hours(24);
  for (const std::string& name : names_in(folder_ / ".upload")) {
    std::error_code ec;
    const Path path = folder_ / ".upload" / name;
    if (std::filesystem::last_write_time(path, ec) < oldest && !ec) std::filesystem::remove(path, ec);
  }
}

Result<Path> LocalStore::path_of(std::string_view name_space, const ObjectKey& key) const {
  if (name_space.empty() || name_space.size() > kMaxSpace || !only(name_space, kSpace))
    return bad_name("A name space has 1 to 64 of a-z, 0-9 and -.");
  if (key.sha256.size() != kKeyDigits || !only(key.sha256, kHex))
    return bad_name("A key has 64 lower-case hex digits.");
  return folder_ / name_space / "o" / key.sha256.substr(0, 2) / key.sha256;
}

Result<Path> LocalStore::pointer_path(std::string_view name_space, std::string_view name) const {
  if (name_space.empty() || name_space.size() > kMaxSpace || !only(name_space, kSpace))
    return bad_name("A name space has 1 to 64 of a-z, 0-9 and -.");
  if (name.empty() || name.size() > kMaxPointerName || !only(name, kName) || name.front() == '.')
    return bad_name("A pointer's name has 1 to 128 of a-z, 0-9, '.', '_' and '-', no '.' in front.");
  return folder_ / name_space / "p" / name;
}

Result<ObjectKey> LocalStore::put(std::string_view name_space, const ByteSource& source, std::uint64_t max_bytes) {
  KZ_CHECK(path_of(name_space, {std::string(kKeyDigits, '0')}));
  Upload upload(folder_ / ".upload" / random_hex(16));
  KZ_TRY(ObjectKey key, upload.fill(source, max_bytes));
  KZ_TRY(const Path path, path_of(name_space, key));
  KZ_CHECK(make_durable(path.parent_path(), folder_));
  KZ_CHECK(upload.keep(path));
  return key;
}

Result<std::vector<std::byte>> LocalStore::get(std::string_view name_space, const ObjectKey& key, std::uint64_t offset,
                                               std::uint64_t length) {
  KZ_TRY(const Path path, path_of(name_space, key));
  const auto file = File::open(path, File::Mode::read);
  if (!file) return in_our_words(file.error());
  const auto size = file->size();
  if (!size) return in_our_words(size.error());
  if (offset >= *size && offset > 0) return std::vector<std::byte>();
  std::vector<std::byte> out(std::min(length, *size - offset));
  if (const auto done = file->read_at(offset, out); !done) return in_our_words(done.error());
  if (out.size() == *size && sha256_hex(out) != key.sha256)
    return fail(Errc::corrupt, "object.corrupt", karez::format("{} is not what was stored.", path.string()));
  return out;
}

Result<std::uint64_t> LocalStore::size(std::string_view name_space, const ObjectKey& key) {
  KZ_TRY(const Path path, path_of(name_space, key));
  std::error_code ec;
  const std::uint64_t size = std::filesystem::file_size(path, ec);
  if (ec == std::errc::no_such_file_or_directory) return not_found();
  if (ec) return fail(Errc::unavailable, "object.io", ec.message());
  return size;
}

Result<> LocalStore::remove(std::string_view name_space, const ObjectKey& key) {
  KZ_TRY(const Path path, path_of(name_space, key));
  if (::unlink(path.c_str()) != 0) {
    if (errno == ENOENT) return {};
    return fail(Errc::unavailable, "object.io", std::generic_category().message(errno));
  }
  if (auto synced = sync_directory(path.parent_path()); !synced) return in_our_words(synced.error());
  return {};
}

Result<std::vector<ObjectKey>> LocalStore::list(std::string_view name_space, const ObjectKey& after,
                                                std::size_t limit) {
  KZ_TRY(const Path sample, path_of(name_space, {std::string(kKeyDigits, '0')}));
  if (limit < 1 || limit > kMaxList || after.sha256.size() > kKeyDigits)
    return fail(Errc::invalid_argument, "object.bad_list", "The limit is 1 to 1,000.");
  const Path objects = sample.parent_path().parent_path();
  std::vector<ObjectKey> out;
  for (const std::string& prefix : names_in(objects)) {
    if (prefix < std::string_view(after.sha256).substr(0, 2)) continue;
    for (std::string& name : names_in(objects / prefix)) {
      if (name <= after.sha256 || name.size() != kKeyDigits) continue;
      out.push_back({std::move(name)});
      if (out.size() == limit) return out;
    }
  }
  return out;
}

Result<ObjectStore::Pointer> LocalStore::pointer(std::string_view name_space, std::string_view name) {
  KZ_TRY(const Path path, pointer_path(name_space, name));
  const auto text = read_file(path, kMaxPointer + 128);
  if (!text && text.error().slug() == "file.not_found") return Pointer{};
  if (!text) return in_our_words(text.error());
  // version, line feed, value
  const auto end = text->find('\n');
  if (end != kKeyDigits)
    return fail(Errc::corrupt, "object.corrupt", karez::format("{} is not a pointer.", path.string()));
  return Pointer{.value = text->substr(end + 1), .version = text->substr(0, end)};
}

Result<ObjectStore::Pointer> LocalStore::set_pointer(std::string_view name_space, std::string_view name,
                                                     std::string_view value, std::string_view expected_version) {
  KZ_TRY(const Path path, pointer_path(name_space, name));
  if (value.size() > kMaxPointer) return fail(Errc::exhausted, "object.too_large", "A pointer has at most 64 KiB.");
  // The version follows from the one before and the value, so a repetition is recognised, and a value
  // that comes back later has another version.
  Pointer next{.value = std::string(value), .version = {}};
  next.version = sha256_hex(as_bytes(karez::format("{}\n{}", expected_version, value)));
  const std::scoped_lock lock(pointers_mutex_);
  KZ_TRY(const Pointer present, pointer(name_space, name));
  if (present.version == next.version) return next;
  if (present.version != expected_version)
    return fail(Errc::conflict, "object.changed", karez::format("{} was changed by somebody else.", name));
  KZ_CHECK(make_durable(path.parent_path(), folder_));
  if (auto done = write_file_atomic(path, as_bytes(next.version + "\n" + next.value)); !done)
    return in_our_words(done.error());
  return next;
}

Result<std::unique_ptr<ObjectStore>> open_object_store(const Path& folder) {
  KZ_TRY(auto store, LocalStore::open(folder));
  return store;
}

}  // namespace karez::stores
