#include "cli/attach/attach_form.h"

#include <fmt/format.h>

#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "cli/running/project_form.h"
#include "cli/running/running_proxy.h"

namespace devproxy {

std::string listeners_event(const std::vector<BoundAddress>& listeners) {
  RunningProxy facts;
  facts.listeners = listeners;
  return fmt::format("{{\"listening\":{}}}", to_json(facts));
}

std::string updated_event() {
  return R"({"updated":true})";
}

std::string refusal_event(const Failure& why) {
  return json_line(Json{{"refused",
                         {{"exit", static_cast<int>(why.exit)},
                          {"code", why.code},
                          {"message", why.message},
                          {"hint", why.hint}}}});
}

std::string note_event(const std::string& words) {
  return json_line(Json{{"note", words}});
}

std::string stop_event() {
  return R"({"stop":true})";
}

std::string refused_port_event(std::uint16_t port) {
  return fmt::format("{{\"refused_port\":{}}}", port);
}

std::string fallbacks_event(const std::vector<Fallback>& fallbacks) {
  return fmt::format("{{\"fallbacks\":{}}}", fallbacks_form(fallbacks));
}

AttachEvent read_attach_event(std::string_view text) {
  const Json json = parse_json(text);
  if (!json.is_object() || json.empty()) return {};
  const std::string& name = json.begin().key();
  const Json& value = json.begin().value();
  if (name == "listening") {
    if (auto facts = read_running_proxy(json_line(value))) return std::move(facts->listeners);
  } else if (name == "refused" && value.is_object()) {
    return Failure{static_cast<ExitCode>(value.value("exit", 1)),
                   value.value("code", ""),
                   escape(value.value("message", "")),
                   escape(value.value("hint", "")),
                   {}};
  } else if (name == "note" && value.is_string()) {
    return AttachNote{value.get<std::string>()};
  } else if (name == "fallbacks") {
    return read_fallbacks(json_line(value));
  } else if (name == "updated") {
    return AttachUpdated{};
  } else if (name == "stop") {
    return AttachStop{};
  } else if (name == "refused_port" && value.is_number_unsigned()) {
    return RefusedPort{value.get<std::uint16_t>()};
  }
  return {};
}

ControlFailure to_control(const Failure& failure) {
  std::string message = failure.message;
  for (const Problem& problem : failure.problems) {
    message += fmt::format("; {}:{}:{}: {}", problem.at.file, problem.at.line, problem.at.column,
                           problem.message);
  }
  return {static_cast<int>(failure.exit), failure.code, std::move(message), failure.hint};
}

}  // namespace devproxy
