// SPDX-License-Identifier: Apache-2.0
#include <sys/statvfs.h>
#include <termios.h>
#include <unistd.h>

#include <cstdlib>

#include "base/file.h"
#include "base/format.h"
#include "base/text.h"
#include "cli/options.h"
#include "cli/output.h"

namespace karez::cli {
namespace {

/// Reads a line without showing it.
std::string ask_secret(std::string_view prompt) {
  put_error(prompt);
  std::fflush(stderr);
  termios old{};
  const bool terminal = ::tcgetattr(0, &old) == 0;
  if (terminal) {
    termios quiet = old;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(0, TCSANOW, &quiet);
  }
  char line[512] = {};
  const bool got = std::fgets(line, sizeof line, stdin) != nullptr;
  if (terminal) {
    ::tcsetattr(0, TCSANOW, &old);
    tell("");
  }
  return got ? std::string(trim(line)) : "";
}

std::unexpected<Error> no_answer(std::string_view option) {
  return fail(Error(Errc::invalid_argument, "cli.missing_value")
                  .with(karez::format("--{} is needed: nothing was typed, or there is no terminal to ask at.", option))
                  .cure(karez::format("Give --{} TEXT, or write it on standard input.", option)));
}

struct Check {
  std::string name;
  bool ok;
  std::string text, cure;
};

Check check_disk() {
  struct statvfs fs{};
  if (::statvfs(".", &fs) != 0) return {"disk", true, "not known here", ""};
  const double free_gb = static_cast<double>(fs.f_bavail) * static_cast<double>(fs.f_frsize) / 1e9;
  return {"disk", free_gb > 2, karez::format("{:.1f} GB free here", free_gb),
          "Free at least 2 GB, or give --data on another disk."};
}

Check check_clock() {
  std::error_code ignored;
  const bool synced = std::filesystem::exists("/run/systemd/timesync/synchronized", ignored);
  SystemClock clock;
  const bool sane = clock.now() > from_ns(1'767'225'600'000'000'000);  // 2026
  return {"clock", sane,
          karez::format("{}{}", to_rfc3339(std::chrono::floor<std::chrono::seconds>(clock.now())),
                        synced ? ", synchronised" : ", no sign of time synchronisation"),
          "Set the clock and run an NTP client: times of samples depend on it."};
}

Check check_program(const char* name, const char* why) {
  for (const std::string_view dir : {"/usr/sbin", "/usr/bin", "/usr/local/bin", "/usr/local/sbin"})
    if (::access((std::string(dir) + "/" + name).c_str(), X_OK) == 0)
      return {name, true, std::string(dir) + "/" + name, ""};
  return {name, false, "not found", karez::format("{} Run 'make setup', or apt-get install {}.", why, name)};
}

using Headers = std::vector<std::pair<std::string, std::string>>;

Headers session_headers(const Reply& answer, const Headers& before = {}) {
  std::string cookie = answer.cookie.substr(0, answer.cookie.find(';'));
  if (cookie.empty() && !before.empty()) cookie = before[0].second;
  return {{"Cookie", cookie}, {"X-Karez-CSRF", std::string(answer.json["csrf"].string().value_or(""))}};
}

/// The tenant to make the token for: the one asked for, else the first that the user has a role in.
Result<JsonValue> own_tenant(const Reply& session, std::string_view wanted) {
  for (const JsonValue t : session.json["tenants"].elements())
    if (wanted.empty() || t["id"].string() == wanted) return t;
  return fail(Error(Errc::denied, "cli.no_tenant")
                  .with(wanted.empty() ? "You have no role in any enterprise."
                                       : karez::format("You have no role in the enterprise '{}'.", wanted))
                  .cure("Ask an owner of the enterprise for a role in it."));
}

/// An owner seldom needs all rights at a command line; everybody else gets what they have.
std::string_view role_for_token(std::string_view own) { return own == "owner" ? std::string_view("engineer") : own; }

/// With an open session: an own password when one is due, then the token. `headers` follow a new session.
Result<Connection> make_token(Client& client, const Options& o, const std::string& password, Reply session,
                              Headers& headers) {
  JsonWriter w;
  if (session.json["must_change_password"].boolean().value_or(false)) {
    tell("This password is for one time. Choose your own, at least 10 characters.");
    const std::string next = o.has("new-password") ? std::string(o.get("new-password")) : ask_secret("New password: ");
    if (next.empty()) return no_answer("new-password");
    w.begin_object().field("old", password).field("new", next).end_object();
    KZ_TRY(session, client.call("POST", "/api/v1/session/password", w.take(), headers));
    headers = session_headers(session, headers);
  }
  Connection c = client.connection();
  KZ_TRY(const JsonValue tenant, own_tenant(session, o.connection.tenant_kept ? "" : o.connection.tenant));
  c.tenant = tenant["id"].string().value_or("");
  const std::string_view own = tenant["role"].string().value_or("viewer");
  w.begin_object().field("name", "karez command line").field("role", o.get("role", role_for_token(own))).end_object();
  KZ_TRY(const Reply token, client.call("POST", "/api/v1/t/" + encode(c.tenant) + "/tokens", w.take(), headers));
  c.token = token.json["secret"].string().value_or("");
  return c;
}

}  // namespace

Result<> run_login(Client& asked, const Options& o) {
  // A token that is kept already has no say in who logs in.
  Client client(Connection{.url = asked.connection().url, .token = "", .tenant = ""});
  const std::string user(o.get("user", "admin"));
  const std::string password =
      o.has("password") ? std::string(o.get("password")) : ask_secret(karez::format("Password of {}: ", user));
  if (password.empty()) return no_answer("password");
  JsonWriter w;
  w.begin_object().field("user", user).field("password", password).end_object();
  KZ_TRY(Reply session, client.call("POST", "/api/v1/session", w.take()));
  Headers headers = session_headers(session);
  const auto made = make_token(client, o, password, std::move(session), headers);
  (void)client.call("DELETE", "/api/v1/session", "", headers);  // the token stays; the session ends in any case
  if (!made) return std::unexpected(made.error());
  KZ_CHECK(save_connection(*made));
  say_line("Logged in to {} as {}. The token is kept in {}.", made->url, user, connection_file());
  return {};
}

Result<> run_doctor(Client& client, const Options& o) {
  std::vector<Check> checks{check_disk(), check_clock(),
                            check_program("mosquitto", "The demo and local MQTT need it.")};
  const auto health = client.get("/healthz");
  checks.push_back({"platform", health.has_value(),
                    health ? "answers at " + client.connection().url : std::string(health.error().text()),
                    health ? "" : std::string(health.error().cure_text())});
  if (health) {
    const auto ready = client.get("/readyz");
    checks.push_back({"stores", ready.has_value(), ready ? "ready" : std::string(ready.error().text()),
                      "Read the log of 'karez serve' for the cause."});
    const auto session = client.get("/api/v1/session");
    checks.push_back({"access", session.has_value(), session ? "token accepted" : std::string(session.error().text()),
                      "Log in with 'karez login', or set KAREZ_TOKEN."});
    if (session && client.find_tenant())
      if (const auto overview = client.get(client.tenant_path("/overview")))
        for (const JsonValue s : overview->json["sources"].elements()) {
          const auto state = s["state"].string().value_or("");
          if (state == "online" || state == "disabled") continue;
          checks.push_back({karez::format("source {}", s["name"].string().value_or("")), false,
                            std::string(s.pointer("/remark/text").string().value_or(state)),
                            "Test the connection: 'karez devices test', or Connect in the console."});
        }
  }
  std::size_t bad = 0;
  JsonWriter w;
  w.begin_array();
  for (const Check& c : checks) {
    if (!c.ok) ++bad;
    w.begin_object()
        .field("name", c.name)
        .field("ok", c.ok)
        .field("text", c.text)
        .field("cure", c.ok ? "" : c.cure)
        .end_object();
    if (!o.json) {
      say_line("{} {:<12} {}", c.ok ? "ok  " : "FAIL", c.name, c.text);
      if (!c.ok && !c.cure.empty()) say_line("     {:<12} {}", "", c.cure);
    }
  }
  if (o.json) say_line("{}", w.end_array().view());
  if (bad > 0)
    return fail(Errc::unavailable, "cli.doctor", karez::format("{} of {} checks found trouble.", bad, checks.size()));
  return {};
}

Result<> run_completion(Client&, const Options& o) {
  std::string words = "serve demo audit";
  for (const Command& c : commands())
    if (const auto first = std::string(c.name.substr(0, c.name.find(' '))); !words.contains(" " + first))
      words += " " + first;
  const std::string& shell = o.words[0];
  if (shell == "bash")
    say_line(
        "_karez() {{ COMPREPLY=($(compgen -W '{} list show add test import --json --help' -- "
        "\"${{COMP_WORDS[COMP_CWORD]}}\")); }}\ncomplete -F _karez karez",
        words);
  else if (shell == "zsh") say_line("#compdef karez\n_arguments '1:command:({})' '*:argument:_files'", words);
  else if (shell == "fish") say_line("complete -c karez -f -n '__fish_use_subcommand' -a '{}'", words);
  else return fail(Errc::invalid_argument, "cli.shell", "Completion exists for bash, zsh and fish.");
  return {};
}

}  // namespace karez::cli
