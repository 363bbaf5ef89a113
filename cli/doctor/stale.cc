#include "cli/doctor/stale.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iterator>

#include "base/process_facts.h"
#include "base/text.h"
#include "cli/terminal/process_words.h"
#include "control/sockets.h"
#include "services/guard.h"
#include "services/port_locks.h"
#include "services/remembered_ports.h"
#include "services/run_mark.h"

namespace devproxy {
namespace {

constexpr int grace_ms = 3'000;
constexpr int step_ms = 50;
constexpr std::size_t longest_words = 60;
constexpr int most_generations = 64;

std::optional<std::string> variable_in(std::string_view environment, std::string_view name) {
  for (const std::string_view entry : split(environment, '\0')) {
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=')
      return std::string(entry.substr(name.size() + 1));
  }
  return std::nullopt;
}

/// Whether the control socket of the devproxy that started it would be where we look: of the
/// others we cannot know whether they live.
bool shares_runtime(std::string_view environment, const Dirs& dirs) {
  const auto theirs =
      find_dirs([environment](const char* name) { return variable_in(environment, name); });
  return theirs && theirs->runtime == dirs.runtime;
}

/// The pids above a process, itself first.
std::vector<ProcessFacts> ancestry(pid_t pid) {
  std::vector<ProcessFacts> line;
  for (int i = 0; i < most_generations && pid > 1; ++i) {
    auto facts = process_facts(pid);
    if (!facts) break;
    pid = facts->parent;
    line.push_back(std::move(*facts));
  }
  return line;
}

bool is_devproxy(const ProcessFacts& process) {
  return process.name == "devproxy" && process.pid != ::getpid();
}

std::optional<std::string> guarded_run(const ProcessFacts& process) {
  if (process.command.size() == 3 && process.command[1] == guard_command) return process.command[2];
  return std::nullopt;
}

std::vector<pid_t> still_there(const std::vector<MarkedProcess>& processes) {
  std::vector<pid_t> pids;
  for (const MarkedProcess& process : processes) {
    const auto marked = processes_of_service(process.run, process.service);
    if (std::find(marked.begin(), marked.end(), process.pid) != marked.end())
      pids.push_back(process.pid);
  }
  return pids;
}

std::string many(std::size_t count, const char* one, const char* more) {
  return fmt::format("{} {}", count, count == 1 ? one : more);
}

}  // namespace

std::optional<std::pair<std::string, std::string>> parse_mark(std::string_view mark) {
  constexpr std::size_t digits = 16;
  const std::size_t dot = mark.find('.');
  if (dot != digits || mark.size() == dot + 1) return std::nullopt;
  const bool hex = std::all_of(mark.begin(), mark.begin() + digits, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  if (!hex) return std::nullopt;
  return std::pair(std::string(mark.substr(0, dot)), std::string(mark.substr(dot + 1)));
}

std::vector<std::string> dead_sockets(const Dirs& dirs) {
  return abandoned_sockets(dirs.runtime);
}

StaleFacts stale_facts(const Dirs& dirs, const std::vector<RunningProxy>& proxies) {
  StaleFacts facts;
  for (const RunningProxy& proxy : proxies) facts.living_runs.insert(proxy.run);
  std::set<pid_t> above;
  for (const ProcessFacts& process : ancestry(::getpid())) above.insert(process.pid);
  visit_environments([&](pid_t pid, std::string_view environment) {
    const auto process = process_facts(pid);
    if (!process) return;
    if (auto run = guarded_run(*process)) facts.living_runs.insert(std::move(*run));
    const auto mark = parse_mark(variable_in(environment, run_mark_variable).value_or(""));
    if (!mark || pid == ::getpid() || !shares_runtime(environment, dirs)) return;
    const auto line = ancestry(pid);
    facts.processes.push_back(
        {pid, mark->first, mark->second, cut_end(command_text(*process), longest_words),
         std::any_of(line.begin(), line.end(), is_devproxy), above.contains(pid)});
  });
  facts.forgotten_ports = RememberedPorts::read(dirs.state).forget_missing_folders();
  return facts;
}

std::vector<MarkedProcess> stale_processes(const StaleFacts& facts) {
  std::set<std::string> living = facts.living_runs;
  for (const MarkedProcess& process : facts.processes) {
    if (process.below_devproxy) living.insert(process.run);
  }
  std::vector<MarkedProcess> stale;
  std::copy_if(facts.processes.begin(), facts.processes.end(), std::back_inserter(stale),
               [&living](const MarkedProcess& process) {
                 return !living.contains(process.run) && !process.above_us;
               });
  return stale;
}

Diagnoses check_stale(const StaleFacts& facts) {
  Diagnoses found;
  const std::vector<MarkedProcess> stale = stale_processes(facts);
  if (!stale.empty()) {
    std::vector<std::string> words;
    std::string kill = "kill";
    for (const MarkedProcess& process : stale) {
      words.push_back(
          fmt::format("{} of {} (pid {})", process.words, escape(process.service), process.pid));
      kill += fmt::format(" {}", process.pid);
    }
    found.push_back({Health::warning, "stale", "stale.processes",
                     fmt::format("{} of a devproxy that is gone still {}: {}",
                                 many(stale.size(), "process", "processes"),
                                 stale.size() == 1 ? "runs" : "run", list_text(words)),
                     kill, Fix::end_stale_runs});
  }
  if (facts.forgotten_ports > 0) {
    found.push_back({Health::warning, "stale", "stale.ports",
                     fmt::format("{} kept for services of folders that are gone",
                                 many(facts.forgotten_ports, "port is", "ports are")),
                     "devproxy doctor --fix", Fix::forget_ports});
  }
  if (!facts.sockets.empty()) {
    found.push_back({Health::ok, "stale", "stale.sockets",
                     fmt::format("a devproxy was killed and left {}: removed, as every command "
                                 "does that looks for running ones",
                                 list_text(facts.sockets)),
                     ""});
  }
  if (found.empty())
    found.push_back({Health::ok, "stale", "stale.fine", "nothing is left of earlier runs", ""});
  return found;
}

std::string end_stale_processes(const StaleFacts& facts) {
  const std::vector<MarkedProcess> stale = stale_processes(facts);
  std::vector<pid_t> left = still_there(stale);
  const std::size_t count = left.size();
  for (const pid_t pid : left) ::kill(pid, SIGTERM);
  for (int waited = 0; waited < grace_ms && !left.empty(); waited += step_ms) {
    ::poll(nullptr, 0, step_ms);
    left = still_there(stale);
  }
  for (const pid_t pid : left) ::kill(pid, SIGKILL);
  const std::string killed =
      left.empty() ? "" : fmt::format(", {} of them with SIGKILL", left.size());
  return fmt::format("ended {}{}", many(count, "process", "processes"), killed);
}

std::string forget_ports(const Dirs& dirs) {
  auto locks = PortLocks::open(dirs.runtime);
  if (!locks) return "not done: " + locks.error().detail;
  locks->lock_list();
  RememberedPorts list = RememberedPorts::read(dirs.state);
  const std::size_t count = list.forget_missing_folders();
  const auto written = list.write(dirs.state);
  locks->unlock_list();
  if (!written) return "not done: " + written.error().detail;
  return fmt::format("forgot {}", many(count, "port", "ports"));
}

}  // namespace devproxy
