// SPDX-License-Identifier: Apache-2.0
#include "server/child.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <format>
#include <thread>

#include "base/text.h"

namespace karez::server {

Child::Child(Child&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      input_(std::exchange(other.input_, -1)),
      buffer_(std::move(other.buffer_)) {}

Child& Child::operator=(Child&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(output_, other.output_);
  std::swap(input_, other.input_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

Child::~Child() { terminate(); }

Result<Child> Child::start(const std::vector<std::string>& arguments, bool capture, const Path& log_file) {
  int out[2] = {-1, -1}, in[2] = {-1, -1};
  if (::pipe2(in, O_CLOEXEC) != 0 || (capture && ::pipe2(out, O_CLOEXEC) != 0))
    return fail(Errc::exhausted, "child.cannot_start", std::strerror(errno));
  std::vector<char*> argv;
  for (const std::string& a : arguments) argv.push_back(const_cast<char*>(a.c_str()));
  argv.push_back(nullptr);
  const std::string log_path = log_file.empty() ? "/dev/null" : log_file.string();
  const pid_t parent = ::getpid();
  const pid_t pid = ::fork();
  if (pid < 0) return fail(Errc::exhausted, "child.cannot_start", std::strerror(errno));
  if (pid == 0) {
    // Only async-signal-safe calls from here to exec.
    ::prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (::getppid() != parent) ::_exit(127);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    ::setpgid(0, 0);  // Ctrl-C reaches us alone; we end the children in order
    const int log = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0640);
    ::dup2(in[0], 0);
    ::dup2(capture ? out[1] : log, 1);
    ::dup2(log, 2);
    ::execv(argv[0], argv.data());
    ::_exit(127);
  }
  ::close(in[0]);
  if (capture) ::close(out[1]);
  Child child;
  child.pid_ = pid;
  child.input_ = in[1];
  child.output_ = out[0];
  return child;
}

Result<std::string> Child::read_line(Duration timeout) {
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  while (true) {
    if (const auto end = buffer_.find('\n'); end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) return fail(Errc::timeout, "child.timeout", "The program says nothing.");
    pollfd p{.fd = output_, .events = POLLIN, .revents = 0};
    if (::poll(&p, 1, static_cast<int>(left.count())) <= 0) continue;
    char chunk[4096];
    const ssize_t n = ::read(output_, chunk, sizeof chunk);
    if (n <= 0 || buffer_.size() > 1u << 20) return fail(Errc::unavailable, "child.ended", "The program ended.");
    buffer_.append(chunk, static_cast<std::size_t>(n));
  }
}

bool Child::running() {
  if (pid_ <= 0) return false;
  if (::waitpid(pid_, nullptr, WNOHANG) == 0) return true;
  pid_ = -1;
  return false;
}

void Child::terminate() {
  if (running()) {
    ::kill(pid_, SIGTERM);
    for (int i = 0; i < 60 && running(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(50));
    if (pid_ > 0) {
      ::kill(pid_, SIGKILL);
      ::waitpid(pid_, nullptr, 0);
    }
  }
  pid_ = -1;
  if (output_ >= 0) ::close(std::exchange(output_, -1));
  if (input_ >= 0) ::close(std::exchange(input_, -1));
}

Path find_program(const std::string& name) {
  const char* path = std::getenv("PATH");
  const std::string all = std::string(path != nullptr ? path : "") + ":/usr/sbin:/usr/bin";
  for (const std::string_view dir : split(all, ':'))
    if (!dir.empty())
      if (const Path file = Path(dir) / name; ::access(file.c_str(), X_OK) == 0) return file;
  return {};
}

}  // namespace karez::server
