// SPDX-License-Identifier: Apache-2.0
#include "server/tools/audit.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <print>

#include "base/format.h"
#include "base/json.h"
#include "ledger/verify.h"
#include "server/options.h"

namespace karez::server {
namespace {

constexpr std::string_view kHelp =
    R"(karez audit verify - reads the whole audit ledger and checks that nothing was changed or removed

  --data DIR    data folder of the platform (default: $KAREZ_DATA, or ~/.local/share/karez)
  --key KEY     the public key that must have signed, as 'karez audit verify' printed it once
  --head FILE   a signed head kept elsewhere that the ledger must still begin with; needs --key
  --json        the answer as JSON

Works offline and beside a running platform. Exit code 0: whole, 1: damaged, 2: wrong arguments.
)";

struct AuditOptions {
  Path dir;
  ledger::VerifyOptions verify;
  bool json = false;
};

Result<AuditOptions> parse(std::span<const std::string_view> arguments) {
  AuditOptions out;
  std::vector<std::string_view> for_server;
  std::string head_file;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view a = arguments[i];
    if (a == "--json") out.json = true;
    else if (a != "--data" && a != "--key" && a != "--head")
      return fail(Error(Errc::invalid_argument, "options.unknown")
                      .with(karez::format("'{}' is not known here.", a))
                      .cure("See 'karez audit --help'."));
    else if (++i == arguments.size())
      return fail(Errc::invalid_argument, "options.missing_value", karez::format("{} needs a value.", a));
    else if (a == "--data") for_server.insert(for_server.end(), {a, arguments[i]});
    else if (a == "--head") head_file = arguments[i];
    else {
      KZ_TRY(out.verify.key, ledger::PublicKey::parse(arguments[i]));
    }
  }
  KZ_TRY(const ServerOptions server, parse_options(for_server));
  out.dir = server.data_dir / "ledger";
  if (head_file.empty()) return out;
  if (!out.verify.key)
    return fail(Errc::invalid_argument, "options.missing_value", "--head is only believed together with --key.");
  KZ_TRY(const std::string note, read_file(head_file, 16u << 10));
  KZ_TRY(out.verify.earlier, ledger::open_head(note, *out.verify.key));
  return out;
}

void say_json(const ledger::VerifyReport& report) {
  JsonWriter w;
  w.begin_object().field("whole", !report.damage).field("origin", report.origin).field("key_id", report.key_id);
  w.field("key", report.key).field("entries", report.entries).field("signed_entries", report.signed_entries);
  w.field("root", ledger::to_hex(report.root)).field("signed_root", ledger::to_hex(report.signed_root));
  w.field("files", report.files).field("bytes", report.bytes).field("unfinished_bytes", report.unfinished_bytes);
  if (const auto& damage = report.damage) {
    w.key("damage").begin_object().field("slug", damage->slug).field("file", damage->file);
    w.field("offset", damage->offset).field("entry", damage->seq).field("text", damage->text).end_object();
  }
  w.end_object();
  std::println("{}", w.view());
}

void say_text(const ledger::VerifyReport& report, const Path& dir) {
  std::println("ledger     {}", dir.string());
  std::println("origin     {}", report.origin);
  std::println("key        {}", report.key);
  std::println("entries    {} in {} files, {} bytes", report.entries, report.files, report.bytes);
  std::println("signed     {} by key {}, root {}", report.signed_entries, report.key_id,
               ledger::to_hex(report.signed_root));
  std::println("root       {}", ledger::to_hex(report.root));
  if (report.unfinished_bytes > 0)
    std::println("           {} bytes at the end are no entry yet", report.unfinished_bytes);
  if (const auto& damage = report.damage) {
    std::println("DAMAGED    {}", damage->text);
    std::println("           {}: {}, byte {}, entry {}", damage->slug, damage->file, damage->offset, damage->seq);
    std::println("           Keep the folder as evidence, and compare it with a backup.");
  } else {
    std::println("whole      every entry is as it was written, and none is missing");
  }
}

}  // namespace

int run_audit(std::span<const std::string_view> arguments) {
  const bool verb = !arguments.empty() && arguments[0] == "verify";
  const bool help =
      arguments.empty() || std::ranges::contains(arguments, "--help") || std::ranges::contains(arguments, "-h");
  if (help) {
    std::print("{}", kHelp);
    return 0;
  }
  if (!verb) {
    std::println(stderr, "karez: audit has no verb '{}'. Say 'karez audit verify'.", arguments[0]);
    return 2;
  }
  auto options = parse(arguments.subspan(1));
  if (!options) {
    std::println(stderr, "karez: {}", options.error().message());
    return 2;
  }
  const bool show = !options->json && ::isatty(STDERR_FILENO) == 1;
  if (show)
    options->verify.progress = [](std::uint64_t done, std::uint64_t all) {
      std::print(stderr, "\r{} of {} MB checked", done >> 20, all >> 20);
      return true;
    };
  const auto report = ledger::verify(options->dir, options->verify);
  if (show) std::print(stderr, "\r\x1b[K");
  if (!report) {
    std::println(stderr, "karez: {}", report.error().message());
    return 1;
  }
  if (options->json) say_json(*report);
  else say_text(*report, options->dir);
  return report->damage ? 1 : 0;
}

}  // namespace karez::server
