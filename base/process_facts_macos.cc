// The macOS part of process_facts: libproc, and the kernel's copy of the command line. There are no
// units; what launchd or a container engine started is not told.
#include <libproc.h>
#include <sys/proc_info.h>
#include <sys/sysctl.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/process_facts.h"

namespace devproxy {
namespace {

/// The number of words, the program's path, padding, then the words and the environment.
std::vector<std::string> command_of(pid_t pid) {
  std::array<int, 3> name{CTL_KERN, KERN_PROCARGS2, pid};
  std::size_t size = 0;
  if (sysctl(name.data(), 3, nullptr, &size, nullptr, 0) != 0) return {};
  std::string bytes(size, '\0');
  if (sysctl(name.data(), 3, bytes.data(), &size, nullptr, 0) != 0) return {};
  bytes.resize(size);
  int count = 0;
  if (bytes.size() < sizeof count) return {};
  std::memcpy(&count, bytes.data(), sizeof count);
  std::string_view rest = std::string_view(bytes).substr(sizeof count);
  rest.remove_prefix(std::min(rest.find('\0'), rest.size()));
  rest.remove_prefix(std::min(rest.find_first_not_of('\0'), rest.size()));
  std::vector<std::string> words = parse_words(rest);
  words.resize(std::min(words.size(), static_cast<std::size_t>(std::max(count, 0))));
  return words;
}

}  // namespace

std::optional<ProcessFacts> process_facts(pid_t pid) {
  proc_bsdinfo process{};
  if (proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &process, sizeof process) <
      static_cast<int>(sizeof process))
    return std::nullopt;
  ProcessFacts facts;
  facts.pid = pid;
  facts.parent = static_cast<pid_t>(process.pbi_ppid);
  facts.uid = process.pbi_uid;
  facts.has_terminal = process.e_tdev != UINT32_MAX;
  std::array<char, 2 * MAXCOMLEN> name{};
  proc_name(pid, name.data(), name.size());
  facts.name.assign(name.data(), strnlen(name.data(), name.size()));
  facts.command = command_of(pid);
  proc_vnodepathinfo folders{};
  if (proc_pidinfo(pid, PROC_PIDVNODEPATHINFO, 0, &folders, sizeof folders) > 0)
    facts.folder = folders.pvi_cdir.vip_path;
  facts.started =
      std::chrono::system_clock::time_point(std::chrono::seconds(process.pbi_start_tvsec));
  return facts;
}

std::vector<pid_t> all_processes() {
  const int bytes = proc_listpids(PROC_ALL_PIDS, 0, nullptr, 0);
  if (bytes <= 0) return {};
  std::vector<pid_t> pids(static_cast<std::size_t>(bytes) / sizeof(pid_t));
  const int filled =
      proc_listpids(PROC_ALL_PIDS, 0, pids.data(), static_cast<int>(pids.size() * sizeof(pid_t)));
  pids.resize(filled > 0 ? static_cast<std::size_t>(filled) / sizeof(pid_t) : 0);
  std::erase(pids, 0);
  return pids;
}

}  // namespace devproxy
