#include "services/follower.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/files.h"
#include "base/text.h"
#include "services/port_book.h"

namespace devproxy {
namespace {

constexpr std::size_t largest_pid_file = 4096;

std::optional<pid_t> read_pid(const std::string& file) {
  if (file.empty()) return std::nullopt;
  const auto text = read_file(file, largest_pid_file);
  if (!text) return std::nullopt;
  // PostgreSQL writes more lines below it.
  std::string_view line = std::string_view(*text).substr(0, text->find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  const auto number = parse_number(trim(line));
  if (!number || *number == 0 || *number > INT32_MAX) return std::nullopt;
  return static_cast<pid_t>(*number);
}

std::string why_nowhere(const FollowTarget& rule, const std::optional<pid_t>& pid) {
  if (!rule.pid_file.empty() && !pid)
    return fmt::format("the pid file {} is not there or holds no pid", escape_own(rule.pid_file));
  std::string which;
  const auto add = [&which](const std::string& words) {
    which.append(which.empty() ? " that " : " and ").append(words);
  };
  if (!rule.dir.empty()) add("works in " + escape_own(rule.dir));
  if (!rule.command.empty()) add(fmt::format("runs {}", escape(rule.command)));
  if (!rule.pid_file.empty()) add(fmt::format("has pid {} of {}", *pid, escape_own(rule.pid_file)));
  return fmt::format("no process of yours{} listens on {}", which,
                     rule.port == 0 ? "a loopback port" : fmt::format("port {}", rule.port));
}

std::optional<Found> find_process(const FollowTarget& rule, const std::string& dir,
                                  const std::optional<pid_t>& pid,
                                  const std::vector<ScannedListener>& listeners) {
  return choose(candidates_of({rule, dir, pid}, listeners, ::getpid()));
}

std::string resolved(const std::string& dir) {
  return dir.empty() ? dir : real_path(dir);
}

bool same_find(const std::optional<Found>& a, const std::optional<Found>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->place == b->place && a->owner == b->owner && a->reason == b->reason;
}

}  // namespace

Follower::Follower(Loop& loop, ListenerScan& scan, EngineSockets engines,
                   std::function<void(const FollowState&)> moved)
    : loop_(loop),
      scan_(scan),
      engines_(std::move(engines)),
      moved_(std::move(moved)),
      ask_(loop.agenda()),
      alive_(std::make_shared<Follower*>(this)) {}

Follower::~Follower() = default;

void Follower::apply(std::vector<FollowRule> rules) {
  std::vector<Entry> entries;
  bool processes = false;
  bool containers = false;
  for (FollowRule& rule : rules) {
    (rule.target.container.empty() ? processes : containers) = true;
    const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.rule.service == rule.service && entry.rule.target.same_rule(rule.target);
    });
    if (known != entries_.end()) {
      entries.push_back(std::move(*known));
      entries_.erase(known);
      continue;
    }
    Entry entry;
    entry.state = {rule.service, std::nullopt, "it was not looked for yet"};
    entry.dir = resolved(rule.target.dir);
    entry.rule = std::move(rule);
    entries.push_back(std::move(entry));
  }
  entries_ = std::move(entries);
  look_first();
  if (!processes) {
    interest_.reset();
  } else {
    // Anew: its first look says that everything changed.
    interest_ = scan_.watch([this](bool changed) { look(changed); });
  }
  if (containers) {
    ask_.start(0, [this] { ask_engines(); });
  } else {
    ask_.cancel();
  }
}

/// At once, so that no request finds a service nowhere that is there.
void Follower::look_first() {
  std::vector<FollowRule> rules;
  for (const Entry& entry : entries_) {
    if (entry.is_new && entry.rule.target.container.empty()) rules.push_back(entry.rule);
  }
  for (FollowState& state : look_once(rules, {})) {
    for (Entry& entry : entries_) {
      if (entry.is_new && entry.rule.service == state.service)
        take(entry, std::move(state.found), std::move(state.why_not));
    }
  }
}

void Follower::hurry() {
  if (interest_) scan_.hurry();
  if (ask_.pending() && loop_.agenda().now() >= asked_at_ + ask_hurry_ms)
    ask_.start(0, [this] { ask_engines(); });
}

void Follower::look(bool changed) {
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    const FollowTarget& rule = entry.rule.target;
    if (!rule.container.empty()) continue;
    const auto pid = read_pid(rule.pid_file);
    if (!changed && !entry.is_new && pid == entry.pid) continue;
    entry.pid = pid;
    auto found = find_process(rule, entry.dir, pid, scan_.listeners());
    std::string why_not = found ? "" : why_nowhere(rule, pid);
    take(entry, std::move(found), std::move(why_not));
  }
}

void Follower::ask_engines() {
  if (asking_) return;
  asking_ = true;
  asked_at_ = loop_.agenda().now();
  auto answer = std::make_shared<Result<std::vector<Container>>>();
  loop_.work([answer, engines = engines_] { *answer = ask_containers(engines); },
             [answer, weak = std::weak_ptr(alive_)] {
               if (const auto self = weak.lock()) (*self)->on_containers(*answer);
             });
}

void Follower::on_containers(const Result<std::vector<Container>>& containers) {
  asking_ = false;
  bool any = false;
  bool missing = false;
  for (Entry& entry : entries_) {
    if (entry.rule.target.container.empty()) continue;
    auto found = find_container(entry.rule.target, containers);
    any = true;
    missing = missing || !found;
    if (found) {
      take(entry, std::move(*found), "");
    } else {
      take(entry, std::nullopt, found.error().detail);
    }
  }
  if (any) ask_.start(missing ? ask_missing_ms : ask_found_ms, [this] { ask_engines(); });
}

void Follower::take(Entry& entry, std::optional<Found> found, std::string why_not) {
  const bool is_new = std::exchange(entry.is_new, false);
  const bool same = same_find(entry.state.found, found);
  entry.state.found = std::move(found);
  entry.state.why_not = std::move(why_not);
  if (is_new || !same) moved_(entry.state);
}

std::vector<FollowState> Follower::states() const {
  std::vector<FollowState> all;
  for (const Entry& entry : entries_) all.push_back(entry.state);
  return all;
}

std::optional<FollowState> Follower::state(std::string_view service) const {
  for (const Entry& entry : entries_) {
    if (entry.state.service == service) return entry.state;
  }
  return std::nullopt;
}

std::vector<FollowState> look_once(const std::vector<FollowRule>& rules,
                                   const EngineSockets& engines) {
  const auto is_process = [](const FollowRule& rule) { return rule.target.container.empty(); };
  std::vector<ScannedListener> listeners;
  if (std::any_of(rules.begin(), rules.end(), is_process)) {
    ListenerTable table;
    listeners = describe_listeners(own_loopback_listeners(table));
  }
  std::optional<Result<std::vector<Container>>> containers;
  std::vector<FollowState> states;
  for (const FollowRule& rule : rules) {
    FollowState state{rule.service, std::nullopt, ""};
    if (is_process(rule)) {
      const auto pid = read_pid(rule.target.pid_file);
      state.found = find_process(rule.target, resolved(rule.target.dir), pid, listeners);
      if (!state.found) state.why_not = why_nowhere(rule.target, pid);
    } else {
      if (!containers) containers = ask_containers(engines);
      if (auto found = find_container(rule.target, *containers)) {
        state.found = std::move(*found);
      } else {
        state.why_not = found.error().detail;
      }
    }
    states.push_back(std::move(state));
  }
  return states;
}

}  // namespace devproxy
