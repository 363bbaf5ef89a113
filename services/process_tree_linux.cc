#include <string>

#include "base/directory.h"
#include "base/files.h"
#include "base/text.h"
#include "services/process_tree.h"

namespace devproxy {
namespace {

/// proc(5): "pid (name) state ppid pgrp …"; the name may have any byte in it.
bool lives_in(std::string_view stat, pid_t group) {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos || name_end + 2 >= stat.size()) return false;
  const auto fields = split(stat.substr(name_end + 2), ' ');
  if (fields.size() < 3 || fields[0] == "Z" || fields[0] == "X") return false;
  return parse_number(fields[2]) == static_cast<std::uint64_t>(group);
}

}  // namespace

bool has_living_member(pid_t group) {
  Directory processes("/proc");
  if (!processes) return false;
  while (const char* const name = processes.next()) {
    if (!parse_number(name)) continue;
    const auto stat = read_file(std::string("/proc/") + name + "/stat", 4096);
    if (stat && lives_in(*stat, group)) return true;
  }
  return false;
}

}  // namespace devproxy
