#include "base/dirs.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <system_error>

namespace devproxy {
namespace {

std::optional<std::string> process_environment(const char* name) {
  // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody here changes the environment
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::optional<std::string> absolute(const ReadEnvironment& environment, const char* name) {
  auto value = environment(name);
  if (!value || value->empty() || value->front() != '/') return std::nullopt;
  while (value->size() > 1 && value->back() == '/') value->pop_back();
  return value;
}

/// Of the passwd entry, for services that run without HOME.
std::optional<std::string> home_of_user() {
  passwd entry{};
  passwd* found = nullptr;
  std::array<char, 4096> texts{};
  if (getpwuid_r(geteuid(), &entry, texts.data(), texts.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  if (entry.pw_dir == nullptr || entry.pw_dir[0] != '/') return std::nullopt;
  return std::string(entry.pw_dir);
}

tl::unexpected<Error> cannot_make(const std::string& path, int error) {
  const bool denied = error == EACCES || error == EPERM || error == EROFS;
  return fail(
      denied ? Code::denied : Code::invalid, Source::system,
      fmt::format("cannot make the folder {}: {}; make it yourself (mkdir -m 700 -p {}), or "
                  "choose another place with XDG_STATE_HOME or XDG_RUNTIME_DIR",
                  path, std::generic_category().message(error), path));
}

Result<void> make_parents(const std::string& path) {
  for (std::size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const std::string parent = path.substr(0, slash);
    struct stat there {};
    if (stat(parent.c_str(), &there) == 0) continue;
    if (mkdir(parent.c_str(), 0755) != 0 && errno != EEXIST) return cannot_make(parent, errno);
  }
  return {};
}

}  // namespace

Result<Dirs> find_dirs() {
  return find_dirs(process_environment);
}

Result<Dirs> find_dirs(const ReadEnvironment& environment) {
  auto home = absolute(environment, "HOME");
  if (!home) home = home_of_user();
  const auto config = absolute(environment, "XDG_CONFIG_HOME");
  const auto state = absolute(environment, "XDG_STATE_HOME");
  const auto runtime = absolute(environment, "XDG_RUNTIME_DIR");
  if (!home && (!config || !state))
    return fail(Code::missing, Source::system,
                fmt::format("user {} has no home folder; set HOME, or XDG_CONFIG_HOME and "
                            "XDG_STATE_HOME",
                            geteuid()));
  return Dirs{config ? *config + "/devproxy" : *home + "/.config/devproxy",
              state ? *state + "/devproxy" : *home + "/.local/state/devproxy",
              runtime ? *runtime + "/devproxy" : fmt::format("/tmp/devproxy-{}", geteuid())};
}

Result<void> make_private_dir(const std::string& path) {
  if (auto made = make_parents(path); !made) return made;
  if (mkdir(path.c_str(), 0700) == 0) return {};
  if (errno != EEXIST) return cannot_make(path, errno);
  struct stat there {};
  if (lstat(path.c_str(), &there) != 0) return cannot_make(path, errno);
  if (!S_ISDIR(there.st_mode))
    return fail(Code::invalid, Source::system,
                fmt::format("{} is {}, where devproxy wants a folder of its own; move it away",
                            path, S_ISLNK(there.st_mode) ? "a symbolic link" : "no folder"));
  if (there.st_uid != geteuid())
    return fail(Code::denied, Source::system,
                fmt::format("{} belongs to user {}, and this is user {}; run devproxy as its owner "
                            "(without sudo), or move it away",
                            path, there.st_uid, geteuid()));
  if ((there.st_mode & 077U) != 0)
    return fail(Code::denied, Source::system,
                fmt::format("{} is open to others (mode {:04o}); chmod 700 {}", path,
                            there.st_mode & 07777U, path));
  return {};
}

}  // namespace devproxy
