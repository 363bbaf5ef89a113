// `devproxy service install|status|uninstall`.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "base/dirs.h"
#include "base/files.h"
#include "base/json.h"
#include "base/text.h"
#include "certs/command_runner.h"
#include "cli/commands/commands.h"
#include "cli/project/low_ports.h"
#include "cli/project/project.h"
#include "cli/setup/autostart.h"
#include "cli/terminal/command_lines.h"
#include "cli/terminal/environment.h"

namespace devproxy {
namespace {

constexpr std::array<std::string_view, 3> actions{"install", "status", "uninstall"};

Failure unknown_action(const std::string& action) {
  const std::vector<std::string_view> known(actions.begin(), actions.end());
  const std::string otherwise = "write: devproxy service install, status or uninstall";
  if (action.empty())
    return {ExitCode::usage, "usage.missing_argument", "service needs an action", otherwise, {}};
  return {ExitCode::usage,
          "usage.unexpected_argument",
          fmt::format("service cannot \"{}\"", escape(action)),
          nearest_hint(action, known, otherwise),
          {}};
}

Failure no_manager() {
  return {ExitCode::failed,
          "service.no_manager",
          "systemd does not run here, so nothing can start devproxy at login",
          "start it from what starts your programs: devproxy serve -c FILE",
          {}};
}

Json commands_json(const std::vector<Words>& commands) {
  Json list = Json::array();
  for (const Words& words : commands) list.push_back(words);
  return list;
}

std::string plan_form(const std::string& action, const AutostartPlan& plan, bool dry_run) {
  Json form{{"schema", "devproxy.service/v1"},
            {"action", action},
            {"dry_run", dry_run},
            {"name", plan.name},
            {"path", plan.path},
            {"text", plan.text.empty() ? Json(nullptr) : Json(plan.text)},
            {"commands", commands_json(plan.before)}};
  for (const Words& words : plan.after) form["commands"].push_back(words);
  return json_line(form) + "\n";
}

std::string plan_text(const AutostartPlan& plan) {
  std::string text = command_lines(plan.before);
  if (plan.text.empty()) {
    text += fmt::format("  {}\n", shell_quoted(Words{"rm", plan.path}));
  } else {
    text += fmt::format("{}:\n", plan.path);
    std::string_view rest = plan.text;
    rest.remove_suffix(1);
    for (const std::string_view line : split(rest, '\n')) text += fmt::format("  {}\n", line);
    text += "\n";
  }
  return text + command_lines(plan.after);
}

Outcome show_status(const AutostartPlan& plan, const AutostartState& state, bool json) {
  if (json) {
    const Json form{{"schema", "devproxy.service/v1"},
                    {"action", "status"},
                    {"name", plan.name},
                    {"path", plan.path},
                    {"installed", state.installed},
                    {"file", state.file.empty() ? Json(nullptr) : Json(state.file)},
                    {"enabled", state.enabled},
                    {"active", state.active},
                    {"lingers", state.lingers}};
    write_out(json_line(form) + "\n");
  } else if (!state.installed) {
    write_out(fmt::format("{} is not installed: devproxy service install\n", plan.name));
  } else {
    const auto known = [](const std::string& word) { return word.empty() ? "not known" : word; };
    write_out(fmt::format(
        "{}: at login: {}, now: {}\n{}\n{}", plan.name, escape(known(state.enabled)),
        escape(known(state.active)), plan.path,
        state.file.empty() ? "It serves another devproxy.toml: devproxy service install writes it "
                             "anew after a change of place\n"
                           : ""));
  }
  return state.active == "active" ? ExitCode::done : ExitCode::not_running;
}

std::string installed_text(const AutostartPlan& plan, ServiceManager manager) {
  if (manager == ServiceManager::launchd)
    return fmt::format("{} runs now, and at every login\n", plan.name);
  return fmt::format(
      "{0} runs now, and at every login; its output: journalctl --user -u {0}\n"
      "To start it with the machine, without a login: loginctl enable-linger\n",
      plan.name);
}

}  // namespace

Outcome run_service(const Invocation& invocation, const Console& /*console*/) {
  const std::string& action = invocation.argument;
  if (std::find(actions.begin(), actions.end(), action) == actions.end())
    return tl::unexpected(unknown_action(action));
  const ServiceManager manager = service_manager();
  if (manager == ServiceManager::none && !invocation.dry_run) return tl::unexpected(no_manager());
  const auto config = load_project(invocation);
  if (!config) return tl::unexpected(config.error());
  auto what = autostarted_here(*config);
  if (!what) return tl::unexpected(what.error());
  const auto dirs = find_dirs();
  if (!dirs)
    return tl::unexpected(Failure{ExitCode::failed, "service.home", dirs.error().detail, "", {}});

  SystemRunner runner;
  // What `setup` wrote on macOS has the ports too.
  const auto ports = remembered_low_ports(dirs->state);
  const bool with_low_ports = ports && ports->way == LowPortsWay::launch_agent;
  Autostart autostart(runner, manager,
                      autostart_folder(manager, dirs->config, environment("HOME").value_or("")),
                      std::move(*what), with_low_ports);
  const bool installs = action == "install";
  const AutostartPlan plan =
      installs || action == "status" ? autostart.plan_install() : autostart.plan_uninstall();
  if (action == "status") return show_status(plan, autostart.state(), invocation.json);
  if (!invocation.dry_run && !installs && !read_file(plan.path)) {
    write_out(invocation.json ? plan_form(action, plan, false)
                              : fmt::format("nothing to take back: there is no {}\n", plan.path));
    return ExitCode::done;
  }
  if (!invocation.dry_run) {
    const auto done = installs ? autostart.install(plan) : autostart.uninstall(plan);
    if (!done) return tl::unexpected(done.error());
  }
  if (invocation.json) {
    write_out(plan_form(action, plan, invocation.dry_run));
  } else if (invocation.dry_run) {
    write_out(plan_text(plan));
  } else {
    write_out(installs ? installed_text(plan, manager)
                       : fmt::format("{} is stopped and taken away\n", plan.name));
  }
  return ExitCode::done;
}

}  // namespace devproxy
