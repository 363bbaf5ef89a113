#include "cli/terminal/process_form.h"

#include <fmt/format.h>

#include <ctime>

#include "base/json.h"

namespace devproxy {
namespace {

Json or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

}  // namespace

Json process_json(const std::optional<ProcessFacts>& process) {
  if (!process) return {};
  Json json;
  json["pid"] = process->pid;
  json["parent"] = process->parent;
  json["uid"] = process->uid;
  json["name"] = process->name;
  json["command"] = process->command;
  json["folder"] = or_null(process->folder);
  json["started"] = utc_text(process->started);
  json["unit"] = or_null(process->keeper.unit);
  json["user_unit"] = process->keeper.of_user;
  json["container"] = or_null(process->keeper.container);
  json["engine"] = or_null(process->keeper.engine);
  return json;
}

std::string utc_text(std::chrono::system_clock::time_point at) {
  const std::time_t second = std::chrono::system_clock::to_time_t(at);
  std::tm parts{};
  gmtime_r(&second, &parts);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", parts.tm_year + 1900, parts.tm_mon + 1,
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec);
}

}  // namespace devproxy
