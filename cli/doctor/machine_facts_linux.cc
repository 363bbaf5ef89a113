// The Linux part of doctor_machine: inotify's limits from /proc/sys, its use from /proc/*/fdinfo.
#include <dirent.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string_view>

#include "base/files.h"
#include "base/text.h"
#include "cli/doctor/machine.h"

namespace devproxy {
namespace {

using Folder = std::unique_ptr<DIR, int (*)(DIR*)>;

const dirent* next(const Folder& folder) {
  return readdir(folder.get());  // NOLINT(concurrency-mt-unsafe): our own DIR
}

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
  const Folder descriptors(opendir((process + "/fd").c_str()), closedir);
  if (!descriptors) return;
  while (const dirent* entry = next(descriptors)) {
    if (!is_inotify(fmt::format("{}/fd/{}", process, entry->d_name))) continue;
    ++facts.instances;
    if (const auto info = read_file(fmt::format("{}/fdinfo/{}", process, entry->d_name)))
      facts.watches += watches_in(*info);
  }
}

}  // namespace

InotifyFacts inotify_facts() {
  InotifyFacts facts;
  facts.max_watches = limit("max_user_watches");
  facts.max_instances = limit("max_user_instances");
  const Folder processes(opendir("/proc"), closedir);
  if (!processes) return facts;
  while (const dirent* entry = next(processes)) {
    const std::string process = std::string("/proc/") + entry->d_name;
    struct stat owner {};
    if (parse_number(entry->d_name) && stat(process.c_str(), &owner) == 0 &&
        owner.st_uid == geteuid())
      add_process(process, facts);
  }
  return facts;
}

}  // namespace devproxy
