// The runner that really runs: posix_spawn, two pipes, one poll.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "base/text.h"
#include "certs/command_runner.h"

// POSIX leaves the declaration to us; glibc has one all the same.
// NOLINTNEXTLINE(readability-redundant-declaration)
extern char** environ;

namespace devproxy {
namespace {

using Clock = std::chrono::steady_clock;

std::string words_for(int error) {
  return std::generic_category().message(error);
}

class Pipe final {
 public:
  Pipe() {
    if (::pipe(ends_.data()) != 0) {
      ends_ = {-1, -1};
      return;
    }
    for (const int end : ends_) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  }
  ~Pipe() {
    close_writer();
    if (ends_[0] >= 0) ::close(ends_[0]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool is_open() const { return ends_[0] >= 0; }
  int reader() const { return ends_[0]; }
  int writer() const { return ends_[1]; }
  void close_writer() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

/// What posix_spawn is told, freed with it.
class SpawnOrders final {
 public:
  SpawnOrders(int output, int errors, bool on_terminal) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawnattr_init(&attributes_);
    if (!on_terminal)
      ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions_, errors, STDERR_FILENO);
    sigset_t defaults;
    ::sigemptyset(&defaults);
    ::sigaddset(&defaults, SIGPIPE);  // ignored by us, and that would be inherited
    ::posix_spawnattr_setsigdefault(&attributes_, &defaults);
    // A session of its own has no terminal: certutil asks there for a primary password, and would
    // wait for ever when nobody sits in front of it.
    const int session = on_terminal ? 0 : POSIX_SPAWN_SETSID;
    ::posix_spawnattr_setflags(&attributes_, static_cast<short>(POSIX_SPAWN_SETSIGDEF | session));
  }
  ~SpawnOrders() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnOrders(const SpawnOrders&) = delete;
  SpawnOrders& operator=(const SpawnOrders&) = delete;

  const posix_spawn_file_actions_t* actions() const { return &actions_; }
  const posix_spawnattr_t* attributes() const { return &attributes_; }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

std::vector<std::string> english_environment() {
  std::vector<std::string> result{"LC_ALL=C"};
  for (char** entry = environ; *entry != nullptr; ++entry) {
    if (!std::string_view(*entry).starts_with("LC_ALL=")) result.emplace_back(*entry);
  }
  return result;
}

int exit_code_of(int status) {
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
  std::vector<char*> result;
  result.reserve(texts.size() + 1);
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

/// Reads both to their ends; false when the deadline passed first.
bool read_both(const Pipe& out, const Pipe& err, CommandResult& result,
               std::optional<Clock::time_point> deadline) {
  std::array<pollfd, 2> polled{pollfd{out.reader(), POLLIN, 0}, pollfd{err.reader(), POLLIN, 0}};
  const std::array<std::string*, 2> texts{&result.output, &result.errors};
  std::array<char, 8192> buffer{};
  while (polled[0].fd >= 0 || polled[1].fd >= 0) {
    int wait = -1;
    if (deadline) {
      const auto left =
          std::chrono::duration_cast<std::chrono::milliseconds>(*deadline - Clock::now()).count();
      if (left <= 0) return false;
      wait = static_cast<int>(std::min<std::int64_t>(left, 60'000));
    }
    if (::poll(polled.data(), polled.size(), wait) < 0 && errno != EINTR) return false;
    for (std::size_t i = 0; i < polled.size(); ++i) {
      if (polled[i].fd < 0 || polled[i].revents == 0) continue;
      const ssize_t count = ::read(polled[i].fd, buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) {
        polled[i].fd = -1;
      } else {
        texts[i]->append(buffer.data(), static_cast<std::size_t>(count));
      }
    }
  }
  return true;
}

/// RunOptions::may_stay.
Result<CommandResult> start(const std::string& program, Words words,
                            std::chrono::milliseconds limit) {
  const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  if (nowhere < 0)
    return fail(Code::no_descriptors, Source::system, "cannot open /dev/null: " + words_for(errno));
  const SpawnOrders orders(nowhere, nowhere, false);
  pid_t child = -1;
  const int failed = ::posix_spawn(&child, program.c_str(), orders.actions(), orders.attributes(),
                                   pointers_to(words).data(), environ);
  ::close(nowhere);
  if (failed != 0)
    return fail(Code::invalid, Source::system,
                "cannot run " + words.front() + ": " + words_for(failed));
  // Its pipes would tell of the end of its children too, which may be a browser that stays.
  constexpr std::chrono::milliseconds between{10};
  for (auto waited = between; waited < limit; waited += between) {
    int status = 0;
    if (::waitpid(child, &status, WNOHANG) == child)
      return CommandResult{exit_code_of(status), "", ""};
    ::poll(nullptr, 0, static_cast<int>(between.count()));
  }
  return CommandResult{0, "", ""};
}

}  // namespace

std::optional<std::string> SystemRunner::find(std::string_view program) {
  if (program.find('/') != std::string_view::npos) {
    std::string path(program);
    return ::access(path.c_str(), X_OK) == 0 ? std::optional(std::move(path)) : std::nullopt;
  }
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody here changes the environment
  const char* value = std::getenv("PATH");
  const std::string folders =
      std::string(value != nullptr ? value : "/usr/bin:/bin") + ":/usr/local/sbin:/usr/sbin:/sbin";
  for (const std::string_view folder : split(folders, ':')) {
    if (!folder.starts_with('/')) continue;  // a relative folder may be anybody's
    std::string path = std::string(folder) + "/" + std::string(program);
    if (::access(path.c_str(), X_OK) == 0) return path;
  }
  return std::nullopt;
}

Result<CommandResult> SystemRunner::run(const Words& words, const RunOptions& options) {
  const std::string name = words.empty() ? "" : words.front();
  const std::optional<std::string> program = find(name);
  if (!program) return fail(Code::missing, Source::system, name + " is not installed");
  if (options.may_stay) return start(*program, words, options.limit);

  Pipe out;
  Pipe err;
  if (!out.is_open() || !err.is_open())
    return fail(Code::no_descriptors, Source::system, "cannot make a pipe: " + words_for(errno));
  std::vector<std::string> arguments = words;
  std::vector<std::string> variables = english_environment();
  const SpawnOrders orders(out.writer(), err.writer(), options.on_terminal);
  pid_t child = -1;
  const int failed = ::posix_spawn(&child, program->c_str(), orders.actions(), orders.attributes(),
                                   pointers_to(arguments).data(), pointers_to(variables).data());
  if (failed != 0)
    return fail(Code::invalid, Source::system, "cannot run " + name + ": " + words_for(failed));
  out.close_writer();
  err.close_writer();

  CommandResult result;
  const auto deadline =
      options.on_terminal ? std::nullopt : std::optional(Clock::now() + options.limit);
  const bool in_time = read_both(out, err, result, deadline);
  if (!in_time) ::kill(child, SIGKILL);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (!in_time) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(options.limit).count();
    return fail(Code::timed_out, Source::system,
                name + " did not end within " + std::to_string(seconds) + " s");
  }
  result.exit_code = exit_code_of(status);
  return result;
}

}  // namespace devproxy
