#include "cli/setup/setup_run.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/dirs.h"
#include "base/files.h"
#include "base/text.h"

namespace devproxy {
namespace {

bool any_denied(const std::vector<PortTrial>& trials) {
  return std::any_of(trials.begin(), trials.end(),
                     [](const PortTrial& trial) { return trial.state == PortState::denied; });
}

bool is_had(const PortTrial& trial) {
  return trial.state == PortState::possible || trial.state == PortState::ours;
}

Failure cannot_keep(const Error& error) {
  return {ExitCode::failed,
          "setup.remember",
          error.detail,
          "without this note setup --undo would not know what to take back; mend it, then again",
          {}};
}

}  // namespace

SetupRun::SetupRun(SetupScene scene) : scene_(std::move(scene)) {}

// ---- Planning ----------------------------------------------------------------------------------

tl::expected<void, Failure> SetupRun::plan(bool socket_unit, const Project& project) {
  const auto before = remembered_low_ports(scene_.state);
  const bool other_way =
      before && !before->files.empty() && (before->way == LowPortsWay::socket_unit) != socket_unit;
  if (other_way) {
    return tl::unexpected(Failure{ExitCode::conflict,
                                  "setup.other_way",
                                  fmt::format("ports 80 and 443 are set up in another way already "
                                              "({})",
                                              word_for(before->way)),
                                  "take that back first: devproxy setup --undo",
                                  {}});
  }
  trials_ = scene_.try_ports();
  if (socket_unit) return plan_by_systemd(project);
  if (any_denied(trials_)) return plan_privilege(project);
  state_ = SetupState::already;
  SetupPlan by_hand = plan_sysctl(scene_.etc, scene_.state + "/setup", scene_.user);
  if (before) {
    // What was put in once stays known, so that it can be taken back.
    plan_.way = before->way;
  } else if (is_in_place(by_hand)) {
    plan_.way = by_hand.way;
    plan_.files = std::move(by_hand.files);
  }
  return {};
}

/// Whether somebody ran the commands that were printed.
bool SetupRun::is_in_place(const SetupPlan& plan) const {
  return std::all_of(plan.files.begin(), plan.files.end(), [](const SetupFile& file) {
    return read_file(file.path).value_or("") == file.text;
  });
}

tl::expected<void, Failure> SetupRun::plan_privilege(const Project& project) {
  if (scene_.manager == ServiceManager::launchd) {
    auto what = project();
    if (!what) return tl::unexpected(what.error());
    const Autostart agent(scene_.runner, scene_.manager, scene_.etc + "/LaunchAgents",
                          std::move(*what), true);
    const AutostartPlan planned = agent.plan_install();
    plan_.way = LowPortsWay::launch_agent;
    plan_.needs_root = false;
    plan_.files = {{planned.path, planned.text}};
    plan_.commands = planned.after;
  } else {
    plan_ = plan_sysctl(scene_.etc, scene_.state + "/setup", scene_.user);
  }
  for (const SetupFile& file : plan_.files) {
    if (const auto foreign = foreign_file(file.path)) return tl::unexpected(*foreign);
  }
  state_ = SetupState::planned;
  return {};
}

tl::expected<void, Failure> SetupRun::plan_by_systemd(const Project& project) {
  if (scene_.manager != ServiceManager::systemd) {
    return tl::unexpected(Failure{ExitCode::failed,
                                  "setup.no_systemd",
                                  "systemd does not run here, so there are no socket units",
                                  "leave --socket-unit out",
                                  {}});
  }
  auto what = project();
  if (!what) return tl::unexpected(what.error());
  const bool has_ipv6 = std::none_of(trials_.begin(), trials_.end(), [](const PortTrial& trial) {
    return trial.state == PortState::missing;
  });
  plan_ = plan_socket_unit(scene_.etc, scene_.state + "/setup", *what, has_ipv6);
  if (is_in_place(plan_) && verify_socket_unit()) {
    plan_.commands.clear();
    state_ = SetupState::already;
    return {};
  }
  for (const PortTrial& trial : trials_) {
    if (trial.state != PortState::ours && !is_taken(trial)) continue;
    return tl::unexpected(Failure{
        ExitCode::conflict,
        "setup.taken",
        fmt::format("systemd could not listen on {}: {} is there", address_of(trial),
                    trial.owner ? describe(*trial.owner) : std::string("a devproxy of yours")),
        "stop that first",
        {}});
  }
  for (const SetupFile& file : plan_.files) {
    if (const auto foreign = foreign_file(file.path)) return tl::unexpected(*foreign);
  }
  state_ = SetupState::planned;
  return {};
}

tl::expected<void, Failure> SetupRun::plan_undo() {
  undoes_ = true;
  const auto before = remembered_low_ports(scene_.state);
  state_ = SetupState::nothing;
  if (!before) return {};
  std::vector<std::string> files;
  for (const std::string& file : before->files) {
    const auto text = read_file(file);
    if (!text) continue;  // gone already
    (is_ours(*text) ? files : kept_).push_back(file);
  }
  if (before->way == LowPortsWay::launch_agent && !files.empty()) {
    plan_.way = before->way;
    plan_.needs_root = false;
    const std::string label = std::filesystem::path(files.front()).stem().string();
    plan_.commands = {{"launchctl", "bootout", fmt::format("gui/{}/{}", ::geteuid(), label)},
                      {"rm", "-f", files.front()}};
  } else {
    plan_ = devproxy::plan_undo(*before, files);
  }
  state_ = SetupState::planned;
  return {};
}

std::vector<Words> SetupRun::commands() const {
  std::vector<Words> commands = plan_.commands;
  if (scene_.is_root || !plan_.needs_root) return commands;
  const bool only_doas = !scene_.runner.find("sudo") && scene_.runner.find("doas");
  for (Words& words : commands) words.insert(words.begin(), only_doas ? "doas" : "sudo");
  return commands;
}

// ---- Doing -------------------------------------------------------------------------------------

tl::expected<void, Failure> SetupRun::stage() {
  namespace fs = std::filesystem;
  for (const SetupFile& file : plan_.files) {
    const fs::path place =
        plan_.stage.empty() ? fs::path(file.path) : plan_.stage / fs::path(file.path).filename();
    auto written = make_private_dir(scene_.state);
    std::error_code failed;
    fs::create_directories(place.parent_path(), failed);
    if (written) written = write_atomically(place.string(), file.text, 0644);
    if (!written) return tl::unexpected(cannot_keep(written.error()));
  }
  return {};
}

tl::expected<void, Failure> SetupRun::carry_out(bool on_terminal) {
  if (state_ == SetupState::nothing) return {};
  // Before anything is put in: a crash in between must leave it known.
  const auto before = remembered_low_ports(scene_.state);
  if (!undoes_ && !plan_.commands.empty()) {
    if (auto kept = remember(); !kept) return kept;
  }
  if (plan_.stage.empty() && !plan_.commands.empty()) {
    if (auto written = stage(); !written) return written;
  }
  RunOptions options;
  options.on_terminal = on_terminal;
  const std::vector<Words> all = commands();
  for (const Words& words : all) {
    const auto result = scene_.runner.run(words, options);
    if (result && result->worked()) continue;
    if (!undoes_ && &words == &all.front()) forget_again(before);
    return tl::unexpected(
        Failure{ExitCode::failed,
                "setup.command",
                fmt::format("{}: {}", shell_quoted(words),
                            result ? result->last_words() : escape(result.error().detail)),
                undoes_ ? "what is left is taken back by: devproxy setup --undo"
                        : "mend that, then devproxy setup again; devproxy setup --undo takes back "
                          "what was done",
                {}});
  }
  // Also what waits there from a time when the commands were only printed.
  std::error_code not_there;
  std::filesystem::remove_all(scene_.state + "/setup", not_there);
  if (undoes_) {
    forget_low_ports(scene_.state);
    state_ = SetupState::undone;
    return {};
  }
  return verify();
}

/// Nothing was put in: the first command failed, or its sudo.
void SetupRun::forget_again(const std::optional<LowPorts>& before) const {
  if (before) {
    static_cast<void>(remember_low_ports(scene_.state, *before));
  } else {
    forget_low_ports(scene_.state);
  }
}

tl::expected<void, Failure> SetupRun::verify() {
  const bool was_planned = state_ == SetupState::planned;
  if (was_planned) trials_ = scene_.try_ports();
  const bool by_somebody_else =
      plan_.way == LowPortsWay::socket_unit || plan_.way == LowPortsWay::launch_agent;
  if (by_somebody_else) {
    if (auto listens = verify_socket_unit(); !listens) return listens;
  } else if (any_denied(trials_)) {
    return tl::unexpected(
        Failure{ExitCode::failed,
                "setup.verify",
                "every command worked, and yet ports below 1024 cannot be bound",
                "see what else says so: sysctl net.ipv4.ip_unprivileged_port_start, a later file "
                "in /etc/sysctl.d, SELinux or AppArmor; devproxy setup --undo takes it back",
                {}});
  } else if (std::none_of(trials_.begin(), trials_.end(), is_had)) {
    // Nothing to want while all of it is somebody else's.
    if (plan_.commands.empty() && plan_.way == LowPortsWay::bind) return {};
  }
  if (was_planned) state_ = SetupState::done;
  // Of a way that is remembered already there is nothing new to write.
  const bool is_known = plan_.files.empty() && plan_.way != LowPortsWay::bind;
  return is_known ? tl::expected<void, Failure>{} : remember();
}

/// Whoever connects there is served: that is all that can be seen of another's socket.
tl::expected<void, Failure> SetupRun::verify_socket_unit() const {
  for (const PortTrial& trial : trials_) {
    if (trial.state == PortState::missing || scene_.accepts(trial.host, trial.port)) continue;
    return tl::unexpected(Failure{
        ExitCode::failed,
        "setup.verify",
        fmt::format("every command worked, and yet nobody accepts on {}", address_of(trial)),
        "see why: systemctl status 'devproxy-*'; devproxy setup --undo takes it back",
        {}});
  }
  return {};
}

tl::expected<void, Failure> SetupRun::remember() {
  LowPorts ports;
  ports.way = plan_.way;
  // A second run must not forget what was there before the first.
  const auto before = remembered_low_ports(scene_.state);
  if (before && before->way == LowPortsWay::sysctl) {
    ports.first_before = before->first_before;
  } else if (scene_.first_unprivileged > 80) {
    ports.first_before = scene_.first_unprivileged;
  }
  for (const SetupFile& file : plan_.files) ports.files.push_back(file.path);
  if (const auto kept = remember_low_ports(scene_.state, ports); !kept)
    return tl::unexpected(cannot_keep(kept.error()));
  return {};
}

}  // namespace devproxy
