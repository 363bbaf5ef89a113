// What a RouteTable is made of, for router/ alone: the index that match() and explain() walk, and
// the verdict on one candidate. Immutable once built, shared by any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "router/name_index.h"
#include "router/route_table.h"

namespace devproxy {

/// Why a route does not take a request whose host matches.
enum class Obstacle { none, path, method, header };

struct Verdict {
  Obstacle obstacle = Obstacle::none;
  std::size_t header = 0;  ///< which condition, for Obstacle::header
};

/// How many conditions a route has besides host and path: methods are one, each header is one.
std::size_t condition_count(const RouteRule& rule);
Verdict judge_conditions(const RouteRule& rule, const Lookup& lookup);
/// The path too.
Verdict judge(const RouteRule& rule, const Lookup& lookup);

/// The prefixes of a host stand together, sorted as text, and each knows the next shorter one that
/// covers the same paths: a lookup is one probe for the host, one binary search among its prefixes
/// and a walk up. What it reads is packed, since with ten thousand hosts every line of it is cold.
struct RouteTable::Index {
  static constexpr std::uint32_t nowhere = UINT32_MAX;

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

}  // namespace devproxy
