#include "services/exec_shim.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string_view>
#include <system_error>

#include "base/text.h"
#include "services/foreground_job.h"

namespace devproxy {
namespace {

constexpr int cannot_execute = 126;
constexpr int not_found = 127;

int give_up(const std::string& what, int error, int code) {
  const std::string text =
      fmt::format("devproxy: {}: {}\n", what, std::generic_category().message(error));
  (void)!::write(STDERR_FILENO, text.data(), text.size());
  return code;
}

void restore_signals() {
  for (int number = 1; number < NSIG; ++number) {
    if (number != SIGKILL && number != SIGSTOP) std::signal(number, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
}

void restore_file_limit(unsigned long long soft) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = static_cast<rlim_t>(soft);
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

std::optional<unsigned long long> number_of(const char* text) {
  return text == nullptr ? std::nullopt : parse_number(text);
}

}  // namespace

std::vector<std::string> exec_arguments(const std::string& program, const ExecRequest& request) {
  std::vector<std::string> arguments{program, exec_command, "--parent",
                                     std::to_string(request.parent)};
  if (request.tty) arguments.emplace_back("--tty");
  if (request.foreground) arguments.emplace_back("--foreground");
  if (request.inherited > 0) {
    arguments.emplace_back("--inherited");
    arguments.push_back(std::to_string(request.inherited));
  }
  if (request.file_limit) {
    arguments.emplace_back("--files");
    arguments.push_back(std::to_string(*request.file_limit));
  }
  if (!request.dir.empty()) {
    arguments.emplace_back("--dir");
    arguments.push_back(request.dir);
  }
  arguments.emplace_back("--");
  arguments.insert(arguments.end(), request.words.begin(), request.words.end());
  return arguments;
}

std::optional<ExecRequest> parse_exec(int argc, const char* const* argv) {
  if (argc < 2 || std::string_view(argv[1]) != exec_command) return std::nullopt;
  ExecRequest request;
  for (int i = 2; i < argc; ++i) {
    const std::string_view word = argv[i];
    const char* const next = i + 1 < argc ? argv[i + 1] : nullptr;
    if (word == "--") {
      request.words.assign(argv + i + 1, argv + argc);
      return request;
    }
    if (word == "--tty") {
      request.tty = true;
      continue;
    }
    if (word == "--foreground") {
      request.foreground = true;
      continue;
    }
    if (next == nullptr) break;
    ++i;
    if (word == "--parent") request.parent = static_cast<pid_t>(number_of(next).value_or(0));
    if (word == "--inherited") request.inherited = number_of(next).value_or(0);
    if (word == "--files") request.file_limit = number_of(next);
    if (word == "--dir") request.dir = next;
  }
  return request;
}

int run_exec_shim(const ExecRequest& request) {
  if (request.words.empty()) {
    return give_up("__exec is for devproxy itself", EINVAL, not_found);
  }
  // First, so that no signal of our own terminal reaches what follows.
  if (request.foreground) {
    ForegroundJob::take_terminal();
  } else {
    ::setsid();
  }
  die_with_parent();
  // It may have died before we asked.
  if (request.parent != 0 && ::getppid() != request.parent) return cannot_execute;
  if (request.tty) ::ioctl(STDIN_FILENO, TIOCSCTTY, 0);
  restore_signals();
  if (request.file_limit) restore_file_limit(*request.file_limit);
  for (std::size_t i = 0; i < request.inherited; ++i)
    ::fcntl(static_cast<int>(3 + i), F_SETFD, FD_CLOEXEC);
  if (!request.dir.empty() && ::chdir(request.dir.c_str()) != 0)
    return give_up(fmt::format("cannot go to {}", request.dir), errno, cannot_execute);

  std::vector<char*> arguments;
  for (const std::string& word : request.words)
    arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  ::execvp(arguments.front(), arguments.data());
  const int error = errno;
  return give_up(fmt::format("cannot run {}", request.words.front()), error,
                 error == ENOENT ? not_found : cannot_execute);
}

}  // namespace devproxy
