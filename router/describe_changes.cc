#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"
#include "config/values.h"
#include "router/route_table.h"

namespace devproxy {
namespace {

constexpr std::uint32_t nowhere = UINT32_MAX;

std::string origin(const UrlTarget& target) {
  const bool is_ipv6 = target.host.find(':') != std::string::npos;
  const std::string host = is_ipv6 ? fmt::format("[{}]", target.host) : target.host;
  const std::string_view scheme = scheme_text(target.scheme);
  if (target.port == default_port(target.scheme)) return fmt::format("{}://{}", scheme, host);
  return fmt::format("{}://{}:{}", scheme, host, target.port);
}

struct PrintTarget {
  std::string operator()(const PortTarget& target) const { return fmt::format(":{}", target.port); }
  std::string operator()(const UrlTarget& target) const { return origin(target); }
  std::string operator()(const UnixTarget& target) const { return "unix:" + target.path; }
  std::string operator()(const RedirectTarget& target) const { return "redirect to " + target.to; }
  std::string operator()(const CommandTarget& target) const {
    return target.port == 0 ? "its command" : fmt::format(":{}", target.port);
  }
  std::string operator()(const FollowTarget& target) const { return "follow " + target.text; }
};

std::string time_text(std::optional<Milliseconds> time) {
  if (!time) return "none";
  const auto count = time->count();
  return count % 1000 == 0 ? fmt::format("{}s", count / 1000) : fmt::format("{}ms", count);
}

/// What a request needs besides its path, "" when nothing: " [GET, HEAD, x-tenant=acme]".
std::string conditions(const RouteRule& rule) {
  if (rule.methods.empty() && rule.headers.empty()) return {};
  std::vector<std::string> parts = rule.methods;
  for (const auto& [name, value] : rule.headers) parts.push_back(fmt::format("{}={}", name, value));
  return fmt::format(" [{}]", fmt::join(parts, ", "));
}

struct SameTarget {
  bool operator()(const PortTarget& a, const PortTarget& b) const { return a.port == b.port; }
  bool operator()(const UrlTarget& a, const UrlTarget& b) const {
    return a.scheme == b.scheme && a.host == b.host && a.port == b.port;
  }
  bool operator()(const UnixTarget& a, const UnixTarget& b) const { return a.path == b.path; }
  bool operator()(const RedirectTarget& a, const RedirectTarget& b) const { return a.to == b.to; }
  bool operator()(const CommandTarget& a, const CommandTarget& b) const { return a.port == b.port; }
  bool operator()(const FollowTarget& a, const FollowTarget& b) const { return a.same_rule(b); }
  template <class A, class B>
  bool operator()(const A& /*a*/, const B& /*b*/) const {
    return false;
  }
};

/// One host of one route: what a line is about. Two are the same when a request could not tell them
/// apart.
struct Item {
  const std::string* host = nullptr;
  const Route* route = nullptr;
  const Service* service = nullptr;
  std::uint32_t next = nowhere;  ///< the next one that is the same, in one table
  bool paired = false;

  friend bool operator==(const Item& a, const Item& b) {
    const RouteRule& x = a.route->rule;
    const RouteRule& y = b.route->rule;
    return *a.host == *b.host && x.path == y.path && x.methods == y.methods &&
           x.headers == y.headers;
  }
};

struct HashItem {
  std::size_t operator()(const Item* item) const {
    const std::size_t host = std::hash<std::string>{}(*item->host);
    return host * 31 + std::hash<std::string>{}(item->route->rule.path);
  }
};
struct SameItem {
  bool operator()(const Item* a, const Item* b) const { return *a == *b; }
};

std::vector<Item> items_of(const RouteTable& table) {
  std::vector<Item> items;
  items.reserve(table.routes().size());
  for (const Route& route : table.routes()) {
    for (const std::string& host : route.rule.hosts) {
      items.push_back({&host, &route, &table.services()[route.service], nowhere, false});
    }
  }
  return items;
}

/// Gives each item of one table its partner of the other, those that are the same in the order of
/// their files.
class Pairing {
 public:
  explicit Pairing(std::vector<Item>& items) : items_(items) {
    first_.reserve(items.size());
    for (auto i = static_cast<std::uint32_t>(items.size()); i-- > 0;) {
      const auto [known, is_new] = first_.try_emplace(&items[i], i);
      items[i].next = is_new ? nowhere : std::exchange(known->second, i);
    }
  }

  const Item* take(const Item& like) {
    const auto found = first_.find(&like);
    if (found == first_.end() || found->second == nowhere) return nullptr;
    Item& item = items_[found->second];
    found->second = item.next;
    item.paired = true;
    return &item;
  }

 private:
  std::vector<Item>& items_;
  std::unordered_map<const Item*, std::uint32_t, HashItem, SameItem> first_;
};

std::string ca_text(const UrlTarget& url) {
  return url.ca.empty() ? "the system's" : url.ca;
}

/// The certificate that TLS clients of this host get.
std::string certificate_text(const Item& item) {
  const auto& tls = item.service->tls;
  return item.route->rule.own && tls ? tls->cert : "the local CA";
}
std::string key_text(const Item& item) {
  const auto& tls = item.service->tls;
  return item.route->rule.own && tls ? tls->key : "";
}

/// "cookie branch=next: web-next, query v2: api-2"
std::string when_texts(const RouteRule& rule) {
  std::string text;
  for (const ServiceWhen& when : rule.service_when)
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", when_text(when), when.service);
  return text.empty() ? "none" : text;
}

/// What differs, "" when nothing: ":4001 -> :4312, hold 10s -> 2s".
std::string difference(const Item& before, const Item& after) {
  const RouteRule& a = before.route->rule;
  const RouteRule& b = after.route->rule;
  const Target& old_target = before.service->target;
  const Target& new_target = after.service->target;
  std::string text;
  const auto add = [&text](std::string_view what, const std::string& was, const std::string& is) {
    text += fmt::format("{}{}{} -> {}", text.empty() ? "" : ", ", what, was, is);
  };
  const auto on_off = [](bool value) { return std::string(value ? "on" : "off"); };
  const auto host_header = [](HostHeader value) {
    return std::string(value == HostHeader::preserve ? "preserve" : "upstream");
  };

  if (!std::visit(SameTarget{}, old_target, new_target)) {
    add("", std::visit(PrintTarget{}, old_target), std::visit(PrintTarget{}, new_target));
  } else if (before.service->name != after.service->name) {
    add("service ", before.service->name, after.service->name);
  }
  if (when_texts(a) != when_texts(b)) add("service_when ", when_texts(a), when_texts(b));
  const auto* const old_url = std::get_if<UrlTarget>(&old_target);
  const auto* const new_url = std::get_if<UrlTarget>(&new_target);
  if (old_url != nullptr && new_url != nullptr) {
    if (old_url->insecure != new_url->insecure)
      add("insecure ", on_off(old_url->insecure), on_off(new_url->insecure));
    if (old_url->ca != new_url->ca) add("ca ", ca_text(*old_url), ca_text(*new_url));
  }
  const std::string certificate = certificate_text(after);
  if (certificate_text(before) != certificate) {
    add("tls ", certificate_text(before), certificate);
  } else if (key_text(before) != key_text(after)) {
    add("key of tls ", key_text(before), key_text(after));
  }
  if (a.strip_prefix != b.strip_prefix) {
    add("strip_prefix ", on_off(a.strip_prefix), on_off(b.strip_prefix));
  }
  if (a.host_header != b.host_header) {
    add("host_header ", host_header(a.host_header), host_header(b.host_header));
  }
  if (a.timeout != b.timeout) add("timeout ", time_text(a.timeout), time_text(b.timeout));
  if (a.hold != b.hold) add("hold ", time_text(a.hold), time_text(b.hold));
  return text;
}

/// Whether one host alone has a path, before and after: then the path is a clear name.
class PathOwners {
 public:
  void add(const std::vector<Item>& items) {
    for (const Item& item : items) {
      const auto [known, is_new] = owners_.try_emplace(item.route->rule.path, item.host);
      if (!is_new && known->second != nullptr && *known->second != *item.host)
        known->second = nullptr;
    }
  }
  bool is_clear(const std::string& path) const { return owners_.at(path) != nullptr; }

 private:
  std::unordered_map<std::string_view, const std::string*> owners_;  ///< null: several
};

struct Change {
  char sign = ' ';
  const Item* item = nullptr;
  std::string what;  ///< with a leading space, or empty
};

/// The host alone, the path alone where only one host has it, else both.
std::string name_of(const Item& item, const PathOwners& owners) {
  const RouteRule& rule = item.route->rule;
  if (rule.path == "/") return *item.host + conditions(rule);
  return (owners.is_clear(rule.path) ? rule.path : *item.host + rule.path) + conditions(rule);
}

}  // namespace

std::vector<std::string> describe_changes(const RouteTable& before, const RouteTable& after) {
  std::vector<Item> old_items = items_of(before);
  const std::vector<Item> new_items = items_of(after);
  Pairing pairing(old_items);
  std::vector<Change> changes;
  for (const Item& item : new_items) {
    if (const Item* was = pairing.take(item); was == nullptr) {
      changes.push_back({'+', &item, " -> " + std::visit(PrintTarget{}, item.service->target)});
    } else if (const std::string what = difference(*was, item); !what.empty()) {
      changes.push_back({'~', &item, ' ' + what});
    }
  }
  for (const Item& item : old_items) {
    if (!item.paired) changes.push_back({'-', &item, {}});
  }
  if (changes.empty()) return {};

  PathOwners owners;
  owners.add(old_items);
  owners.add(new_items);
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < changes.size();) {
    // Several hosts of one route with the same news share a line.
    const Change& first = changes[i];
    std::vector<std::string> names;
    for (; i < changes.size(); ++i) {
      const Change& change = changes[i];
      const bool joins = change.sign == first.sign && change.item->route == first.item->route &&
                         change.what == first.what;
      if (!joins) break;
      names.push_back(name_of(*change.item, owners));
    }
    lines.push_back(escape(fmt::format("{} {}{}", first.sign, fmt::join(names, ", "), first.what)));
  }
  return lines;
}

}  // namespace devproxy
