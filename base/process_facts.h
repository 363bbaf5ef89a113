// What the system says about one process: enough to recognise it in a message, and to end it the
// right way. Reads some small files of /proc (Linux) or asks libproc (macOS), a tenth of a
// millisecond; the parsing is pure. Any thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

/// What started a process and may start it again, as its cgroup tells; empty where it is the same
/// as ours.
struct ProcessKeeper {
  std::string unit;       ///< of systemd: "nginx.service"; empty: none
  bool of_user = false;   ///< the unit is one of the user's own systemd
  std::string container;  ///< the first 12 digits of its id; empty: none
  std::string engine;     ///< "docker", "podman"; empty: another one
  friend bool operator==(const ProcessKeeper&, const ProcessKeeper&) = default;
};

struct ProcessFacts {
  pid_t pid = 0;
  pid_t parent = 0;
  uid_t uid = 0;
  std::string name;                  ///< short, as `ps -o comm` shows it
  std::vector<std::string> command;  ///< its words; empty where the system does not tell
  std::string folder;                ///< working directory; empty where the system does not tell
  std::chrono::system_clock::time_point started;
  bool has_terminal = false;  ///< that controls it
  ProcessKeeper keeper;
};

/// Nothing when there is no such process (any more). Every text comes from that process: escape it.
std::optional<ProcessFacts> process_facts(pid_t pid);

/// Every process whose pid the system tells us.
std::vector<pid_t> all_processes();

/// Of /proc/<pid>/stat.
struct ProcessStat {
  pid_t parent = 0;
  bool has_terminal = false;
  std::uint64_t start_ticks = 0;  ///< clock ticks between boot and its start
};
std::optional<ProcessStat> parse_process_stat(std::string_view text);
/// Of /proc/<pid>/cgroup, version 1 or 2.
ProcessKeeper parse_cgroup(std::string_view text);
/// Words that each end with NUL, as /proc/<pid>/cmdline has them.
std::vector<std::string> parse_words(std::string_view bytes);

}  // namespace devproxy
