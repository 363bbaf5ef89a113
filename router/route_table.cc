#include "router/route_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "router/path.h"
#include "router/route_index.h"

namespace devproxy {
namespace {

/// Between routes of one host and one path.
bool beats(const Route& a, const Route& b) {
  const std::size_t conditions_a = condition_count(a.rule);
  const std::size_t conditions_b = condition_count(b.rule);
  return conditions_a != conditions_b ? conditions_a > conditions_b : a.order < b.order;
}

/// A path prefix with '/' at its end ("/api/", "/"), so that one comparison of text also minds
/// segments.
std::string_view without_slash(std::string_view key) {
  return key.size() == 1 ? key : key.substr(0, key.size() - 1);
}

bool covers(std::string_view key, std::string_view path) {
  if (key.size() > path.size()) return key.size() == path.size() + 1 && without_slash(key) == path;
  return path.starts_with(key);
}

/// The order of `key` and `path + "/"`.
bool is_after(std::string_view key, std::string_view path) {
  const int order = key.substr(0, path.size()).compare(path.substr(0, key.size()));
  if (order != 0 || key.size() <= path.size()) return order > 0;
  return key.substr(path.size()) > std::string_view("/");
}

/// "Cookie, x-branch"
std::string vary_of(const RouteRule& rule) {
  std::vector<std::string_view> names;
  for (const ServiceWhen& when : rule.service_when) {
    if (when.in == WhenIn::query) continue;
    const std::string_view name =
        when.in == WhenIn::cookie ? "Cookie" : std::string_view(when.name);
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

}  // namespace

std::size_t condition_count(const RouteRule& rule) {
  return (rule.methods.empty() ? 0U : 1U) + rule.headers.size();
}

Verdict judge_conditions(const RouteRule& rule, const Lookup& lookup) {
  if (!rule.methods.empty() &&
      std::find(rule.methods.begin(), rule.methods.end(), lookup.method) == rule.methods.end()) {
    return {Obstacle::method, 0};
  }
  for (std::size_t i = 0; i < rule.headers.size(); ++i) {
    const auto& [name, value] = rule.headers[i];
    if (lookup.fields == nullptr || lookup.fields->field(name, 0) != value)
      return {Obstacle::header, i};
  }
  return {};
}

Verdict judge(const RouteRule& rule, const Lookup& lookup) {
  if (!path_has_prefix(lookup.path, rule.path)) return {Obstacle::path, 0};
  return judge_conditions(rule, lookup);
}

RouteTable::RouteTable() : index_(std::make_unique<Index>()) {}
RouteTable::~RouteTable() = default;

// ---- Building ----------------------------------------------------------------------------------

std::shared_ptr<const RouteTable> RouteTable::build(const Config& config) {
  std::shared_ptr<RouteTable> table(new RouteTable);
  table->index_->add_routes(config);
  table->index_->add_hosts();
  return table;
}

void RouteTable::Index::add_routes(const Config& config) {
  services = config.services;
  NameIndex<std::uint32_t> numbers(services.size());
  for (std::uint32_t i = 0; i < services.size(); ++i) numbers.insert(services[i].name) = i;

  routes.reserve(config.routes.size());
  for (const RouteRule& rule : config.routes) {
    const std::uint32_t* service = numbers.find(rule.service);
    const bool is_known =
        service != nullptr &&
        std::all_of(rule.service_when.begin(), rule.service_when.end(),
                    [&](const ServiceWhen& when) { return numbers.find(when.service) != nullptr; });
    assert(is_known && "check() lets no unknown service pass");
    if (!is_known) continue;
    Route& route = routes.emplace_back();
    route.rule = rule;
    route.service = *service;
    route.order = routes.size() - 1;
    for (const ServiceWhen& when : rule.service_when)
      route.services_when.push_back(*numbers.find(when.service));
    route.vary = vary_of(rule);
  }
}

void RouteTable::Index::add_hosts() {
  std::vector<Claim> claims = make_claims();
  std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) {
    if (a.number != b.number) return a.number < b.number;
    if (const int order = a.key.compare(b.key); order != 0) return order < 0;
    return beats(*a.route, *b.route);
  });
  index_hosts(claims);
}

std::vector<RouteTable::Index::Claim> RouteTable::Index::make_claims() {
  std::size_t size = 0;
  std::size_t count = 0;
  for (const Route& route : routes) {
    for (const std::string& pattern : route.rule.hosts) {
      size += pattern.size() + route.rule.path.size() + 1;
      ++count;
    }
  }
  // Exactly, since views of it are kept.
  text.reserve(size);
  const auto keep = [this](std::string_view part, std::string_view end = {}) {
    const std::size_t begin = text.size();
    text.append(part).append(end);
    return std::string_view(text).substr(begin);
  };

  std::vector<Claim> claims;
  claims.reserve(count);
  NameIndex<std::uint32_t> numbers(count);
  std::uint32_t last = 0;
  for (const Route& route : routes) {
    for (const std::string& host : route.rule.hosts) {
      const std::string_view pattern = keep(host);
      const std::string_view key = keep(route.rule.path, route.rule.path == "/" ? "" : "/");
      std::uint32_t& number = numbers.insert(pattern);
      if (number == 0) number = ++last;
      claims.push_back({number, pattern, key, &route});
    }
  }
  return claims;
}

void RouteTable::Index::index_hosts(const std::vector<Claim>& claims) {
  std::size_t exact_count = 0;
  std::size_t wildcard_count = 0;
  std::uint32_t number = 0;
  for (const Claim& claim : claims) {
    if (claim.number != number) ++(claim.pattern[0] == '*' ? wildcard_count : exact_count);
    number = claim.number;
  }
  exact = NameIndex<Range>(exact_count);
  suffixes = NameIndex<Range>(wildcard_count);
  candidates.reserve(claims.size());
  prefixes.reserve(claims.size());

  Range* range = nullptr;
  number = 0;
  for (const Claim& claim : claims) {
    if (claim.number != number) range = &range_of(claim.pattern);
    number = claim.number;
    add_claim(claim, *range);
  }
}

RouteTable::Index::Range& RouteTable::Index::range_of(std::string_view pattern) {
  if (pattern == "*") return any_host;
  return pattern[0] == '*' ? suffixes.insert(pattern.substr(1)) : exact.insert(pattern);
}

void RouteTable::Index::add_claim(const Claim& claim, Range& range) {
  if (range.count == 0) range.first = static_cast<std::uint32_t>(prefixes.size());
  if (range.count == 0 || prefixes.back().text() != claim.key) {
    // Sorted, so every prefix that covers this one is the last one or covers that.
    std::uint32_t shorter =
        range.count == 0 ? nowhere : static_cast<std::uint32_t>(prefixes.size() - 1);
    while (shorter != nowhere && !claim.key.starts_with(prefixes[shorter].text())) {
      shorter = prefixes[shorter].shorter;
    }
    Prefix prefix;
    prefix.key = claim.key.data();
    prefix.key_size = static_cast<std::uint32_t>(claim.key.size());
    prefix.shorter = shorter;
    prefix.best = claim.route;
    prefix.first = static_cast<std::uint32_t>(candidates.size());
    prefix.free = condition_count(claim.route->rule) == 0 ? 1 : 0;
    prefixes.push_back(prefix);
    ++range.count;
  } else if (candidates.back() == claim.route) {
    return;  // a route may name a host twice
  }
  candidates.push_back(claim.route);
  ++prefixes.back().count;
}

// ---- Matching ----------------------------------------------------------------------------------

std::uint32_t RouteTable::Index::longest_prefix(const Range& range, std::string_view path) const {
  // The last prefix that is not after the path begins with every prefix that covers the path.
  std::uint32_t low = range.first;
  std::uint32_t high = range.first + range.count;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (is_after(prefixes[middle].text(), path)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  std::uint32_t at = low == range.first ? nowhere : low - 1;
  while (at != nowhere && !covers(prefixes[at].text(), path)) at = prefixes[at].shorter;
  return at;
}

const Route* RouteTable::Index::first_match(const Prefix& prefix, const Lookup& lookup) const {
  if (prefix.free != 0) return prefix.best;
  for (std::uint32_t i = prefix.first; i < prefix.first + prefix.count; ++i) {
    const RouteRule& rule = candidates[i]->rule;
    if (judge_conditions(rule, lookup).obstacle == Obstacle::none) return candidates[i];
  }
  return nullptr;
}

const Route* RouteTable::match(const Lookup& lookup) const {
  const Index& index = *index_;
  const Route* winner = nullptr;
  index.visit_hosts(lookup.host, [&](const Index::Host& host) {
    std::uint32_t at = index.longest_prefix(host.prefixes, lookup.path);
    for (; at != Index::nowhere && winner == nullptr; at = index.prefixes[at].shorter) {
      winner = index.first_match(index.prefixes[at], lookup);
    }
    return winner != nullptr;
  });
  return winner;
}

bool RouteTable::knows_host(std::string_view host) const {
  bool known = false;
  index_->visit_hosts(host, [&](const Index::Host& named) {
    known = !named.name.empty();
    return true;
  });
  return known;
}

const std::vector<Route>& RouteTable::routes() const {
  return index_->routes;
}
const std::vector<Service>& RouteTable::services() const {
  return index_->services;
}

}  // namespace devproxy
