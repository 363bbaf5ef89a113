#include "cli/never_root.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <string_view>

#include "base/files.h"
#include "base/invoking_user.h"
#include "base/text.h"
#include "cli/terminal/console.h"
#include "cli/terminal/environment.h"

namespace devproxy {
namespace {

bool runs_a_proxy(CommandId command) {
  return command == CommandId::up || command == CommandId::serve || command == CommandId::run;
}

/// The others only look (`ports` and `doctor` see more as root), or ask for root themselves.
bool acts_for_a_user(CommandId command) {
  constexpr std::array list{CommandId::init,   CommandId::check,   CommandId::routes,
                            CommandId::status, CommandId::url,     CommandId::wait,
                            CommandId::logs,   CommandId::restart, CommandId::reload,
                            CommandId::setup,  CommandId::service, CommandId::explain,
                            CommandId::env};
  return runs_a_proxy(command) || std::find(list.begin(), list.end(), command) != list.end();
}

bool is_there(const std::string& path) {
  return ::access(path.c_str(), F_OK) == 0;
}

}  // namespace

tl::expected<void, Failure> leave_root(CommandId command) {
  if (::geteuid() != 0 || !acts_for_a_user(command)) return {};
  const ReadEnvironment own_environment = [](const char* name) { return environment(name); };
  const auto user = invoking_user(own_environment);
  const auto refused = [](const Error& error) {
    const std::size_t cut = error.detail.find("; ");
    return tl::unexpected(Failure{ExitCode::permission,
                                  "root.user",
                                  error.detail.substr(0, cut),
                                  error.detail.substr(std::min(cut, error.detail.size() - 2) + 2),
                                  {}});
  };
  if (!user) return refused(user.error());
  if (*user) {
    if (const auto left = become(**user); !left) return refused(left.error());
    write_error(fmt::format("devproxy: started as root, goes on as {} (uid {})\n",
                            escape((*user)->name), (*user)->uid));
    return {};
  }
  if (runs_a_proxy(command) && !in_container(own_environment, "")) {
    write_error(
        "devproxy: warning: this runs as root, and so does all that it starts; start it as your "
        "own user (ports 80 and 443 need no root: devproxy setup)\n");
  }
  return {};
}

bool in_container(const ReadEnvironment& environment, const std::string& root) {
  // systemd-nspawn, podman and others set the first; Kubernetes the second.
  if (!environment("container").value_or("").empty() || environment("KUBERNETES_SERVICE_HOST"))
    return true;
  if (is_there(root + "/.dockerenv") || is_there(root + "/run/.containerenv")) return true;
  const std::string groups = read_file(root + "/proc/1/cgroup").value_or("");
  constexpr std::array<std::string_view, 4> engines{"docker", "kubepods", "containerd", "lxc"};
  return std::any_of(engines.begin(), engines.end(), [&groups](std::string_view engine) {
    return groups.find(engine) != std::string::npos;
  });
}

}  // namespace devproxy
