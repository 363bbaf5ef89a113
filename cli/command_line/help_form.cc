#include "cli/command_line/help_form.h"

#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/command_line/command_tree.h"
#include "cli/command_line/help.h"

namespace devproxy {

std::string help_form(std::string_view command) {
  Json json{{"schema", "devproxy.help/v1"}};
  json["version"] = program_version;
  Json list = Json::array();
  for (const CommandInfo& info : commands()) {
    if (!command.empty() && info.name != command) continue;
    list.push_back({{"name", info.name}, {"summary", info.summary}});
    if (command.empty()) continue;
    Json examples = Json::array();
    for (const std::string_view line : split(info.examples, '\n'))
      if (!line.empty()) examples.push_back(line);
    list.back()["examples"] = std::move(examples);
  }
  json["commands"] = std::move(list);
  Json options = Json::array();
  for (const OptionInfo& option : options_of(command))
    options.push_back({{"name", option.name}, {"summary", option.summary}});
  json["options"] = std::move(options);
  return json_line(json);
}

std::string version_form() {
  Json json{{"schema", "devproxy.version/v1"}};
  json["version"] = program_version;
  return json_line(json);
}

}  // namespace devproxy
