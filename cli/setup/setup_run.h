// A SetupRun gets ports 80 and 443 for this user, or gives them back: it looks, plans, runs, and
// believes only what a second look shows. What it put in is remembered in the state folder, which
// is all that `--undo` takes back. Main thread of a command.
#pragma once

#include <tl/expected.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/setup/autostart.h"
#include "cli/setup/port_trial.h"
#include "cli/setup/setup_plan.h"
#include "cli/terminal/failure.h"

namespace devproxy {

struct SetupScene {
  CommandRunner& runner;
  std::string state;         ///< $XDG_STATE_HOME/devproxy
  std::string etc = "/etc";  ///< another folder in tests
  std::string user = {};     ///< whom files of the system are for
  bool is_root = false;
  ServiceManager manager = ServiceManager::none;
  std::uint16_t first_unprivileged = 1024;
  std::function<std::vector<PortTrial>()> try_ports = nullptr;
  std::function<bool(const std::string& host, std::uint16_t port)> accepts = nullptr;
};

enum class SetupState : std::uint8_t {
  already,  ///< nothing needs to be put in
  planned,  ///< commands are there to be run
  done,
  undone,
  nothing,  ///< to undo
};

class SetupRun final {
 public:
  explicit SetupRun(SetupScene scene);

  /// `project`: of a socket unit, and of an agent on macOS; else not asked for.
  using Project = std::function<tl::expected<Autostarted, Failure>()>;
  tl::expected<void, Failure> plan(bool socket_unit, const Project& project);
  tl::expected<void, Failure> plan_undo();

  /// Writes the files to where the commands find them. Nothing of the system is touched.
  tl::expected<void, Failure> stage();
  /// The commands, then a second look. Also when there are none.
  tl::expected<void, Failure> carry_out(bool on_terminal);

  SetupState state() const { return state_; }
  const SetupPlan& planned() const { return plan_; }
  /// With sudo (or doas) where they need it.
  std::vector<Words> commands() const;
  const std::vector<PortTrial>& trials() const { return trials_; }
  const std::vector<std::string>& kept() const { return kept_; }  ///< files that somebody changed

 private:
  tl::expected<void, Failure> plan_by_systemd(const Project& project);
  tl::expected<void, Failure> plan_privilege(const Project& project);
  bool is_in_place(const SetupPlan& plan) const;
  void forget_again(const std::optional<LowPorts>& before) const;
  tl::expected<void, Failure> verify();
  tl::expected<void, Failure> verify_socket_unit() const;
  tl::expected<void, Failure> remember();

  SetupScene scene_;
  SetupState state_ = SetupState::nothing;
  bool undoes_ = false;
  SetupPlan plan_;
  std::vector<PortTrial> trials_;
  std::vector<std::string> kept_;
};

}  // namespace devproxy
