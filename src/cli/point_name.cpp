// SPDX-License-Identifier: Apache-2.0
#include "cli/point_name.h"

#include "base/format.h"
#include "base/text.h"

namespace karez::cli {
namespace {

constexpr std::size_t kMostCandidates = 8;

bool is_id(std::string_view word) {
  return word.size() > 1 && word[0] == 'p' && word.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

struct Candidate {
  std::string id, name, path;  ///< path: device and name
};

std::string list(std::span<const Candidate> candidates) {
  std::string out;
  for (const Candidate& c : candidates.first(std::min(candidates.size(), kMostCandidates)))
    out += karez::format("{}{} ({})", out.empty() ? "" : ", ", c.id, c.path);
  return out + (candidates.size() > kMostCandidates ? ", …" : "");
}

}  // namespace

Result<std::string> point_id(Client& client, const std::string& word) {
  if (is_id(word)) return word;
  // The list takes fragments of names; what it finds is looked at again here.
  const std::string name = word.substr(word.rfind('/') + 1);
  KZ_TRY(const Reply reply, client.get(client.tenant_path("/points?limit=1000&q=" + encode(name))));
  std::vector<Candidate> near, same;
  for (const JsonValue p : reply.json["items"].elements()) {
    const std::string own(p["name"].string().value_or(""));
    near.push_back({.id = std::string(p["id"].string().value_or("")),
                    .name = own,
                    .path = karez::format("{}/{}", p["device_name"].string().value_or(""), own)});
    if (own == word || near.back().path == word) same.push_back(near.back());
  }
  if (same.size() == 1) return same[0].id;
  if (!same.empty())
    return fail(Error(Errc::invalid_argument, "cli.which_point")
                    .with(karez::format("{} points are named '{}': {}.", same.size(), word, list(same)))
                    .cure("Name one by its id, or as DEVICE/NAME."));
  return fail(Error(Errc::not_found, "cli.no_point")
                  .with(karez::format("There is no point '{}'.", word))
                  .cure(near.empty() ? "'karez points' lists the points, 'karez search' finds them."
                                     : karez::format("Near to it: {}.", list(near))));
}

Result<std::vector<std::string>> point_ids(Client& client, std::span<const std::string> words) {
  std::vector<std::string> ids;
  for (const std::string& word : words) {
    KZ_TRY(std::string id, point_id(client, word));
    ids.push_back(std::move(id));
  }
  return ids;
}

}  // namespace karez::cli
