// The Linux part of process_start: /proc/<pid>/cwd and cmdline.
#include <fmt/format.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/process_start.h"
#include "base/text.h"

namespace devproxy {

std::optional<ProcessStart> process_start(pid_t pid) {
  std::error_code failed;
  ProcessStart start;
  start.folder = std::filesystem::read_symlink(fmt::format("/proc/{}/cwd", pid), failed).string();
  if (failed) return std::nullopt;
  std::ifstream stream(fmt::format("/proc/{}/cmdline", pid), std::ios::binary);
  std::string line{std::istreambuf_iterator<char>(stream), {}};
  if (!line.empty() && line.back() == '\0') line.pop_back();
  for (const std::string_view argument : split(line, '\0')) start.arguments.emplace_back(argument);
  return start;
}

}  // namespace devproxy
