#include "proxy/endpoint.h"

#include <variant>

#include "config/values.h"

namespace devproxy {

namespace {

const char* prefix(UrlScheme scheme) {
  switch (scheme) {
    case UrlScheme::http:
      return "";
    case UrlScheme::https:
      return "https://";
    case UrlScheme::h2c:
      return "h2c://";
  }
  return "";
}

}  // namespace

bool Endpoint::dials_both_loopbacks() const {
  return kind == Kind::loopback || (kind == Kind::name && is_localhost(host));
}

std::string Endpoint::text() const {
  switch (kind) {
    case Kind::loopback:
      return "127.0.0.1:" + std::to_string(port);
    case Kind::name:
      return prefix(scheme) + (host.find(':') == std::string::npos ? host : "[" + host + "]") +
             ":" + std::to_string(port);
    case Kind::unix_socket:
      return "unix:" + host;
    case Kind::followed:
      return "nowhere (follow " + whom + ")";
  }
  return {};
}

std::string Endpoint::key() const {
  if (kind == Kind::followed) return "follow " + host;
  // A port is both families, the literal address is that one alone: the same text, not the same.
  return (kind == Kind::loopback ? "port " : "") + text() + (insecure ? " insecure " : " ") + ca;
}

std::string Endpoint::authority() const {
  if (kind == Kind::unix_socket || kind == Kind::followed) return "localhost";
  if (kind == Kind::loopback) return "localhost:" + std::to_string(port);
  const std::string name = host.find(':') == std::string::npos ? host : "[" + host + "]";
  return port == (scheme == UrlScheme::https ? 443 : 80) ? name : name + ":" + std::to_string(port);
}

Endpoint endpoint_of(const Target& target) {
  if (const auto* port = std::get_if<PortTarget>(&target))
    return {Endpoint::Kind::loopback, {}, port->port, UrlScheme::http, false, {}, {}};
  if (const auto* url = std::get_if<UrlTarget>(&target))
    return {Endpoint::Kind::name, url->host, url->port, url->scheme, url->insecure, url->ca, {}};
  if (const auto* socket = std::get_if<UnixTarget>(&target))
    return {Endpoint::Kind::unix_socket, socket->path, 0, UrlScheme::http, false, {}, {}};
  if (const auto* command = std::get_if<CommandTarget>(&target))
    return {Endpoint::Kind::loopback, {}, command->port, UrlScheme::http, false, {}, {}};
  if (const auto* follow = std::get_if<FollowTarget>(&target)) {
    std::string rule;
    for (const std::string* part :
         {&follow->dir, &follow->command, &follow->pid_file, &follow->container})
      rule.append(*part).push_back('\n');
    rule.append(std::to_string(follow->port));
    return {Endpoint::Kind::followed, rule, 0, UrlScheme::http, false, {}, follow->text};
  }
  return {};
}

}  // namespace devproxy
