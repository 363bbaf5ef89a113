#include "cli/project/route_forms.h"

#include <utility>

#include "cli/project/route_json.h"
#include "cli/terminal/failure_json.h"

namespace devproxy {

std::string check_form(const Config* config, const Problems& problems) {
  Json json{{"schema", "devproxy.check/v1"}};
  json["valid"] = config != nullptr;
  if (config != nullptr) {
    json["file"] = config->file;
    json["project"] = config->project;
    json["worktree"] = worktree_json(config->worktree);
    json["services"] = config->services.size();
    json["routes"] = config->routes.size();
    json["service_when"] = Json::array();
    for (const RouteRule& rule : config->routes) {
      for (Json& when : whens_json(rule)) json["service_when"].push_back(std::move(when));
    }
  }
  json["problems"] = problems_json(problems);
  return json_line(json);
}

std::string routes_form(const Config& config, const std::vector<UrlRow>& rows) {
  Json json{{"schema", "devproxy.routes/v1"}};
  json["project"] = config.project;
  json["config"] = config.file;
  json["worktree"] = worktree_json(config.worktree);
  json["listeners"] = listeners_json(wanted_listeners(config));
  json["routes"] = rows_json(rows);
  json["tcp"] = tcp_json(config);
  return json_line(json);
}

}  // namespace devproxy
