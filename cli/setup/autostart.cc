#include "cli/setup/autostart.h"

#include <fmt/format.h>
#include <pwd.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "base/dirs.h"
#include "base/files.h"
#include "base/text.h"
#include "cli/terminal/environment.h"
#include "cli/terminal/program_path.h"

namespace devproxy {
namespace {

namespace fs = std::filesystem;

/// How the unit or agent names its devproxy.toml; the same text in both directions.
std::string file_in(const Autostarted& what, ServiceManager manager) {
  if (manager == ServiceManager::launchd) {
    const std::string text = launch_agent(what, false);
    const std::size_t from = text.find("<string>-c</string>");
    const std::size_t begin = text.find("<string>", from + 1);
    return text.substr(begin, text.find("</string>", begin) - begin);
  }
  const std::string text = user_unit(what);
  const std::size_t begin = text.find(" serve -c ");
  return text.substr(begin, text.find('\n', begin) - begin);
}

Failure cannot_write(const Error& error) {
  return {ExitCode::failed, "service.write", error.detail, "see to it, then again", {}};
}

}  // namespace

std::optional<Failure> foreign_file(const std::string& path) {
  const auto there = read_file(path);
  if (!there || is_ours(*there)) return std::nullopt;
  return Failure{ExitCode::conflict,
                 "service.foreign",
                 path + " is there already, and devproxy did not write it",
                 "move it away, then again",
                 {}};
}

std::string own_user_name() {
  passwd entry{};
  passwd* found = nullptr;
  std::vector<char> texts(16'384);
  ::getpwuid_r(::geteuid(), &entry, texts.data(), texts.size(), &found);
  return found == nullptr ? fmt::format("{}", ::geteuid()) : entry.pw_name;
}

tl::expected<Autostarted, Failure> autostarted_here(const Config& config) {
  Autostarted what;
  what.project = config.project;
  what.file = config.file;
  what.uid = ::geteuid();
  const auto program = program_path();
  const auto dirs = find_dirs();
  if (!program || !dirs) {
    return tl::unexpected(Failure{ExitCode::failed,
                                  "service.program",
                                  program ? dirs.error().detail : program.error().detail,
                                  "",
                                  {}});
  }
  what.program = *program;
  what.log = dirs->state + "/launchd.log";
  what.user = own_user_name();
  for (const char* const name : {"PATH", "XDG_CONFIG_HOME", "XDG_STATE_HOME"}) {
    if (auto value = environment(name)) what.environment.emplace_back(name, std::move(*value));
  }
  return what;
}

std::string autostart_folder(ServiceManager manager, const std::string& config_dir,
                             const std::string& home) {
  if (manager == ServiceManager::launchd) return home + "/Library/LaunchAgents";
  return fs::path(config_dir).parent_path().string() + "/systemd/user";
}

Autostart::Autostart(CommandRunner& runner, ServiceManager manager, std::string folder,
                     Autostarted what, bool with_low_ports)
    : runner_(runner),
      manager_(manager),
      folder_(std::move(folder)),
      what_(std::move(what)),
      with_low_ports_(with_low_ports) {}

AutostartPlan Autostart::plan_install() const {
  AutostartPlan plan;
  if (manager_ == ServiceManager::launchd) {
    plan.name = agent_label(what_);
    plan.path = fmt::format("{}/{}.plist", folder_, plan.name);
    plan.text = launch_agent(what_, with_low_ports_);
    plan.after = {{"launchctl", "bootstrap", fmt::format("gui/{}", what_.uid), plan.path}};
    return plan;
  }
  plan.name = user_unit_name(what_);
  plan.path = fmt::format("{}/{}", folder_, plan.name);
  plan.text = user_unit(what_);
  plan.after = {{"systemctl", "--user", "daemon-reload"},
                {"systemctl", "--user", "enable", "--now", plan.name}};
  return plan;
}

AutostartPlan Autostart::plan_uninstall() const {
  AutostartPlan plan = plan_install();
  plan.text.clear();
  if (manager_ == ServiceManager::launchd) {
    plan.before = {{"launchctl", "bootout", fmt::format("gui/{}/{}", what_.uid, plan.name)}};
    plan.after.clear();
  } else {
    plan.before = {{"systemctl", "--user", "disable", "--now", plan.name}};
    plan.after = {{"systemctl", "--user", "daemon-reload"}};
  }
  return plan;
}

tl::expected<void, Failure> Autostart::check_free(const AutostartPlan& plan) const {
  if (const auto foreign = foreign_file(plan.path)) return tl::unexpected(*foreign);
  const auto there = read_file(plan.path);
  if (!there) return {};
  if (there->find(file_in(what_, manager_)) != std::string::npos) return {};
  return tl::unexpected(
      Failure{ExitCode::conflict,
              "service.other_project",
              fmt::format("{} belongs to another project of the name {}", plan.path, what_.project),
              "give one of the two another name (name = \"…\" in its file)",
              {}});
}

tl::expected<void, Failure> Autostart::install(const AutostartPlan& plan) {
  if (auto free = check_free(plan); !free) return free;
  const bool was_there = fs::exists(plan.path);
  std::error_code failed;
  fs::create_directories(folder_, failed);
  if (const auto written = write_atomically(plan.path, plan.text, 0644); !written)
    return tl::unexpected(cannot_write(written.error()));
  // launchd refuses to load what it has loaded.
  if (was_there && manager_ == ServiceManager::launchd)
    static_cast<void>(runner_.run(plan_uninstall().before.front(), {}));
  return run(plan.after, plan.path + " is written");
}

tl::expected<void, Failure> Autostart::uninstall(const AutostartPlan& plan) {
  if (auto free = check_free(plan); !free) return free;
  auto stopped = run(plan.before, plan.path + " is still there");
  // launchd calls it an error that it did not run.
  if (!stopped && manager_ != ServiceManager::launchd) return stopped;
  std::error_code failed;
  fs::remove(plan.path, failed);
  if (failed) {
    return tl::unexpected(
        cannot_write(Error{Code::denied, Source::system,
                           fmt::format("cannot remove {}: {}", plan.path, failed.message())}));
  }
  return run(plan.after, plan.path + " is removed");
}

tl::expected<void, Failure> Autostart::run(const std::vector<Words>& commands,
                                           const std::string& what_is_done) {
  for (std::size_t i = 0; i < commands.size(); ++i) {
    const auto result = runner_.run(commands[i], {});
    if (result && result->worked()) continue;
    std::string rest;
    for (std::size_t j = i; j < commands.size(); ++j)
      rest += (rest.empty() ? "" : " && ") + shell_quoted(commands[j]);
    return tl::unexpected(Failure{
        ExitCode::failed,
        "service.command",
        fmt::format("{}: {}", shell_quoted(commands[i]),
                    result ? result->last_words() : escape(result.error().detail)),
        fmt::format("{}; in a login session of your own, what is left: {}", what_is_done, rest),
        {}});
  }
  return {};
}

std::string Autostart::answer(const Words& words) {
  // Both systems tell by the exit code too, and print all the same.
  const auto result = runner_.run(words, {});
  return result ? std::string(trim(split(result->output, '\n').front())) : "";
}

AutostartState Autostart::state() {
  const AutostartPlan plan = plan_install();
  AutostartState state;
  const auto text = read_file(plan.path);
  state.installed = text && is_ours(*text);
  if (!state.installed) return state;
  if (text->find(file_in(what_, manager_)) != std::string::npos) state.file = what_.file;
  if (manager_ == ServiceManager::launchd) {
    const auto result =
        runner_.run({"launchctl", "print", fmt::format("gui/{}/{}", what_.uid, plan.name)}, {});
    const bool loaded = result && result->worked();
    state.enabled = loaded ? "enabled" : "disabled";
    const bool runs = loaded && result->output.find("state = running") != std::string::npos;
    state.active = runs ? "active" : "inactive";
    return state;
  }
  state.enabled = answer({"systemctl", "--user", "is-enabled", plan.name});
  state.active = answer({"systemctl", "--user", "is-active", plan.name});
  state.lingers =
      answer({"loginctl", "show-user", what_.user, "--property=Linger", "--value"}) == "yes";
  return state;
}

}  // namespace devproxy
