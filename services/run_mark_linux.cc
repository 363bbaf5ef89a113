#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>

#include "base/directory.h"
#include "base/text.h"
#include "services/run_mark.h"

namespace devproxy {
namespace {

/// Empty for zombies, kernel threads and processes of others.
void read_environment(int folder, const char* pid, std::string& into) {
  into.clear();
  const std::string name = std::string(pid) + "/environ";
  const int file = ::openat(folder, name.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  for (;;) {
    const std::size_t before = into.size();
    into.resize(before + 16384);
    ssize_t got = 0;
    do {
      got = ::read(file, into.data() + before, into.size() - before);
    } while (got < 0 && errno == EINTR);
    into.resize(before + static_cast<std::size_t>(got > 0 ? got : 0));
    if (got <= 0) break;
  }
  ::close(file);
}

}  // namespace

std::string read_environment(pid_t pid) {
  std::string environment;
  read_environment(AT_FDCWD, ("/proc/" + std::to_string(pid)).c_str(), environment);
  return environment;
}

void visit_environments(const std::function<void(pid_t, std::string_view)>& visit) {
  Directory processes("/proc");
  if (!processes) return;
  const uid_t own = ::geteuid();
  std::string environment;
  while (const char* const name = processes.next()) {
    const auto pid = parse_number(name);
    struct stat owner {};
    if (!pid || ::fstatat(processes.descriptor(), name, &owner, 0) != 0 || owner.st_uid != own)
      continue;
    read_environment(processes.descriptor(), name, environment);
    if (!environment.empty()) visit(static_cast<pid_t>(*pid), environment);
  }
}

}  // namespace devproxy
