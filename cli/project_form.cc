#include "cli/project_form.h"

#include <nlohmann/json.hpp>

#include <optional>
#include <unordered_set>
#include <utility>
#include <variant>

namespace devproxy {
namespace {

using Json = nlohmann::ordered_json;

struct TargetForm {
  Json operator()(const PortTarget& target) const { return {{"port", target.port}}; }
  Json operator()(const CommandTarget& target) const { return {{"port", target.port}}; }
  Json operator()(const FollowTarget& target) const {
    return {{"follow",
             {{"dir", target.dir},
              {"command", target.command},
              {"pid_file", target.pid_file},
              {"container", target.container},
              {"port", target.port},
              {"text", target.text}}}};
  }
  Json operator()(const UnixTarget& target) const { return {{"unix", target.path}}; }
  Json operator()(const RedirectTarget& target) const { return {{"redirect", target.to}}; }
  Json operator()(const UrlTarget& target) const {
    return {{"scheme", static_cast<int>(target.scheme)},
            {"host", target.host},
            {"port", target.port},
            {"insecure", target.insecure},
            {"ca", target.ca}};
  }
};

Json position_form(const Position& at) {
  return {{"file", at.file}, {"line", at.line}, {"column", at.column}};
}

Json service_json(const Service& service) {
  Json json{{"name", service.name},
            {"target", std::visit(TargetForm{}, service.target)},
            {"at", position_form(service.at)}};
  if (service.tls) json["tls"] = {{"cert", service.tls->cert}, {"key", service.tls->key}};
  return json;
}

Json route_json(const RouteRule& rule) {
  Json json{{"service", rule.service}, {"hosts", rule.hosts},          {"path", rule.path},
            {"own", rule.own},         {"at", position_form(rule.at)}, {"hold", rule.hold.count()}};
  if (!rule.methods.empty()) json["methods"] = rule.methods;
  if (!rule.headers.empty()) json["headers"] = rule.headers;
  if (rule.strip_prefix) json["strip_prefix"] = true;
  if (rule.host_header == HostHeader::upstream) json["host_of_upstream"] = true;
  if (rule.timeout) json["timeout"] = rule.timeout->count();
  return json;
}

Position read_position(const Json& json) {
  return {json.value("file", ""), json.value("line", 0U), json.value("column", 0U)};
}

std::uint16_t read_port(const Json& json) {
  return json.at("port").get<std::uint16_t>();
}

Target read_target(const Json& json) {
  if (json.contains("unix")) return UnixTarget{json.at("unix").get<std::string>()};
  if (json.contains("redirect")) return RedirectTarget{json.at("redirect").get<std::string>()};
  if (json.contains("follow")) {
    const Json& rule = json.at("follow");
    FollowTarget target;
    target.dir = rule.value("dir", "");
    target.command = rule.value("command", "");
    target.pid_file = rule.value("pid_file", "");
    target.container = rule.value("container", "");
    target.port = rule.value("port", std::uint16_t{0});
    target.text = rule.value("text", "");
    return target;
  }
  if (!json.contains("scheme")) return PortTarget{read_port(json)};
  const int scheme = json.at("scheme").get<int>();
  return UrlTarget{scheme == static_cast<int>(UrlScheme::https) ? UrlScheme::https
                   : scheme == static_cast<int>(UrlScheme::h2c) ? UrlScheme::h2c
                                                                : UrlScheme::http,
                   json.at("host").get<std::string>(), read_port(json),
                   json.value("insecure", false), json.value("ca", "")};
}

Service read_service(const Json& json) {
  Service service{json.at("name").get<std::string>(), read_target(json.at("target")), std::nullopt,
                  read_position(json.at("at"))};
  if (json.contains("tls")) {
    service.tls = CertificateFiles{json.at("tls").at("cert").get<std::string>(),
                                   json.at("tls").at("key").get<std::string>(), service.at};
  }
  return service;
}

RouteRule read_route(const Json& json) {
  RouteRule rule;
  rule.service = json.at("service").get<std::string>();
  rule.hosts = json.at("hosts").get<std::vector<std::string>>();
  rule.path = json.at("path").get<std::string>();
  rule.own = json.value("own", false);
  rule.at = read_position(json.at("at"));
  rule.hold = Milliseconds(json.at("hold").get<std::int64_t>());
  if (json.contains("methods")) rule.methods = json["methods"].get<std::vector<std::string>>();
  if (json.contains("headers"))
    rule.headers = json["headers"].get<std::vector<std::pair<std::string, std::string>>>();
  rule.strip_prefix = json.value("strip_prefix", false);
  if (json.value("host_of_upstream", false)) rule.host_header = HostHeader::upstream;
  if (json.contains("timeout")) rule.timeout = Milliseconds(json["timeout"].get<std::int64_t>());
  return rule;
}

TcpPort read_tcp(const Json& json) {
  return {read_port(json), json.at("service").get<std::string>(),
          Milliseconds(json.at("hold").get<std::int64_t>()), read_position(json.at("at"))};
}

/// What a RouteTable takes for granted.
bool is_whole(const Config& config) {
  std::unordered_set<std::string_view> names;
  for (const Service& service : config.services) {
    if (!names.insert(service.name).second) return false;
  }
  for (const RouteRule& rule : config.routes) {
    if (!names.contains(rule.service) || rule.hosts.empty() || !rule.path.starts_with('/'))
      return false;
  }
  for (const TcpPort& tcp : config.tcp) {
    if (!names.contains(tcp.service) || tcp.port == 0) return false;
  }
  return !config.project.empty();
}

}  // namespace

std::string project_form(const Config& config) {
  Json json;
  json["project"] = config.project;
  json["file"] = config.file;
  json["services"] = Json::array();
  for (const Service& service : config.services) json["services"].push_back(service_json(service));
  json["routes"] = Json::array();
  for (const RouteRule& rule : config.routes) json["routes"].push_back(route_json(rule));
  json["tcp"] = Json::array();
  for (const TcpPort& tcp : config.tcp) {
    json["tcp"].push_back(Json{{"port", tcp.port},
                               {"service", tcp.service},
                               {"hold", tcp.hold.count()},
                               {"at", position_form(tcp.at)}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Config> read_project(std::string_view text) {
  // The one place where this library's exceptions are let happen: a form of this depth is read far
  // more plainly with at() than by asking for each member.
  try {
    const Json json = Json::parse(text);
    Config config;
    config.project = json.at("project").get<std::string>();
    config.file = json.at("file").get<std::string>();
    for (const Json& entry : json.at("services")) config.services.push_back(read_service(entry));
    for (const Json& entry : json.at("routes")) config.routes.push_back(read_route(entry));
    for (const Json& entry : json.at("tcp")) config.tcp.push_back(read_tcp(entry));
    if (is_whole(config)) return config;
  } catch (const Json::exception&) {
  }
  return fail(
      Code::invalid, Source::client,
      "what another devproxy told of its project cannot be read; it may be another version");
}

std::string move_form(const Move& move) {
  Json json{{"target", std::visit(TargetForm{}, move.target)}};
  if (move.place) {
    json["place"] = {{"port", move.place->port},
                     {"ipv4", move.place->ipv4},
                     {"ipv6", move.place->ipv6},
                     {"ipv6_first", move.place->ipv6_first}};
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<Move> read_move(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    Move move{read_target(json.at("target")), std::nullopt};
    if (json.contains("place")) {
      const Json& place = json["place"];
      move.place = LoopbackPlace{read_port(place), place.at("ipv4").get<bool>(),
                                 place.at("ipv6").get<bool>(), place.at("ipv6_first").get<bool>()};
    }
    return move;
  } catch (const Json::exception&) {
  }
  return fail(Code::invalid, Source::client, "where a service was found cannot be read");
}

}  // namespace devproxy
