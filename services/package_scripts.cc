#include "base/files.h"
#include "base/json.h"
#include "services/adapter.h"

namespace devproxy {

std::optional<std::string> script_of_package(const std::string& folder, std::string_view name) {
  const auto text = read_file(folder + "/package.json");
  if (!text) return std::nullopt;
  const auto json = parse_commented_json(*text);
  if (!json.is_object()) return std::nullopt;
  const auto scripts = json.find("scripts");
  if (scripts == json.end() || !scripts->is_object()) return std::nullopt;
  const auto script = scripts->find(std::string(name));
  if (script == scripts->end() || !script->is_string()) return std::nullopt;
  return script->get<std::string>();
}

}  // namespace devproxy
