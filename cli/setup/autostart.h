// Autostart makes the login of this user start `devproxy serve` for one project: a unit of the
// user's own systemd, or an agent of launchd. It plans first, so that a dry run shows exactly what
// would be done. No root. Main thread of a command.
#pragma once

#include <tl/expected.hpp>

#include <optional>
#include <string>
#include <vector>

#include "certs/command_runner.h"
#include "cli/setup/this_system.h"
#include "cli/setup/unit_files.h"
#include "cli/terminal/failure.h"
#include "config/config.h"

namespace devproxy {

struct AutostartPlan {
  std::string name;           ///< as the system knows it: "devproxy-shop.service"
  std::string path;           ///< of the file
  std::string text;           ///< what it says; empty: it is removed
  std::vector<Words> before;  ///< that file is written or removed
  std::vector<Words> after;
};

struct AutostartState {
  bool installed = false;
  std::string file;      ///< that it serves, as the unit says
  std::string enabled;   ///< in the system's words: "enabled", "disabled"; empty: not known
  std::string active;    ///< "active", "failed", "inactive"; empty: not known
  bool lingers = false;  ///< systemd: it runs without a login too
};

class Autostart final {
 public:
  /// `folder`: where units or agents of this user are.
  Autostart(CommandRunner& runner, ServiceManager manager, std::string folder, Autostarted what,
            bool with_low_ports = false);

  AutostartPlan plan_install() const;
  AutostartPlan plan_uninstall() const;
  /// A Failure when a file of that name is somebody else's, or another project's.
  tl::expected<void, Failure> install(const AutostartPlan& plan);
  tl::expected<void, Failure> uninstall(const AutostartPlan& plan);
  AutostartState state();

 private:
  tl::expected<void, Failure> check_free(const AutostartPlan& plan) const;
  tl::expected<void, Failure> run(const std::vector<Words>& commands,
                                  const std::string& what_is_done);
  std::string answer(const Words& words);

  CommandRunner& runner_;
  ServiceManager manager_;
  std::string folder_;
  Autostarted what_;
  bool with_low_ports_;
};

/// This user's devproxy for the project of `config`, with the variables of this shell that its
/// commands may need.
tl::expected<Autostarted, Failure> autostarted_here(const Config& config);
/// Of the passwd entry, else the number.
std::string own_user_name();
/// What stands in the way of writing there: a file
/// that is not ours.
std::optional<Failure> foreign_file(const std::string& path);

/// $XDG_CONFIG_HOME/systemd/user or ~/Library/LaunchAgents.
std::string autostart_folder(ServiceManager manager, const std::string& config_dir,
                             const std::string& home);

}  // namespace devproxy
