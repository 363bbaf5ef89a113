// Small ways to write configurations and questions for the tests of the router.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "router/route_table.h"

namespace devproxy {

/// Fields of a request, by lower-case name, in their order.
class FieldMap final : public FieldLookup {
 public:
  FieldMap() = default;
  FieldMap(std::initializer_list<std::pair<const std::string, std::string>> fields)
      : fields_(fields) {}

  std::optional<std::string_view> field(std::string_view name, std::size_t nth) const override {
    const auto [first, last] = fields_.equal_range(name);
    auto found = first;
    for (; nth > 0 && found != last; --nth) ++found;
    if (found == last) return std::nullopt;
    return found->second;
  }

 private:
  std::multimap<std::string, std::string, std::less<>> fields_;
};

/// A Config made line by line; each service answers on a port, each route has a line number of its
/// own.
class ConfigBuilder {
 public:
  ConfigBuilder& service(std::string name, Target target,
                         std::optional<CertificateFiles> tls = {}) {
    config_.services.push_back({std::move(name), std::move(target), std::move(tls), {}});
    return *this;
  }
  ConfigBuilder& route(std::string service, std::vector<std::string> hosts, std::string path = "/",
                       std::vector<std::string> methods = {},
                       std::vector<std::pair<std::string, std::string>> headers = {}) {
    RouteRule rule;
    rule.service = std::move(service);
    rule.hosts = std::move(hosts);
    rule.path = std::move(path);
    rule.methods = std::move(methods);
    rule.headers = std::move(headers);
    return route(std::move(rule));
  }
  ConfigBuilder& route(RouteRule rule) {
    rule.at = {"devproxy.toml", static_cast<std::uint32_t>(config_.routes.size() + 1), 1};
    config_.routes.push_back(std::move(rule));
    return *this;
  }
  const Config& config() const { return config_; }
  std::shared_ptr<const RouteTable> build() const { return RouteTable::build(config_); }

 private:
  Config config_;
};

/// The service that answers, or "".
inline std::string service_for(const RouteTable& table, const Lookup& lookup) {
  const Route* route = table.match(lookup);
  return route == nullptr ? std::string() : table.services()[route->service].name;
}

}  // namespace devproxy
