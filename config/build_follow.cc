// Builder: services that somebody else starts.
#include <optional>
#include <string>
#include <utility>

#include "config/builder.h"

namespace devproxy {
namespace {

void add_words(std::string& text, std::string_view key, std::string_view value) {
  text.append(text.empty() ? "" : ", ").append(key).append(" = ").append(value);
}

}  // namespace

void Builder::set_follow(ServiceDraft& service) {
  const Member* const member = service.fields[Key::follow];
  if (member == nullptr) return;
  const Where where = member->value.where;
  const Fields fields = reader_.fields(member->value, Place::follow, "");
  FollowTarget target;
  bool good = fields.failed.empty();

  const auto note = [&](Key key, const std::string& value) {
    good = good && !value.empty();
    const auto written = fields[key] == nullptr ? std::nullopt : reader_.text(fields[key]);
    if (written) add_words(target.text, info_of(key).name, in_quotes(written->value));
  };
  if (fields[Key::follow_dir] != nullptr) {
    target.dir = files_.folder(fields[Key::follow_dir]).value_or("");
    note(Key::follow_dir, target.dir);
  }
  if (const auto glob = reader_.text(fields[Key::follow_command])) {
    target.command = glob->value;
    if (target.command.find_first_not_of("*? ") == std::string::npos) {
      report_.add("config.value", glob->where, in_quotes(target.command) + " fits every command",
                  "write a part of it: command = \"*uvicorn*\"");
      target.command.clear();
    }
    note(Key::follow_command, target.command);
  }
  if (fields[Key::follow_pid_file] != nullptr) {
    target.pid_file =
        files_.future_path(fields[Key::follow_pid_file], "a file with a pid").value_or("");
    note(Key::follow_pid_file, target.pid_file);
  }
  if (const auto name = reader_.text(fields[Key::follow_container])) {
    target.container = name->value;
    if (target.container.empty()) {
      report_.add("config.value", name->where, "container is empty",
                  "write its name, as docker ps shows it");
    }
    note(Key::follow_container, target.container);
  }
  if (fields[Key::follow_port] != nullptr) {
    const auto port = port_at(fields[Key::follow_port]);
    good = good && port;
    target.port = port.value_or(0);
    add_words(target.text, "port", std::to_string(target.port));
  }
  service.target_at = where;
  const bool of_process =
      fields[Key::follow_dir] || fields[Key::follow_command] || fields[Key::follow_pid_file];
  if (fields[Key::follow_container] != nullptr && of_process) {
    report_.add("config.value", where, "follow names a container and a process",
                "keep container alone, or with the port inside: "
                "{ container = \"db\", port = 5432 }");
    return;
  }
  if (!of_process && fields[Key::follow_container] == nullptr && fields.failed.empty()) {
    report_.add("config.value", where, "follow does not say whom",
                "name its folder, { dir = \"admin\" }, or its command, "
                "{ command = \"*uvicorn*\" }");
    return;
  }
  if (good) service.target = std::move(target);
}

}  // namespace devproxy
