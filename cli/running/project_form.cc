#include "cli/running/project_form.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <variant>

#include "base/json.h"

namespace devproxy {
namespace {

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

/// Whoever reads it works in another folder.
Json position_form(const Position& at) {
  std::error_code gone;
  const auto file = at.line == 0 ? std::filesystem::path(at.file)
                                 : std::filesystem::absolute(at.file, gone).lexically_normal();
  return {{"file", gone ? at.file : file.string()}, {"line", at.line}, {"column", at.column}};
}

Json certificate_form(const CertificateFiles& files) {
  return {{"cert", files.cert}, {"key", files.key}, {"at", position_form(files.at)}};
}

Json service_json(const Service& service) {
  Json json{{"name", service.name},
            {"target", std::visit(TargetForm{}, service.target)},
            {"at", position_form(service.at)}};
  if (service.tls) json["tls"] = certificate_form(*service.tls);
  if (service.left_out) json["left_out"] = true;
  return json;
}

Json when_json(const ServiceWhen& when) {
  Json json{{"in", static_cast<int>(when.in)},
            {"name", when.name},
            {"service", when.service},
            {"at", position_form(when.at)}};
  if (when.value) json["value"] = *when.value;
  if (when.host_header) json["host_of_upstream"] = *when.host_header == HostHeader::upstream;
  return json;
}

Json route_json(const RouteRule& rule) {
  Json json{{"service", rule.service}, {"hosts", rule.hosts},          {"path", rule.path},
            {"own", rule.own},         {"at", position_form(rule.at)}, {"hold", rule.hold.count()}};
  if (!rule.methods.empty()) json["methods"] = rule.methods;
  if (!rule.headers.empty()) json["headers"] = rule.headers;
  for (const ServiceWhen& when : rule.service_when) json["service_when"].push_back(when_json(when));
  if (rule.strip_prefix) json["strip_prefix"] = true;
  if (rule.host_header == HostHeader::upstream) json["host_of_upstream"] = true;
  if (rule.timeout) json["timeout"] = rule.timeout->count();
  return json;
}

Json listen_json(const ListenAddress& listen) {
  Json json{{"host", listen.host},
            {"port", listen.port},
            {"default", listen.is_default},
            {"extra", listen.is_extra},
            {"only", static_cast<int>(listen.only)},
            {"at", position_form(listen.at)}};
  if (listen.tls) json["tls"] = certificate_form(*listen.tls);
  return json;
}

Json settings_json(const ProxySettings& settings) {
  Json json{{"listen", Json::array()},
            {"access_log", static_cast<int>(settings.access_log)},
            {"expose", settings.expose},
            {"trusted_proxies", settings.trusted_proxies},
            {"domains", settings.domains},
            {"https", static_cast<int>(settings.https)},
            {"remove_hsts", settings.remove_hsts},
            {"dns", settings.dns}};
  for (const ListenAddress& listen : settings.listen) json["listen"].push_back(listen_json(listen));
  if (settings.tls) json["tls"] = certificate_form(*settings.tls);
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

/// An enumeration of which `last` is the last value.
template <class T>
T read_choice(const Json& json, const char* name, T last) {
  const int value = json.at(name).get<int>();
  return value < 0 || value > static_cast<int>(last) ? T() : static_cast<T>(value);
}

CertificateFiles read_certificate(const Json& json) {
  return {json.at("cert").get<std::string>(), json.at("key").get<std::string>(),
          read_position(json.at("at"))};
}

ListenAddress read_listen(const Json& json) {
  ListenAddress listen;
  listen.host = json.at("host").get<std::string>();
  listen.port = read_port(json);
  listen.is_default = json.at("default").get<bool>();
  listen.is_extra = json.at("extra").get<bool>();
  listen.only = read_choice(json, "only", ListenOnly::plain);
  listen.at = read_position(json.at("at"));
  if (json.contains("tls")) listen.tls = read_certificate(json["tls"]);
  return listen;
}

ProxySettings read_settings(const Json& json) {
  ProxySettings settings;
  for (const Json& entry : json.at("listen")) settings.listen.push_back(read_listen(entry));
  settings.access_log = read_choice(json, "access_log", AccessLogMode::full);
  settings.expose = json.at("expose").get<bool>();
  settings.trusted_proxies = json.at("trusted_proxies").get<std::vector<std::string>>();
  settings.domains = json.at("domains").get<std::vector<std::string>>();
  settings.https = read_choice(json, "https", HttpsMode::redirect);
  settings.remove_hsts = json.at("remove_hsts").get<bool>();
  settings.dns = json.at("dns").get<std::uint16_t>();
  if (json.contains("tls")) settings.tls = read_certificate(json["tls"]);
  return settings;
}

Service read_service(const Json& json) {
  Service service{json.at("name").get<std::string>(), read_target(json.at("target")), std::nullopt,
                  read_position(json.at("at"))};
  if (json.contains("tls")) service.tls = read_certificate(json["tls"]);
  service.left_out = json.value("left_out", false);
  return service;
}

ServiceWhen read_when(const Json& json) {
  ServiceWhen when;
  when.in = read_choice(json, "in", WhenIn::query);
  when.name = json.at("name").get<std::string>();
  when.service = json.at("service").get<std::string>();
  when.at = read_position(json.at("at"));
  if (json.contains("value")) when.value = json["value"].get<std::string>();
  if (json.contains("host_of_upstream")) {
    when.host_header =
        json["host_of_upstream"].get<bool>() ? HostHeader::upstream : HostHeader::preserve;
  }
  return when;
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
  if (json.contains("service_when")) {
    for (const Json& entry : json["service_when"]) rule.service_when.push_back(read_when(entry));
  }
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
    const bool has_hosts =
        !rule.hosts.empty() && std::none_of(rule.hosts.begin(), rule.hosts.end(),
                                            [](const std::string& host) { return host.empty(); });
    if (!names.contains(rule.service) || !has_hosts || !rule.path.starts_with('/')) return false;
    for (const ServiceWhen& when : rule.service_when) {
      if (!names.contains(when.service)) return false;
    }
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
  json["root"] = config.root;
  // For who falls back to whom: a checkout whose hosts are those of the main one is no other.
  json["worktree"] = {{"label", config.worktree.renames() ? config.worktree.label : ""},
                      {"family", config.worktree.family}};
  json["proxy"] = settings_json(config.proxy);
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
  return json_line(json);
}

Result<Config> read_project(std::string_view text) {
  // The one place where this library's exceptions are let happen: a form of this depth is read far
  // more plainly with at() than by asking for each member.
  try {
    const Json json = parse_json(text);
    Config config;
    config.project = json.at("project").get<std::string>();
    config.file = json.at("file").get<std::string>();
    config.root = json.at("root").get<std::string>();
    if (json.contains("worktree")) {
      config.worktree.label = json["worktree"].value("label", "");
      config.worktree.family = json["worktree"].value("family", "");
    }
    config.proxy = read_settings(json.at("proxy"));
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
  return json_line(json);
}

std::string fallbacks_form(const std::vector<Fallback>& fallbacks) {
  Json list = Json::array();
  for (const Fallback& each : fallbacks) {
    list.push_back({{"service", each.service},
                    {"of", each.of},
                    {"target", std::visit(TargetForm{}, each.target)}});
  }
  return json_line(list);
}

std::vector<Fallback> read_fallbacks(std::string_view text) {
  std::vector<Fallback> fallbacks;
  try {
    for (const Json& each : parse_json(text)) {
      fallbacks.push_back({each.at("service").get<std::string>(), each.at("of").get<std::string>(),
                           read_target(each.at("target"))});
    }
  } catch (const Json::exception&) {
  }
  return fallbacks;
}

Result<Move> read_move(std::string_view text) {
  try {
    const Json json = parse_json(text);
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
