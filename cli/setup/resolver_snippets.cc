#include "cli/setup/resolver_snippets.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace devproxy {

std::vector<std::string> domains_for_dns(const std::vector<std::string>& domains) {
  std::vector<std::string> result;
  for (const std::string& domain : domains) {
    if (domain != "localhost") result.push_back(domain);
  }
  if (std::find(result.begin(), result.end(), "test") == result.end()) result.emplace_back("test");
  return result;
}

std::vector<ResolverSnippet> resolver_snippets(const std::vector<std::string>& domains,
                                               std::uint16_t port) {
  std::vector<ResolverSnippet> snippets;
  // "~": a route, not a suffix for short names.
  snippets.push_back(
      {"systemd-resolved 247 or newer", "/etc/systemd/resolved.conf.d/devproxy.conf",
       fmt::format("[Resolve]\nDNS=127.0.0.1:{}\nDomains=~{}\n", port, fmt::join(domains, " ~")),
       "sudo systemctl restart systemd-resolved"});
  std::string servers;
  for (const std::string& domain : domains)
    servers += fmt::format("server=/{}/127.0.0.1#{}\n", domain, port);
  snippets.push_back({"NetworkManager with dns=dnsmasq",
                      "/etc/NetworkManager/dnsmasq.d/devproxy.conf", servers,
                      "sudo systemctl reload NetworkManager"});
  for (const std::string& domain : domains) {
    snippets.push_back({"macOS", "/etc/resolver/" + domain,
                        fmt::format("nameserver 127.0.0.1\nport {}\n", port),
                        "sudo dscacheutil -flushcache; sudo killall -HUP mDNSResponder"});
  }
  return snippets;
}

}  // namespace devproxy
