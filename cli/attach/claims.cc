#include "cli/attach/claims.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

namespace devproxy {
namespace {

std::string shown(const RouteRule& rule, const std::string& host) {
  return rule.path == "/" ? host : host + rule.path;
}

}  // namespace

std::string place_text(const Position& at) {
  return at.line == 0 ? at.file : fmt::format("{}:{}", at.file, at.line);
}

std::string claim_key(const RouteRule& rule, const std::string& host) {
  auto methods = rule.methods;
  auto headers = rule.headers;
  std::sort(methods.begin(), methods.end());
  std::sort(headers.begin(), headers.end());
  std::string key = host + rule.path;
  for (const std::string& method : methods) key += " " + method;
  for (const auto& [name, value] : headers) key += fmt::format(" {}: {}", name, value);
  return key;
}

std::optional<Claim> common_claim(const Config& first, const Config& second) {
  std::unordered_map<std::string, const RouteRule*> claimed;
  for (const RouteRule& rule : first.routes) {
    for (const std::string& host : rule.hosts) claimed.emplace(claim_key(rule, host), &rule);
  }
  for (const RouteRule& rule : second.routes) {
    for (const std::string& host : rule.hosts) {
      const auto found = claimed.find(claim_key(rule, host));
      if (found != claimed.end()) return Claim{shown(rule, host), found->second->at, rule.at};
    }
  }
  for (const TcpPort& tcp : second.tcp) {
    const auto found = std::find_if(first.tcp.begin(), first.tcp.end(),
                                    [&](const TcpPort& other) { return other.port == tcp.port; });
    if (found != first.tcp.end())
      return Claim{fmt::format("TCP port {}", tcp.port), found->at, tcp.at};
  }
  return std::nullopt;
}

}  // namespace devproxy
