// The files that make systemd or launchd start devproxy: what `service install` and `setup` write.
// Pure functions; any thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <utility>
#include <vector>

namespace devproxy {

/// `devproxy serve` for one project of one user.
struct Autostarted {
  std::string project;  ///< a DNS label
  std::string file;     ///< absolute path of its devproxy.toml
  std::string program;  ///< absolute path of devproxy
  std::string user;
  uid_t uid = 0;
  std::string log;  ///< launchd: where stderr goes; systemd has its journal
  /// What commands of the file need and a login manager does not know: PATH and XDG folders.
  std::vector<std::pair<std::string, std::string>> environment;
};

/// The first line of everything written here: what does not begin with it belongs to somebody else.
extern const char* const unit_mark;
bool is_ours(const std::string& text);

/// "devproxy-shop.service", of the user's own systemd.
std::string user_unit_name(const Autostarted& what);
std::string user_unit(const Autostarted& what);

/// "devproxy-alice.socket" and the service of the system's systemd that it starts, as that user.
std::string socket_unit_name(const Autostarted& what);
std::string socket_unit(const Autostarted& what, bool has_ipv6);
std::string socket_service_name(const Autostarted& what);
std::string socket_service(const Autostarted& what);

/// "dev.devproxy.shop"; with ports 80 and 443 that launchd listens on.
std::string agent_label(const Autostarted& what);
std::string launch_agent(const Autostarted& what, bool with_low_ports);

}  // namespace devproxy
