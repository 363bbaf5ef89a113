// The macOS part of process_start: libproc tells the folder, sysctl the arguments.
#include <libproc.h>
#include <sys/proc_info.h>
#include <sys/sysctl.h>

#include <array>
#include <cstring>

#include "base/process_start.h"

namespace devproxy {
namespace {

/// KERN_PROCARGS2: their count, the path of the program, then each of them ended by a zero.
std::vector<std::string> arguments_of(pid_t pid) {
  std::array<int, 3> name = {CTL_KERN, KERN_PROCARGS2, pid};
  std::size_t size = 0;
  if (sysctl(name.data(), name.size(), nullptr, &size, nullptr, 0) != 0) return {};
  std::string bytes(size, '\0');
  if (sysctl(name.data(), name.size(), bytes.data(), &size, nullptr, 0) != 0) return {};
  int count = 0;
  if (size < sizeof count) return {};
  std::memcpy(&count, bytes.data(), sizeof count);
  std::size_t at = bytes.find('\0', sizeof count);
  if (at != std::string::npos) at = bytes.find_first_not_of('\0', at);
  std::vector<std::string> arguments;
  for (; count > 0 && at < size; --count) {
    arguments.emplace_back(bytes.c_str() + at);
    at += arguments.back().size() + 1;
  }
  return arguments;
}

}  // namespace

std::optional<ProcessStart> process_start(pid_t pid) {
  proc_vnodepathinfo info{};
  const int size = proc_pidinfo(pid, PROC_PIDVNODEPATHINFO, 0, &info, sizeof info);
  if (size < static_cast<int>(sizeof info)) return std::nullopt;
  const char* const path = info.pvi_cdir.vip_path;
  return ProcessStart{std::string(path, strnlen(path, sizeof info.pvi_cdir.vip_path)),
                      arguments_of(pid)};
}

}  // namespace devproxy
