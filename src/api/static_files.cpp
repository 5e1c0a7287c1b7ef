// SPDX-License-Identifier: Apache-2.0
#include "api/static_files.h"

#include "base/format.h"
#include "base/hash.h"

namespace karez::api {
namespace {

constexpr std::size_t kMaxFile = 64u << 20;

std::string_view type_of(std::string_view path) {
  constexpr std::pair<std::string_view, std::string_view> kTypes[] = {
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".ico", "image/x-icon"},
      {".woff2", "font/woff2"},
      {".woff", "font/woff"},
      {".json", "application/json"},
      {".webmanifest", "application/manifest+json"},
      {".txt", "text/plain; charset=utf-8"},
      {".webp", "image/webp"},
      {".jpg", "image/jpeg"},
      {".wasm", "application/wasm"},
  };
  for (const auto& [suffix, type] : kTypes)
    if (path.ends_with(suffix)) return type;
  return "application/octet-stream";
}

/// Vite puts a hash into the names below assets/: such a file never changes.
bool is_hashed(std::string_view path) { return path.starts_with("/assets/"); }

}  // namespace

StaticFiles::StaticFiles(const std::string& directory) {
  if (directory.empty()) return;
  std::error_code ec;
  const Path root(directory);
  for (auto it = std::filesystem::recursive_directory_iterator(root, ec); !ec && it != std::filesystem::end(it);
       it.increment(ec)) {
    if (!it->is_regular_file(ec)) continue;
    const std::string name = "/" + it->path().lexically_relative(root).generic_string();
    if (name.ends_with(".map")) continue;
    files_.emplace(name, Entry{.file = it->path()});
  }
  for (auto& [name, entry] : files_) {
    entry.gz = files_.contains(name + ".gz");
    entry.br = files_.contains(name + ".br");
  }
}

std::optional<Answer> StaticFiles::find(const Request& request) const {
  std::string name(request.path);
  if (name == "/") name = "/index.html";
  auto it = files_.find(name);
  if (it == files_.end()) {
    // An address of the console has no file name; a missing asset is an error, not the start page.
    const auto last = name.rfind('/');
    if (name.size() > 512 || name.starts_with("/assets/") || name.contains("/.") ||
        name.find('.', last) != std::string::npos)
      return std::nullopt;
    name = "/index.html";
    it = files_.find(name);
    if (it == files_.end()) return std::nullopt;
  }
  Path file = it->second.file;
  Response response;
  const std::string_view accepted = request.header("accept-encoding");
  if (it->second.br && accepted.contains("br")) {
    file += ".br";
    response.headers.emplace_back("Content-Encoding", "br");
  } else if (it->second.gz && accepted.contains("gzip")) {
    file += ".gz";
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  if (it->second.br || it->second.gz) response.headers.emplace_back("Vary", "Accept-Encoding");
  auto body = read_file(file, kMaxFile);
  if (!body) return std::unexpected(Problem(std::move(body).error()));
  response.content_type = type_of(name);
  response.headers.emplace_back("Cache-Control", is_hashed(name) ? "public, max-age=31536000, immutable" : "no-cache");
  const std::string tag = karez::format("\"{:016x}\"", xxh3(as_bytes(*body)));
  response.headers.emplace_back("ETag", tag);
  if (request.header("if-none-match") == tag) {
    response.status = 304;
    response.content_type.clear();
    return response;
  }
  response.body = std::move(*body);
  return response;
}

}  // namespace karez::api
