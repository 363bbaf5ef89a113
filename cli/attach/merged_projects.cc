#include "cli/attach/merged_projects.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>
#include <utility>

#include "cli/attach/claims.h"
#include "cli/attach/fallbacks.h"
#include "config/values.h"

namespace devproxy {
namespace {

/// Whose what is, of those who take it by force.
class Forced final {
 public:
  explicit Forced(const std::vector<CarriedProject>& projects) {
    for (std::size_t i = 0; i < projects.size(); ++i) {
      if (!projects[i].forces) continue;
      for (const RouteRule& rule : projects[i].config->routes) {
        for (const std::string& host : rule.hosts) routes_[claim_key(rule, host)] = i;
      }
      for (const TcpPort& tcp : projects[i].config->tcp) ports_[tcp.port] = i;
    }
  }

  bool takes(const RouteRule& rule, const std::string& host, std::size_t project) const {
    if (routes_.empty()) return false;
    const auto found = routes_.find(claim_key(rule, host));
    return found != routes_.end() && found->second != project;
  }
  bool takes(const TcpPort& tcp, std::size_t project) const {
    const auto found = ports_.find(tcp.port);
    return found != ports_.end() && found->second != project;
  }

 private:
  std::unordered_map<std::string, std::size_t> routes_;
  std::unordered_map<std::uint16_t, std::size_t> ports_;
};

std::string labelled(const CarriedProject& project, const std::string& service) {
  return project.label.empty() ? service : project.label + label_separator + service;
}

/// What depends on the target, where that is another one than the file says.
void fall_back(RouteRule& rule, const std::vector<Fallback>& fallbacks) {
  const auto correct = [&](const std::string& service, auto& host_header) {
    const Fallback* const fallback = find_fallback(fallbacks, service);
    if (fallback != nullptr && default_host_header(fallback->target) == HostHeader::upstream)
      host_header = HostHeader::upstream;
  };
  correct(rule.service, rule.host_header);
  for (ServiceWhen& when : rule.service_when) correct(when.service, when.host_header);
}

void add_project(Config& all, const CarriedProject& project, std::size_t index,
                 const Forced& forced, const std::vector<Fallback>& fallbacks) {
  const Config& theirs = *project.config;
  for (Service service : theirs.services) {
    if (const Fallback* const fallback = find_fallback(fallbacks, service.name)) {
      service.target = fallback->target;
      service.fallback = fallback->of;
    }
    service.name = labelled(project, service.name);
    all.services.push_back(std::move(service));
  }
  for (RouteRule rule : theirs.routes) {
    std::erase_if(rule.hosts, [&, whole = rule](const std::string& host) {
      return forced.takes(whole, host, index);
    });
    if (rule.hosts.empty()) continue;
    if (!fallbacks.empty()) fall_back(rule, fallbacks);
    rule.service = labelled(project, rule.service);
    for (ServiceWhen& when : rule.service_when) when.service = labelled(project, when.service);
    rule.to_https = theirs.proxy.https == HttpsMode::redirect;
    all.routes.push_back(std::move(rule));
  }
  for (TcpPort tcp : theirs.tcp) {
    // Nothing could tell a program that these are another checkout's bytes.
    if (forced.takes(tcp, index) || find_fallback(fallbacks, tcp.service) != nullptr) continue;
    tcp.service = labelled(project, tcp.service);
    all.tcp.push_back(std::move(tcp));
  }
}

void add_settings(ProxySettings& all, const ProxySettings& theirs, bool is_first) {
  for (const ListenAddress& listen : theirs.listen) {
    const auto same = std::find_if(all.listen.begin(), all.listen.end(),
                                   [&](const auto& each) { return same_listener(each, listen); });
    if (same == all.listen.end()) {
      all.listen.push_back(listen);
    } else {
      // Whoever wrote it down wants to hear when it cannot be had.
      same->is_default = same->is_default && listen.is_default;
      same->is_extra = same->is_extra && listen.is_extra;
      if (same->only != listen.only) same->only = ListenOnly::any;
      if (!same->tls) same->tls = listen.tls;
    }
  }
  all.expose = all.expose || theirs.expose;
  if (!all.tls) all.tls = theirs.tls;
  if (all.dns == 0) all.dns = theirs.dns;
  if (is_first) {
    all.https = theirs.https == HttpsMode::off ? HttpsMode::off : HttpsMode::on;
    all.remove_hsts = theirs.remove_hsts;
    all.trusted_proxies = theirs.trusted_proxies;
    all.domains = theirs.domains;
    return;
  }
  if (theirs.https != HttpsMode::off) all.https = HttpsMode::on;
  all.remove_hsts = all.remove_hsts || theirs.remove_hsts;
  std::erase_if(all.trusted_proxies, [&](const std::string& peer) {
    return std::find(theirs.trusted_proxies.begin(), theirs.trusted_proxies.end(), peer) ==
           theirs.trusted_proxies.end();
  });
  for (const std::string& domain : theirs.domains) {
    if (std::find(all.domains.begin(), all.domains.end(), domain) == all.domains.end())
      all.domains.push_back(domain);
  }
}

}  // namespace

Config merge_projects(const std::vector<CarriedProject>& projects, bool with_listeners) {
  Config all;
  all.proxy.listen.clear();
  if (!with_listeners && !projects.empty()) {
    all.project = projects.front().config->project;
    all.root = projects.front().config->root;
    all.file = projects.front().config->file;
    all.proxy = projects.front().config->proxy;
  }
  const Forced forced(projects);
  for (std::size_t i = 0; i < projects.size(); ++i) {
    add_project(all, projects[i], i, forced, fallbacks_of(*projects[i].config, projects));
    if (with_listeners) add_settings(all.proxy, projects[i].config->proxy, i == 0);
  }
  return all;
}

bool same_listener(const ListenAddress& a, const ListenAddress& b) {
  return a.host == b.host && a.port == b.port;
}

}  // namespace devproxy
