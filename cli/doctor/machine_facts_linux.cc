// The Linux part of doctor_machine: inotify's limits from /proc/sys, its use from /proc/*/fdinfo.
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/directory.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/doctor/machine.h"

namespace devproxy {
namespace {

std::optional<std::uint64_t> limit(const char* name) {
  const auto text = read_file(std::string("/proc/sys/fs/inotify/") + name, 64);
  if (!text) return std::nullopt;
  return parse_number(std::string_view(*text).substr(0, text->find('\n')));
}

bool is_inotify(const std::string& link) {
  constexpr std::string_view wanted = "anon_inode:inotify";
  std::array<char, 64> target{};
  const ssize_t size = readlink(link.c_str(), target.data(), target.size());
  return size > 0 && std::string_view(target.data(), static_cast<std::size_t>(size)) == wanted;
}

/// One line of fdinfo for each watch.
std::uint64_t watches_in(std::string_view info) {
  const auto lines = split(info, '\n');
  return static_cast<std::uint64_t>(
      std::count_if(lines.begin(), lines.end(),
                    [](std::string_view line) { return line.starts_with("inotify "); }));
}

void add_process(const std::string& process, InotifyFacts& facts) {
  Directory descriptors((process + "/fd").c_str());
  if (!descriptors) return;
  while (const char* const name = descriptors.next()) {
    if (!is_inotify(fmt::format("{}/fd/{}", process, name))) continue;
    ++facts.instances;
    if (const auto info = read_file(fmt::format("{}/fdinfo/{}", process, name)))
      facts.watches += watches_in(*info);
  }
}

}  // namespace

InotifyFacts inotify_facts() {
  InotifyFacts facts;
  facts.max_watches = limit("max_user_watches");
  facts.max_instances = limit("max_user_instances");
  Directory processes("/proc");
  if (!processes) return facts;
  while (const char* const name = processes.next()) {
    const std::string process = std::string("/proc/") + name;
    struct stat owner {};
    if (parse_number(name) && stat(process.c_str(), &owner) == 0 && owner.st_uid == geteuid())
      add_process(process, facts);
  }
  return facts;
}

}  // namespace devproxy
