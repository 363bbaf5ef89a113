#include "base/invoking_user.h"

#include <fmt/format.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <system_error>
#include <vector>

#include "base/text.h"

namespace devproxy {
namespace {

struct Passwd {
  std::vector<char> texts = std::vector<char>(16'384);
  passwd entry{};
  passwd* found = nullptr;
};

std::optional<InvokingUser> user_of(const Passwd& asked) {
  if (asked.found == nullptr) return std::nullopt;
  return InvokingUser{asked.entry.pw_uid, asked.entry.pw_gid, asked.entry.pw_name,
                      asked.entry.pw_dir == nullptr ? "" : asked.entry.pw_dir};
}

std::optional<InvokingUser> user_with(uid_t uid) {
  Passwd asked;
  ::getpwuid_r(uid, &asked.entry, asked.texts.data(), asked.texts.size(), &asked.found);
  return user_of(asked);
}

std::optional<InvokingUser> user_named(const std::string& name) {
  Passwd asked;
  ::getpwnam_r(name.c_str(), &asked.entry, asked.texts.data(), asked.texts.size(), &asked.found);
  return user_of(asked);
}

tl::unexpected<Error> unknown(const std::string& variable, const std::string& value) {
  return fail(Code::missing, Source::system,
              fmt::format("started as root for the user of {}={}, whom this system does not know; "
                          "start devproxy as your own user, without sudo",
                          variable, escape(value)));
}

/// The folder, or what will be its parent, belongs to that user.
bool belongs_to(std::string path, uid_t uid) {
  struct stat there {};
  while (::stat(path.c_str(), &there) != 0) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos || slash == 0) return false;
    path.erase(slash);
  }
  return there.st_uid == uid;
}

// NOLINTBEGIN(concurrency-mt-unsafe): there is only one thread yet
void set_environment(const InvokingUser& user) {
  ::setenv("HOME", user.home.c_str(), 1);
  ::setenv("USER", user.name.c_str(), 1);
  ::setenv("LOGNAME", user.name.c_str(), 1);
  for (const char* const name : {"XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME",
                                 "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"}) {
    const char* const value = std::getenv(name);
    if (value != nullptr && !belongs_to(value, user.uid)) ::unsetenv(name);
  }
  const std::string runtime = fmt::format("/run/user/{}", user.uid);
  if (std::getenv("XDG_RUNTIME_DIR") == nullptr && belongs_to(runtime, user.uid))
    ::setenv("XDG_RUNTIME_DIR", runtime.c_str(), 1);
  // npm and others give files to whom these name, because they take themselves for root.
  for (const char* const name :
       {"SUDO_UID", "SUDO_GID", "SUDO_USER", "SUDO_COMMAND", "PKEXEC_UID", "DOAS_USER"})
    ::unsetenv(name);
}
// NOLINTEND(concurrency-mt-unsafe)

}  // namespace

Result<std::optional<InvokingUser>> invoking_user(const ReadEnvironment& environment) {
  for (const char* const variable : {"SUDO_UID", "PKEXEC_UID"}) {
    const auto value = environment(variable);
    if (!value) continue;
    const auto uid = parse_number(*value);
    if (!uid || *uid >= UINT32_MAX) return unknown(variable, *value);
    if (*uid == 0) return std::nullopt;
    auto user = user_with(static_cast<uid_t>(*uid));
    if (!user) return unknown(variable, *value);
    return user;
  }
  const auto name = environment("DOAS_USER");
  if (!name || *name == "root") return std::nullopt;
  auto user = user_named(*name);
  if (!user) return unknown("DOAS_USER", *name);
  if (user->uid == 0) return std::nullopt;
  return user;
}

Result<void> become(const InvokingUser& user) {
  if (!take_groups_of(user) || ::setgid(user.gid) != 0 || ::setuid(user.uid) != 0) {
    return fail(Code::denied, Source::system,
                fmt::format("cannot become {} (uid {}): {}; start devproxy as that user, without "
                            "sudo",
                            escape(user.name), user.uid, std::generic_category().message(errno)));
  }
  // A way back would make all of it worthless.
  if (::setuid(0) == 0) {
    return fail(Code::internal, Source::system,
                fmt::format("this system lets {} become root again; start devproxy as that user, "
                            "without sudo",
                            escape(user.name)));
  }
  stay_visible();
  set_environment(user);
  return {};
}

}  // namespace devproxy
