#include "services/launch.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

#include "base/text.h"
#include "config/placeholders.h"
#include "config/values.h"
#include "services/run_mark.h"

namespace devproxy {
namespace {

using Variables = std::map<std::string, std::string>;

const Service* find_service(const Config& config, std::string_view name) {
  const auto found = std::find_if(config.services.begin(), config.services.end(),
                                  [name](const Service& service) { return service.name == name; });
  return found == config.services.end() ? nullptr : &*found;
}

std::string port_text(const Service* service) {
  const auto port = service == nullptr ? std::nullopt : direct_port(service->target);
  return port ? std::to_string(*port) : "";
}

std::string value_of(std::string_view placeholder, const Service& service,
                     const LaunchScene& scene) {
  if (placeholder == "port") return port_text(&service);
  if (placeholder == "url") return scene.public_url(service.name);
  if (placeholder == "project") return scene.config.project;
  if (placeholder == "service") return service.name;
  if (placeholder == "worktree") return scene.worktree;
  return port_text(find_service(scene.config, service_of_placeholder(placeholder)));
}

/// Vite refuses hosts that it was not told of; those below .localhost it knows.
std::string hosts_for_vite(const Service& service, const Config& config) {
  std::string hosts;
  for (const RouteRule& rule : config.routes) {
    if (rule.service != service.name) continue;
    for (const std::string& host : rule.hosts) {
      if (host == "*" || host == "localhost" || host.ends_with(".localhost")) continue;
      const std::string entry = host.starts_with("*.") ? host.substr(1) : host;
      if (("," + hosts + ",").find("," + entry + ",") != std::string::npos) continue;
      hosts += (hosts.empty() ? "" : ",") + entry;
    }
  }
  return hosts;
}

void set_peers(Variables& variables, const Service& service, const LaunchScene& scene) {
  for (const Service& peer : scene.config.services) {
    if (peer.name == service.name) continue;
    const std::string prefix = variable_prefix(peer.name);
    if (const auto port = direct_port(peer.target))
      variables[prefix + "_PORT"] = std::to_string(*port);
    if (const std::string url = direct_url(peer.target); !url.empty())
      variables[prefix + "_URL"] = url;
    if (const std::string url = scene.public_url(peer.name); !url.empty())
      variables[prefix + "_PUBLIC_URL"] = url;
  }
}

}  // namespace

std::string variable_prefix(std::string_view service) {
  std::string prefix;
  for (const char c : service)
    prefix += c == '-' ? '_' : c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return prefix;
}

std::optional<std::uint16_t> direct_port(const Target& target) {
  if (const auto* port = std::get_if<PortTarget>(&target)) return port->port;
  if (const auto* url = std::get_if<UrlTarget>(&target)) return url->port;
  if (const auto* command = std::get_if<CommandTarget>(&target)) return command->port;
  return std::nullopt;
}

std::string direct_url(const Target& target) {
  if (const auto* url = std::get_if<UrlTarget>(&target)) {
    const bool ipv6 = url->host.find(':') != std::string::npos;
    const std::string host = ipv6 ? fmt::format("[{}]", url->host) : url->host;
    const std::string_view scheme = url->scheme == UrlScheme::https ? "https" : "http";
    return url->port == default_port(url->scheme)
               ? fmt::format("{}://{}", scheme, host)
               : fmt::format("{}://{}:{}", scheme, host, url->port);
  }
  const auto port = direct_port(target);
  return port ? fmt::format("http://127.0.0.1:{}", *port) : "";
}

Launch make_launch(const Service& service, const CommandTarget& command, const LaunchScene& scene) {
  const auto fill = [&](const std::string& text) {
    return fill_placeholders(text,
                             [&](std::string_view name) { return value_of(name, service, scene); });
  };
  Launch launch;
  launch.dir = command.dir;
  for (const std::string& word : command.words) launch.words.push_back(fill(word));
  if (const auto adaptation = adapt(command, scene.read_script)) {
    for (const std::string& word : adaptation->words) {
      if (command.shell) {
        launch.words.front() += " " + fill(word);
      } else {
        launch.words.push_back(fill(word));
      }
    }
  }
  if (command.shell) launch.words.insert(launch.words.begin(), {"/bin/sh", "-c"});
  for (const auto& [name, value] : command.env) launch.variables.emplace_back(name, fill(value));
  return launch;
}

std::vector<std::string> make_environment(const Service& service, const Launch& launch,
                                          const LaunchScene& scene) {
  Variables variables;
  for (const std::string& entry : scene.environment) {
    const std::size_t sign = entry.find('=', 1);
    if (sign != std::string::npos) variables[entry.substr(0, sign)] = entry.substr(sign + 1);
  }
  // What the user's shell says about certificates was said on purpose.
  if (!scene.ca.empty()) variables.try_emplace("NODE_EXTRA_CA_CERTS", scene.ca);
  set_peers(variables, service, scene);
  if (const std::string hosts = hosts_for_vite(service, scene.config); !hosts.empty())
    variables["__VITE_ADDITIONAL_SERVER_ALLOWED_HOSTS"] = hosts;
  variables["PORT"] = port_text(&service);
  variables["HOST"] = "127.0.0.1";
  if (const std::string url = scene.public_url(service.name); !url.empty())
    variables["DEVPROXY_URL"] = url;
  variables["DEVPROXY_SERVICE"] = service.name;
  for (const auto& [name, value] : launch.variables) variables[name] = value;
  variables[std::string(run_mark_variable)] = run_mark(scene.run, service.name);

  std::vector<std::string> environment;
  environment.reserve(variables.size());
  for (const auto& [name, value] : variables)
    environment.push_back(fmt::format("{}={}", name, value));
  return environment;
}

}  // namespace devproxy
