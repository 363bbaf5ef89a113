#include "cli/project/route_json.h"

#include <fmt/format.h>

#include <string>
#include <utility>

#include "cli/terminal/failure_json.h"

namespace devproxy {

Json rows_json(const std::vector<UrlRow>& rows) {
  Json list = Json::array();
  for (const UrlRow& row : rows) {
    Json json;
    // A port that is not known yet leaves nothing that could be opened.
    json["url"] = row.is_open ? Json() : Json(row.url);
    json["host"] = row.host;
    json["path"] = row.path;
    json["service"] = row.service;
    json["target"] = row.target;
    json["fallback"] = row.fallback;
    if (row.rule != nullptr) {
      json["methods"] = row.rule->methods;
      json["headers"] = Json::object();
      for (const auto& [name, value] : row.rule->headers) json["headers"][name] = value;
      json["service_when"] = whens_json(*row.rule);
      json.update(place_json(row.rule->at));
    }
    list.push_back(std::move(json));
  }
  return list;
}

Json whens_json(const RouteRule& rule) {
  Json list = Json::array();
  for (const ServiceWhen& when : rule.service_when) {
    const std::string condition = when.name + (when.value ? "=" + *when.value : "");
    list.push_back({{std::string(word_of(when.in)), condition}, {"service", when.service}});
  }
  return list;
}

Json tcp_json(const Config& config) {
  const std::vector<UrlRow> rows = tcp_rows(config);
  Json list = Json::array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Json json;
    json["port"] = config.tcp[i].port;
    json["service"] = rows[i].service;
    json["target"] = rows[i].target;
    json.update(place_json(config.tcp[i].at));
    list.push_back(std::move(json));
  }
  return list;
}

Json listeners_json(const std::vector<BoundAddress>& listeners) {
  Json list = Json::array();
  for (const BoundAddress& address : listeners)
    list.push_back(fmt::format("{}:{}", host_text(address.host), address.port));
  return list;
}

Json worktree_json(const Worktree& worktree) {
  if (worktree.label.empty()) return Json();
  return {{"label", worktree.label},
          {"origin", worktree.origin},
          {"hosts_carry_it", worktree.renames()},
          {"left_ports", worktree.left_ports}};
}

}  // namespace devproxy
