#include "cli/doctor/names.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/tcp_sockets.h"
#include "base/text.h"
#include "config/certificates.h"
#include "config/values.h"

namespace devproxy {
namespace {

constexpr std::chrono::milliseconds slow{1'500};
constexpr std::size_t most_hosts = 64;

bool is_pattern(std::string_view name) {
  return name.starts_with("*.");
}

std::vector<std::string> names_of(const std::vector<const NameFacts*>& names) {
  std::vector<std::string> list;
  list.reserve(names.size());
  for (const NameFacts* name : names) list.push_back(escape(name->name));
  return list;
}

/// A line for the hosts file, which knows no wildcards.
std::string hosts_mend(const std::vector<const NameFacts*>& names, const ResolverFacts& resolver) {
  const bool all_synced = std::all_of(names.begin(), names.end(), [&](const NameFacts* name) {
    return !is_pattern(name->name) &&
           std::any_of(resolver.domains.begin(), resolver.domains.end(),
                       [&](const std::string& domain) { return is_below(name->name, domain); });
  });
  if (all_synced) return "devproxy hosts sync";
  std::string words;
  bool patterns = false;
  for (const NameFacts* name : names) {
    patterns = patterns || is_pattern(name->name);
    if (!is_pattern(name->name)) words += " " + escape(name->name);
  }
  if (words.empty()) return "add the names that you need to /etc/hosts: it knows no wildcards";
  return fmt::format("echo '127.0.0.1{}' | sudo tee -a /etc/hosts{}", words,
                     patterns ? "; it knows no wildcards, so name each that you need" : "");
}

std::string verb(const std::vector<const NameFacts*>& names, const char* one, const char* many) {
  return names.size() == 1 ? one : many;
}

Diagnosis unknown_to_system(const std::vector<const NameFacts*>& names,
                            const ResolverFacts& resolver) {
  const bool curl = by_curl(*names.front(), resolver) == Reached::loopback;
  return {Health::warning, "names", "names.system",
          fmt::format("Node, Python, Java, Go and all that ask the system do not find {} ({}); "
                      "browsers{} reach {} by themselves",
                      list_text(names_of(names)), escape(names.front()->error),
                      curl ? " and curl" : "", verb(names, "it", "them")),
          resolver.install.empty() ? hosts_mend(names, resolver) : resolver.install};
}

}  // namespace

Reached by_curl(const NameFacts& name, const ResolverFacts& resolver) {
  constexpr std::pair<unsigned, unsigned> first_that_knows{7, 77};
  const bool knows = !resolver.curl || *resolver.curl >= first_that_knows;
  return knows ? by_browsers(name) : by_system(name);
}

std::vector<std::string> names_to_resolve(const Config* config) {
  if (config == nullptr) return {"localhost", "devproxy.localhost"};
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const RouteRule& rule : config->routes) {
    for (const std::string& host : rule.hosts) {
      if (host == "*" || parse_ip(host) || !seen.insert(host).second) continue;
      if (names.size() < most_hosts) names.push_back(host);
    }
  }
  return names;
}

std::optional<std::pair<unsigned, unsigned>> parse_curl_version(std::string_view text) {
  constexpr std::string_view prefix = "curl ";
  if (!text.starts_with(prefix)) return std::nullopt;
  text.remove_prefix(prefix.size());
  const auto parts = split(text.substr(0, text.find(' ')), '.');
  if (parts.size() < 2) return std::nullopt;
  const auto major = parse_number(parts[0]);
  const auto minor = parse_number(parts[1]);
  if (!major || !minor || *major > 1000 || *minor > 1000) return std::nullopt;
  return std::pair(static_cast<unsigned>(*major), static_cast<unsigned>(*minor));
}

Diagnoses check_names(const ResolverFacts& resolver) {
  std::vector<const NameFacts*> local;    // below .localhost, and the system does not know it
  std::vector<const NameFacts*> missing;  // nobody knows it
  Diagnoses found;
  std::chrono::milliseconds longest{0};
  for (const NameFacts& name : resolver.names) {
    longest = std::max(longest, name.took);
    if (by_system(name) == Reached::elsewhere) {
      found.push_back(
          {Health::problem, "names", "names.elsewhere",
           fmt::format("{} is {}, which is not this machine: {} there, not to the proxy",
                       escape(name.name), escape(list_text(name.addresses)),
                       by_browsers(name) == Reached::loopback
                           ? "all clients but browsers and curl go"
                           : "requests go"),
           hosts_mend({&name}, resolver)});
    } else if (by_system(name) == Reached::nowhere) {
      (is_localhost(name.name) && name.name != "localhost" ? local : missing).push_back(&name);
    }
  }
  if (!missing.empty()) {
    found.push_back({Health::problem, "names", "names.missing",
                     fmt::format("no client finds {} ({})", list_text(names_of(missing)),
                                 escape(missing.front()->error)),
                     hosts_mend(missing, resolver)});
  }
  if (!local.empty()) found.push_back(unknown_to_system(local, resolver));
  if (longest > slow) {
    found.push_back({Health::warning, "names", "names.slow",
                     fmt::format("the system took {:.1f} s to look up a name: the DNS server does "
                                 "not answer, and programs wait as long",
                                 static_cast<double>(longest.count()) / 1000),
                     "look at /etc/resolv.conf; names in /etc/hosts need no DNS server"});
  }
  if (!found.empty() || resolver.names.empty()) return found;
  return {{Health::ok, "names", "names.fine", fmt::format("every client finds {}", list_text([&] {
                                                            std::vector<std::string> names;
                                                            for (const NameFacts& name :
                                                                 resolver.names)
                                                              names.push_back(escape(name.name));
                                                            return names;
                                                          }())),
           ""}};
}

}  // namespace devproxy
