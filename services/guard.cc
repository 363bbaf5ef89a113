#include "services/guard.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <set>
#include <string_view>
#include <vector>

#include "base/text.h"
#include "services/process_tree.h"
#include "services/run_mark.h"

namespace devproxy {
namespace {

/// How long programs have to end by themselves once devproxy is gone.
constexpr std::chrono::milliseconds grace{2'000};
constexpr int step_ms = 50;

/// What is left of a run.
class Remains {
 public:
  Remains(std::string run, std::set<pid_t> groups)
      : run_(std::move(run)), groups_(std::move(groups)) {}

  /// False when nothing is left.
  bool signal(int number) {
    std::erase_if(groups_, [number](pid_t group) {
      return ::kill(-group, number) != 0 || !has_living_member(group);
    });
    const std::vector<pid_t> marked = processes_of_run(run_);
    for (const pid_t pid : marked) ::kill(pid, number);
    return !groups_.empty() || !marked.empty();
  }

 private:
  std::string run_;
  std::set<pid_t> groups_;
};

void take_line(std::string_view line, std::set<pid_t>& groups) {
  if (line.size() < 2) return;
  const auto group = parse_number(line.substr(1));
  if (!group || *group < 2) return;
  if (line.front() == '+') groups.insert(static_cast<pid_t>(*group));
  if (line.front() == '-') groups.erase(static_cast<pid_t>(*group));
}

/// Until whoever writes is gone.
std::set<pid_t> read_groups() {
  std::set<pid_t> groups;
  std::string text;
  std::array<char, 512> buffer{};
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return groups;
    text.append(buffer.data(), static_cast<std::size_t>(got));
    for (std::size_t end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
      take_line(std::string_view(text).substr(0, end), groups);
      text.erase(0, end + 1);
    }
  }
}

}  // namespace

Guard::~Guard() {
  if (pipe_ >= 0) ::close(pipe_);
}

Result<void> Guard::start(Loop& loop, const std::string& program, const std::string& run) {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) {
    return fail(Code::no_descriptors, Source::system,
                "cannot make a pipe: too many open files; raise ulimit -n");
  }
  for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
  ::fcntl(ends[1], F_SETFL, O_NONBLOCK);

  std::array<std::string, 3> words{"devproxy", guard_command, run};
  std::array<char*, 4> arguments{words[0].data(), words[1].data(), words[2].data(), nullptr};
  std::array<uv_stdio_container_t, 3> stdio{};
  stdio[0].flags = UV_INHERIT_FD;
  stdio[0].data.fd = ends[0];
  stdio[1].flags = UV_IGNORE;
  stdio[2].flags = UV_IGNORE;
  uv_process_options_t options{};
  options.file = program.c_str();
  options.args = arguments.data();
  options.flags = UV_PROCESS_DETACHED;
  options.stdio = stdio.data();
  options.stdio_count = static_cast<int>(stdio.size());

  process_.reset(new uv_process_t{});
  const int status = uv_spawn(loop.uv(), process_.get(), &options);
  ::close(ends[0]);
  if (status != 0) {
    ::close(ends[1]);
    return fail(Code::internal, Source::system,
                fmt::format("cannot start the guard {}: {}", program, uv_strerror(status)));
  }
  // It is no reason for the loop to go on.
  uv_unref(reinterpret_cast<uv_handle_t*>(process_.get()));
  pipe_ = ends[1];
  return {};
}

void Guard::tell(char sign, pid_t group) const {
  if (pipe_ < 0 || group < 2) return;
  const std::string line = fmt::format("{}{}\n", sign, group);
  // A pipe takes so few bytes whole or not at all. Should it be full, the mark still tells.
  (void)!::write(pipe_, line.data(), line.size());
}

std::optional<std::string> parse_guard(int argc, const char* const* argv) {
  if (argc != 3 || std::string_view(argv[1]) != guard_command) return std::nullopt;
  return std::string(argv[2]);
}

int run_guard(const std::string& run) {
  if (run.empty()) return 1;
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) std::signal(number, SIG_IGN);
  Remains remains(run, read_groups());
  if (!remains.signal(SIGTERM)) return 0;
  // By the clock: on a busy machine looking takes longer than waiting.
  const auto end = std::chrono::steady_clock::now() + grace;
  while (std::chrono::steady_clock::now() < end) {
    ::poll(nullptr, 0, step_ms);
    if (!remains.signal(0)) return 0;
  }
  // Those that were just born may need another look.
  for (int again = 0; again < 20 && remains.signal(SIGKILL); ++again) ::poll(nullptr, 0, step_ms);
  return 0;
}

}  // namespace devproxy
