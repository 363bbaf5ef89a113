// The Linux part of process_facts: files of /proc/<pid>.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <ctime>

#include "base/directory.h"
#include "base/files.h"
#include "base/process_facts.h"
#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::size_t max_file = 1U << 20U;  // a command line may be that long

std::string read_link(const std::string& path) {
  std::array<char, 4096> buffer;
  const ssize_t size = readlink(path.c_str(), buffer.data(), buffer.size());
  return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

std::string read_text(const std::string& path) {
  return read_file(path, max_file).value_or("");
}

std::string short_name(const std::string& folder) {
  std::string name = read_text(folder + "/comm");
  while (!name.empty() && name.back() == '\n') name.pop_back();
  // Newer nodes name their main thread, not themselves.
  if (!name.empty() && name != "MainThread") return name;
  const std::string program = read_link(folder + "/exe");
  return program.substr(program.rfind('/') + 1);
}

std::chrono::system_clock::time_point start_time(std::uint64_t ticks) {
  timespec since_boot{};
  clock_gettime(CLOCK_BOOTTIME, &since_boot);
  const auto up = std::chrono::seconds(since_boot.tv_sec);
  const auto per_second = static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
  const auto at = std::chrono::milliseconds(ticks * 1000 / per_second);
  return std::chrono::system_clock::now() - (up - at);
}

/// What we share with a process, a container around both or the editor that runs both, is not what
/// sets it apart.
ProcessKeeper keeper_of(const std::string& folder) {
  static const ProcessKeeper own = parse_cgroup(read_text("/proc/self/cgroup"));
  ProcessKeeper keeper = parse_cgroup(read_text(folder + "/cgroup"));
  return keeper == own ? ProcessKeeper{} : keeper;
}

}  // namespace

std::optional<ProcessFacts> process_facts(pid_t pid) {
  const std::string folder = fmt::format("/proc/{}", pid);
  struct stat owner {};
  const auto stat = parse_process_stat(read_text(folder + "/stat"));
  if (!stat || ::stat(folder.c_str(), &owner) != 0) return std::nullopt;
  ProcessFacts facts;
  facts.pid = pid;
  facts.parent = stat->parent;
  facts.uid = owner.st_uid;
  facts.has_terminal = stat->has_terminal;
  facts.name = short_name(folder);
  facts.command = parse_words(read_text(folder + "/cmdline"));
  facts.folder = read_link(folder + "/cwd");
  facts.started = start_time(stat->start_ticks);
  facts.keeper = keeper_of(folder);
  return facts;
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  Directory processes("/proc");
  if (!processes) return pids;
  while (const char* const name = processes.next()) {
    const auto pid = parse_number(name);
    if (pid && *pid > 0) pids.push_back(static_cast<pid_t>(*pid));
  }
  return pids;
}

}  // namespace devproxy
