#include "router/route_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "router/name_index.h"
#include "router/path.h"

namespace devproxy {
namespace {

constexpr std::uint32_t nowhere = UINT32_MAX;

/// Why a route does not take a request whose host matches.
enum class Obstacle { none, path, method, header };

struct Verdict {
  Obstacle obstacle = Obstacle::none;
  std::size_t header = 0;  ///< which condition, for Obstacle::header
};

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
    if (lookup.fields == nullptr || lookup.fields->field(name) != value)
      return {Obstacle::header, i};
  }
  return {};
}

Verdict judge(const RouteRule& rule, const Lookup& lookup) {
  if (!path_has_prefix(lookup.path, rule.path)) return {Obstacle::path, 0};
  return judge_conditions(rule, lookup);
}

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

}  // namespace

/// The prefixes of a host stand together, sorted as text, and each knows the next shorter one that
/// covers the same paths: a lookup is one probe for the host, one binary search among its prefixes
/// and a walk up. What it reads is packed, since with ten thousand hosts every line of it is cold.
struct RouteTable::Index {
  struct Prefix {
    const char* key = nullptr;
    std::uint32_t key_size = 0;
    std::uint32_t shorter =
        nowhere;                  ///< the longest other prefix of this host that covers this one
    const Route* best = nullptr;  ///< candidates[first]
    std::uint32_t first = 0;      ///< into candidates: most conditions first, then file order
    std::uint32_t count : 31 = 0;
    std::uint32_t free : 1 = 0;  ///< the best has no conditions: it need not be read

    std::string_view text() const { return {key, key_size}; }
  };
  struct Range {
    std::uint32_t first = 0;  ///< into prefixes
    std::uint32_t count = 0;
  };
  /// A host pattern as a walk meets it.
  struct Host {
    std::string_view star;  ///< "*" or ""
    std::string_view name;  ///< "a.b", ".a.b" after a star, "" for all hosts
    Range prefixes;
  };
  /// What the prefixes are made from: one host of one route.
  struct Claim {
    std::uint32_t number = 0;  ///< of the pattern, in the order of the file
    std::string_view pattern;
    std::string_view key;
    const Route* route = nullptr;
  };

  std::vector<Service> services;
  std::vector<Route> routes;
  std::string text;  ///< host patterns and prefix keys, those of one route together
  std::vector<Prefix> prefixes;
  std::vector<const Route*> candidates;
  NameIndex<Range> exact;
  NameIndex<Range> suffixes;  ///< of wildcards, with their first dot: ".a.b"
  Range any_host;

  void add_routes(const Config& config);
  void add_hosts();
  std::vector<Claim> make_claims();
  void index_hosts(const std::vector<Claim>& claims);
  Range& range_of(std::string_view pattern);
  void add_claim(const Claim& claim, Range& range);

  /// Calls `visit(const Host&)` for the patterns that match `host`, best first, until it returns
  /// true.
  template <class Visit>
  void visit_hosts(std::string_view host, Visit visit) const;
  /// The longest prefix in `range` that covers `path`, or nowhere.
  std::uint32_t longest_prefix(const Range& range, std::string_view path) const;
  const Route* first_match(const Prefix& prefix, const Lookup& lookup) const;
  std::vector<const Route*> ranked(const Range& range) const;
};

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
    assert(service != nullptr && "check() lets no unknown service pass");
    if (service == nullptr) continue;
    Route& route = routes.emplace_back();
    route.rule = rule;
    route.service = *service;
    route.order = routes.size() - 1;
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

template <class Visit>
void RouteTable::Index::visit_hosts(std::string_view host, Visit visit) const {
  const Range* const same = exact.find(host);
  if (same != nullptr && visit(Host{"", host, *same})) return;

  if (const std::size_t longest = suffixes.longest(); longest > 0) {
    // At least one octet stands for the star, and no suffix is longer than the longest.
    std::size_t dot = host.size() > longest ? host.size() - longest : 1;
    while ((dot = host.find('.', dot)) != std::string_view::npos) {
      const std::string_view suffix = host.substr(dot);
      const Range* const wildcard = suffixes.find(suffix);
      if (wildcard != nullptr && visit(Host{"*", suffix, *wildcard})) return;
      ++dot;
    }
  }
  if (any_host.count > 0) visit(Host{"*", "", any_host});
}

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
    for (; at != nowhere && winner == nullptr; at = index.prefixes[at].shorter) {
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

// ---- Explaining --------------------------------------------------------------------------------

namespace {

std::string place(const Position& at) {
  return at.line == 0 ? std::string("another route")
                      : fmt::format("the route at {}:{}", at.file, at.line);
}

std::string why_not(const Verdict& verdict, const RouteRule& rule, const Lookup& lookup) {
  switch (verdict.obstacle) {
    case Obstacle::none:
      return "matches";
    case Obstacle::path:
      return fmt::format("path {} is not below {}", escape(lookup.path), escape(rule.path));
    case Obstacle::method:
      return fmt::format("method {} is not {}", escape(lookup.method),
                         escape(fmt::format("{}", fmt::join(rule.methods, ", "))));
    case Obstacle::header: {
      const auto& [name, value] = rule.headers[verdict.header];
      const std::optional<std::string_view> sent =
          lookup.fields == nullptr ? std::nullopt : lookup.fields->field(name);
      return sent ? fmt::format("header {} is \"{}\", not \"{}\"", name, escape(*sent),
                                escape(value))
                  : fmt::format("header {} is missing, \"{}\" is asked for", name, escape(value));
    }
  }
  return {};
}

/// Which rule of precedence put `winner` before `loser`, both of which would take the request.
std::string why_beaten(const Candidate& winner, const Candidate& loser) {
  const RouteRule& best = winner.route->rule;
  const RouteRule& other = loser.route->rule;
  if (winner.host != loser.host) {
    return fmt::format("{} is more exact than {}", winner.host, loser.host);
  }
  if (best.path != other.path)
    return fmt::format("path {} is longer than {}", best.path, other.path);
  if (condition_count(best) != condition_count(other)) {
    return fmt::format("{} has more conditions", place(best.at));
  }
  return fmt::format("{} stands earlier", place(best.at));
}

}  // namespace

std::vector<const Route*> RouteTable::Index::ranked(const Range& range) const {
  std::vector<std::uint32_t> order(range.count);
  std::iota(order.begin(), order.end(), range.first);
  std::stable_sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
    return prefixes[a].key_size > prefixes[b].key_size;
  });
  std::vector<const Route*> best_first;
  for (const std::uint32_t at : order) {
    const auto begin = candidates.begin() + prefixes[at].first;
    best_first.insert(best_first.end(), begin, begin + prefixes[at].count);
  }
  return best_first;
}

std::vector<Candidate> RouteTable::explain(const Lookup& lookup) const {
  std::vector<Candidate> all;
  std::unordered_set<const Route*> seen;
  std::optional<std::size_t> winner;
  index_->visit_hosts(lookup.host, [&](const Index::Host& host) {
    for (const Route* route : index_->ranked(host.prefixes)) {
      // A route that names several patterns stands under the best of them.
      if (!seen.insert(route).second) continue;
      Candidate candidate{route, std::string(host.star).append(host.name), false, {}};
      const Verdict verdict = judge(route->rule, lookup);
      candidate.matched = verdict.obstacle == Obstacle::none && !winner;
      candidate.reason = verdict.obstacle == Obstacle::none && winner
                             ? why_beaten(all[*winner], candidate)
                             : why_not(verdict, route->rule, lookup);
      if (candidate.matched) winner = all.size();
      all.push_back(std::move(candidate));
    }
    return false;
  });
  return all;
}

}  // namespace devproxy
