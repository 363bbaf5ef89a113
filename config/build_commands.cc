// Builder: services that devproxy runs.
#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>

#include "base/signal_names.h"
#include "config/builder.h"
#include "config/files.h"
#include "config/placeholders.h"

namespace devproxy {
namespace {

constexpr std::array of_commands{Key::dir,         Key::env,          Key::env_file,
                                 Key::depends_on,  Key::ready,        Key::restart,
                                 Key::stop_signal, Key::stop_timeout, Key::adapter};

/// The value of an entry of `env`, as programs see it; nothing when it is no plain value.
std::optional<std::string> plain_value(const Node& node) {
  if (node.kind == NodeKind::integer) return std::to_string(node.number);
  if (node.kind == NodeKind::boolean) return node.number != 0 ? "true" : "false";
  return std::nullopt;
}

}  // namespace

void Builder::set_command(ServiceDraft& service) {
  const Fields& fields = service.fields;
  const Member* const member = fields[Key::command];
  if (member == nullptr) {
    for (const Key key : of_commands) {
      if (fields[key] == nullptr || !service.target) continue;
      report_.add("config.value", fields[key]->where,
                  std::string(fields[key]->key) + " has no meaning here: devproxy does not run " +
                      in_quotes(service.member->key),
                  "take it out, or give the service a command");
    }
    return;
  }
  CommandTarget command;
  read_words(*member, command);
  const std::string& named_in = sources_.path(member->where.spot.file);
  command.dir = files_.folder(fields[Key::dir]).value_or(folder_of(named_in));
  read_variables(service, command);
  if (fields[Key::depends_on] != nullptr)
    service.depends_on = reader_.texts(fields[Key::depends_on]);
  for (const Text& text : service.depends_on) command.depends_on.emplace_back(text.value);
  read_ready(fields[Key::ready], command);
  read_ending(fields, command);
  service.target_at = member->value.where;
  for (const std::string& word : command.words)
    check_placeholders({word, service.target_at, true}, service.member->key);
  if (!command.words.empty()) service.target = std::move(command);
}

void Builder::read_words(const Member& member, CommandTarget& command) {
  const Node& value = member.value;
  command.shell = value.kind == NodeKind::string;
  if (command.shell) {
    // ${NAME} is left to the shell, which sees the environment of the command.
    if (value.text.find_first_not_of(" \t\r\n") != std::string_view::npos)
      command.words.emplace_back(value.text);
  } else {
    for (const Text& text : reader_.texts(&member)) command.words.emplace_back(text.value);
    if (value.members.empty()) return;
    if (!command.words.empty() && command.words.front().empty()) command.words.clear();
  }
  if (command.words.empty()) {
    report_.add("config.value", value.where, "the command is empty",
                "write what you would type: command = \"npm run dev\"");
  }
}

void Builder::read_variables(const ServiceDraft& service, CommandTarget& command) {
  std::map<std::string, std::string> from_files;
  for (const std::string& path : files_.paths(service.fields[Key::env_file], "a file"))
    for (auto& [name, value] : strings_.read_variables(path)) from_files[name] = std::move(value);
  for (auto& variable : from_files) {
    const Where where = service.fields[Key::env_file]->value.where;
    check_placeholders({variable.second, where, true}, service.member->key);
    command.env.push_back(std::move(variable));
  }

  const Member* const env = service.fields[Key::env];
  if (env == nullptr) return;
  for (const Member& member : env->value.members) {
    if (!is_variable_name(member.key)) {
      report_.add("config.value", member.where,
                  in_quotes(member.key) + " is not the name of a variable",
                  "write letters, digits and underscores, no digit first");
      continue;
    }
    auto value = plain_value(member.value);
    if (!value && member.value.kind != NodeKind::string) {
      report_.add("config.type", member.value.where,
                  "env." + std::string(member.key) + ": expected a string, found " +
                      std::string(describe(member.value.kind)),
                  "write it in quotes");
      continue;
    }
    if (!value) {
      const auto text = strings_.expand(member.value);
      if (!text) continue;
      check_placeholders(*text, service.member->key);
      value = std::string(text->value);
    }
    command.env.emplace_back(std::string(member.key), *std::move(value));
  }
}

void Builder::read_ready(const Member* member, CommandTarget& command) {
  if (member == nullptr) return;
  const Fields fields = reader_.fields(member->value, Place::ready, "");
  if (member->value.members.size() > 1) {
    report_.add("config.value", member->value.where, "ready has more than one condition",
                "keep one: { http = \"/\" }, { log = \"listening\" } or { port = true }");
    return;
  }
  if (const auto path = reader_.text(fields[Key::ready_http])) {
    command.ready = {ReadyWhen::http, std::string(path->value)};
    const bool plain = path->value.find_first_of(" \t\r\n#") == std::string_view::npos;
    if (!path->value.starts_with('/') || !plain) {
      report_.add("config.value", path->where, in_quotes(path->value) + " is not a path",
                  "write a path that begins with \"/\": http = \"/healthz\"");
    }
  }
  if (const auto log = reader_.text(fields[Key::ready_log])) {
    command.ready = {ReadyWhen::log, std::string(log->value)};
    if (log->value.empty()) {
      report_.add("config.value", log->where, "log is empty",
                  "write a part of the line that it prints when it is ready");
    }
  }
  if (const auto port = reader_.boolean(fields[Key::ready_port]))
    command.ready = {*port ? ReadyWhen::listening : ReadyWhen::started, ""};
}

void Builder::read_ending(const Fields& fields, CommandTarget& command) {
  if (const auto text = reader_.text(fields[Key::restart])) {
    static const std::map<std::string_view, RestartPolicy> policies{
        {"on-failure", RestartPolicy::on_failure},
        {"always", RestartPolicy::always},
        {"never", RestartPolicy::never}};
    const auto known = policies.find(text->value);
    if (known != policies.end()) {
      command.restart = known->second;
    } else {
      report_.add("config.value", text->where,
                  "restart: expected \"on-failure\", \"always\" or \"never\", found " +
                      in_quotes(text->value),
                  "\"on-failure\" starts it again when it ends with another code than 0");
    }
  }
  if (const auto text = reader_.text(fields[Key::stop_signal])) {
    if (const auto number = signal_number(text->value)) {
      command.stop_signal = *number;
    } else {
      report_.add("config.value", text->where, in_quotes(text->value) + " is not a signal",
                  "write SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGUSR1, SIGUSR2 or SIGKILL");
    }
  }
  if (const auto limit = reader_.duration(fields[Key::stop_timeout])) command.stop_timeout = *limit;
  if (const auto text = reader_.text(fields[Key::adapter])) {
    command.adapter = text->value != "none";
    if (text->value != "none" && text->value != "auto") {
      report_.add("config.value", text->where,
                  "adapter: expected \"auto\" or \"none\", found " + in_quotes(text->value),
                  "\"none\" leaves the command as it is");
    }
  }
}

/// The ports of command services are known when they run, those of others stand in the file.
void Builder::check_placeholders(const Text& text, std::string_view service) {
  for (const PlaceholderUse& use : placeholders_in(text.value)) {
    const std::string_view other = service_of_placeholder(use.name);
    if (other.empty()) continue;
    const auto found = by_name_.find(other);
    const bool runs =
        found != by_name_.end() && services_[found->second].fields[Key::command] != nullptr;
    if (runs || placeholder(use.name, service)) continue;
    report_.add("config.string", text.where, placeholder(use.name, service).error(),
                hint_for_service(other));
  }
}

void Builder::check_dependencies() {
  std::vector<std::size_t> open;
  std::vector<bool> done(services_.size());
  // Depth first; `open` is the way from where it began.
  const auto visit = [&](const auto& self, std::size_t index) -> void {
    if (done[index]) return;
    open.push_back(index);
    for (const Text& text : services_[index].depends_on) {
      const auto found = by_name_.find(text.value);
      if (found == by_name_.end()) {
        report_.add("config.unknown_service", text.where,
                    "there is no service " + in_quotes(text.value) + " to depend on",
                    hint_for_service(text.value));
        continue;
      }
      const auto circle = std::find(open.begin(), open.end(), found->second);
      if (circle == open.end()) {
        self(self, found->second);
        continue;
      }
      std::string way;
      for (auto at = circle; at != open.end(); ++at)
        way += std::string(services_[*at].member->key) + " -> ";
      report_.add(
          "config.circle", text.where,
          "depends_on goes in a circle: " + way + std::string(text.value),
          "take one of these out: a service can only wait for one that does not wait for it");
    }
    open.pop_back();
    done[index] = true;
  };
  for (std::size_t i = 0; i < services_.size(); ++i) visit(visit, i);
}

}  // namespace devproxy
