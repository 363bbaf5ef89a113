#include "control/protocol.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "base/json.h"

namespace devproxy {
namespace {

tl::unexpected<Error> not_a(const char* what) {
  return fail(
      Code::invalid, Source::client,
      fmt::format("this is no {} of devproxy's control protocol; see docs/control.md", what));
}

/// The string member of this name; empty when there is none, nothing when it is no string.
std::optional<std::string> text_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end()) return std::string();
  if (!found->is_string()) return std::nullopt;
  return found->get<std::string>();
}

Json failure_json(const ControlFailure& failure) {
  Json json;
  json["exit"] = failure.exit;
  json["code"] = failure.code;
  json["message"] = failure.message;
  json["hint"] = failure.hint;
  return json;
}

Result<ControlFailure> read_failure(const Json& json) {
  const auto code = json.is_object() ? text_of(json, "code") : std::nullopt;
  const auto message = json.is_object() ? text_of(json, "message") : std::nullopt;
  const auto hint = json.is_object() ? text_of(json, "hint") : std::nullopt;
  if (!code || !message || !hint) return not_a("reply");
  const auto exit = json.find("exit");
  const bool has_exit = exit != json.end() && exit->is_number_integer();
  return ControlFailure{has_exit ? exit->get<int>() : 1, *code, *message, *hint};
}

}  // namespace

std::string ControlCall::argument(const std::string& name_of_it) const {
  const auto found = arguments.find(name_of_it);
  return found == arguments.end() ? std::string() : found->second;
}

std::string to_line(const ControlCall& call) {
  Json json;
  json["devproxy"] = control_version;
  json["call"] = call.name;
  json["arguments"] = Json::object();
  for (const auto& [name, value] : call.arguments) json["arguments"][name] = value;
  return json_line(json);
}

std::string to_line(const ControlReply& reply) {
  if (reply.kind == ControlReply::Kind::failure)
    return json_line(Json{{"failure", failure_json(reply.failure)}});
  // What is JSON already is not read and written again.
  return fmt::format("{{\"{}\":{}}}", reply.kind == ControlReply::Kind::event ? "event" : "answer",
                     reply.json);
}

Result<ControlCall> read_call(std::string_view line) {
  const Json json = parse_json(line);
  if (!json.is_object()) return not_a("call");
  const auto version = json.find("devproxy");
  if (version == json.end() || !version->is_number_integer()) return not_a("call");
  if (version->get<std::int64_t>() != control_version)
    return fail(Code::bad_version, Source::client,
                fmt::format("the proxy that runs speaks version {} of the control protocol, and "
                            "this call is of version {}; restart the proxy",
                            control_version, json_line(*version)));
  const auto name = text_of(json, "call");
  if (!name || name->empty()) return not_a("call");
  ControlCall call{*name, {}};
  const auto arguments = json.find("arguments");
  if (arguments == json.end()) return call;
  if (!arguments->is_object()) return not_a("call");
  for (const auto& [key, value] : arguments->items()) {
    if (!value.is_string()) return not_a("call");
    call.arguments[key] = value.get<std::string>();
  }
  return call;
}

Result<ControlReply> read_reply(std::string_view line) {
  const Json json = parse_json(line);
  if (!json.is_object() || json.size() != 1) return not_a("reply");
  ControlReply reply;
  const std::string& key = json.begin().key();
  if (key == "failure") {
    auto failure = read_failure(*json.begin());
    if (!failure) return tl::unexpected<Error>(failure.error());
    reply.kind = ControlReply::Kind::failure;
    reply.failure = std::move(*failure);
    return reply;
  }
  if (key != "event" && key != "answer") return not_a("reply");
  reply.kind = key == "event" ? ControlReply::Kind::event : ControlReply::Kind::answer;
  reply.json = json_line(*json.begin());
  return reply;
}

}  // namespace devproxy
