// RouteTable::explain(): the candidates of match(), in words.
#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <unordered_set>
#include <utility>

#include "base/text.h"
#include "router/path.h"
#include "router/route_index.h"

namespace devproxy {
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
          lookup.fields == nullptr ? std::nullopt : lookup.fields->field(name, 0);
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
