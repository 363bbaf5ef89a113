#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "config/check.h"
#include "config/values.h"

namespace devproxy {
namespace {

using Conditions = std::vector<std::pair<std::string, std::string>>;

/// Routes with the same key are told apart by their methods alone.
struct GroupKey {
  std::string_view host;
  std::string_view path;
  const Conditions* headers;  ///< sorted

  bool operator==(const GroupKey& other) const {
    return host == other.host && path == other.path && *headers == *other.headers;
  }
};

struct GroupHash {
  std::size_t operator()(const GroupKey& key) const {
    const std::hash<std::string_view> hash;
    std::size_t sum = hash(key.host) * 31 + hash(key.path);
    for (const auto& [name, value] : *key.headers) sum = (sum * 31 + hash(name)) * 31 + hash(value);
    return sum;
  }
};

constexpr std::size_t nobody = SIZE_MAX;

/// Who came first, by index of the route.
struct Group {
  std::size_t any_method = nobody;
  std::vector<std::pair<std::string_view, std::size_t>> by_method;
};

class RouteCheck {
 public:
  RouteCheck(const Draft& draft, const Sources& sources, Report& report)
      : routes_(draft.config.routes), at_(draft.route_at), sources_(sources), report_(report) {}

  // Routes come in the order that breaks ties, so whoever is in a group already wins.
  void run() {
    sorted_headers_.reserve(routes_.size());
    groups_.reserve(routes_.size());
    for (std::size_t i = 0; i < routes_.size(); ++i) {
      Conditions headers = routes_[i].headers;
      std::sort(headers.begin(), headers.end());
      sorted_headers_.push_back(std::move(headers));
      // One problem for each route is enough, however many hosts it shares with another.
      for (const std::string& host : routes_[i].hosts) {
        if (!add(i, host)) break;
      }
    }
  }

 private:
  bool add(std::size_t index, const std::string& host) {
    const RouteRule& route = routes_[index];
    Group& group = groups_[GroupKey{host, route.path, &sorted_headers_[index]}];
    if (route.methods.empty()) {
      if (group.any_method != nobody) return report_same(index, group.any_method, host);
      group.any_method = index;
      return true;
    }
    std::vector<std::size_t> earlier;  // for each method, who takes it
    for (const std::string& method : route.methods) {
      const auto taken = std::find_if(group.by_method.begin(), group.by_method.end(),
                                      [&](const auto& entry) { return entry.first == method; });
      if (taken == group.by_method.end()) {
        group.by_method.emplace_back(method, index);
      } else {
        earlier.push_back(taken->second);
      }
    }
    if (earlier.size() < route.methods.size()) return true;
    const std::size_t first = earlier.front();
    const bool one = std::all_of(earlier.begin(), earlier.end(),
                                 [&](std::size_t other) { return other == first; });
    if (one && routes_[first].methods.size() == route.methods.size()) {
      return report_same(index, first, host);
    }
    return report_shadowed(index, earlier, host);
  }

  bool report_same(std::size_t index, std::size_t other, const std::string& host) {
    report_.add("config.conflict", at_[index],
                "this route to " + in_quotes(routes_[index].service) +
                    " can never be told apart from the one to " +
                    in_quotes(routes_[other].service) + " (" + sources_.place(at_[other].spot) +
                    "): both answer " + host + routes_[index].path,
                "give one of them another host, path, methods or headers");
    return false;
  }

  bool report_shadowed(std::size_t index, std::vector<std::size_t> earlier,
                       const std::string& host) {
    std::sort(earlier.begin(), earlier.end());
    earlier.erase(std::unique(earlier.begin(), earlier.end()), earlier.end());
    std::string places;
    for (const std::size_t other : earlier) {
      places += (places.empty() ? "" : ", ") + sources_.place(at_[other].spot);
    }
    report_.add("config.unreachable", at_[index],
                "this route to " + in_quotes(routes_[index].service) +
                    " can never be reached: all its methods for " + host + routes_[index].path +
                    " are taken by earlier routes (" + places + ")",
                "put it before them, or give it another path or headers");
    return false;
  }

  const std::vector<RouteRule>& routes_;
  const std::vector<Where>& at_;
  const Sources& sources_;
  Report& report_;
  std::vector<Conditions> sorted_headers_;  ///< of each route; never grows beyond what was reserved
  std::unordered_map<GroupKey, Group, GroupHash> groups_;
};

}  // namespace

void check_routes(const Draft& draft, const Sources& sources, Report& report) {
  RouteCheck(draft, sources, report).run();
}

}  // namespace devproxy
