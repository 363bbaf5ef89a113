// The router as product.md says it, without any thought of speed: every route is asked, the best is
// kept. What the property tests compare RouteTable with.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#include "router/route_table.h"

namespace devproxy::reference {

/// How exact a host pattern is for a host: (0) not at all, (1) "*", (2 + length) a wildcard suffix,
/// (max) the host itself.
inline std::size_t host_rank(const std::string& pattern, std::string_view host) {
  if (pattern == host) return SIZE_MAX;
  if (pattern == "*") return 1;
  if (!pattern.starts_with("*.")) return 0;
  const std::string suffix = pattern.substr(1);
  return host.size() > suffix.size() && host.ends_with(suffix) ? 2 + suffix.size() : 0;
}

inline bool path_matches(const std::string& prefix, std::string_view path) {
  const std::string below = prefix == "/" ? prefix : prefix + "/";
  return path == prefix || path.substr(0, below.size()) == below;
}

inline bool conditions_match(const RouteRule& rule, const Lookup& lookup) {
  bool method = rule.methods.empty();
  for (const std::string& allowed : rule.methods) method = method || allowed == lookup.method;
  bool headers = true;
  for (const auto& [name, value] : rule.headers) {
    const auto sent = lookup.fields == nullptr ? std::nullopt : lookup.fields->field(name, 0);
    headers = headers && sent.has_value() && *sent == value;
  }
  return method && headers;
}

/// The index of the winning route in `config.routes`.
inline std::optional<std::size_t> match(const Config& config, const Lookup& lookup) {
  using Merit = std::tuple<std::size_t, std::size_t, std::size_t>;
  std::optional<std::size_t> best;
  Merit best_merit;
  for (std::size_t i = 0; i < config.routes.size(); ++i) {
    const RouteRule& rule = config.routes[i];
    std::size_t rank = 0;
    for (const std::string& pattern : rule.hosts) {
      rank = std::max(rank, host_rank(pattern, lookup.host));
    }
    if (rank == 0 || !path_matches(rule.path, lookup.path) || !conditions_match(rule, lookup)) {
      continue;
    }
    const std::size_t conditions = (rule.methods.empty() ? 0 : 1) + rule.headers.size();
    const Merit merit{rank, rule.path.size(), conditions};
    if (!best || merit > best_merit) {
      best = i;
      best_merit = merit;
    }
  }
  return best;
}

inline bool knows_host(const Config& config, std::string_view host) {
  for (const RouteRule& rule : config.routes) {
    for (const std::string& pattern : rule.hosts) {
      if (pattern != "*" && host_rank(pattern, host) > 0) return true;
    }
  }
  return false;
}

}  // namespace devproxy::reference
