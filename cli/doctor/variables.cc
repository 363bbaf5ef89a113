#include "cli/doctor/variables.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr std::array<std::string_view, 6> proxy_variables{
    "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
// Those that `devproxy env` prints, and what people set by hand.
constexpr std::array<const char*, 5> file_variables{"NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE",
                                                    "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
                                                    "AWS_CA_BUNDLE"};

}  // namespace

bool is_exempt(std::string_view no_proxy, std::string_view host) {
  std::string list(no_proxy);
  std::replace(list.begin(), list.end(), ' ', ',');
  for (std::string_view entry : split(list, ',')) {
    entry = trim(entry);
    if (entry == "*") return true;
    if (entry.starts_with('*')) entry.remove_prefix(1);
    if (entry.starts_with('.')) entry.remove_prefix(1);
    if (entry.empty()) continue;
    if (iequals(entry, host)) return true;
    const std::size_t rest = host.size() - std::min(host.size(), entry.size());
    if (rest > 1 && host[rest - 1] == '.' && iequals(host.substr(rest), entry)) return true;
  }
  return false;
}

std::string without_credentials(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t begin = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::string_view authority = url.substr(begin, url.find('/', begin) - begin);
  const std::size_t at = authority.rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  return std::string(url.substr(0, begin)) + std::string(url.substr(begin + at + 1));
}

EnvironmentFacts environment_facts(const ReadVariable& read, std::vector<std::string> names) {
  EnvironmentFacts facts;
  for (const std::string_view name : proxy_variables) {
    if (auto value = read(name); value && !value->empty())
      facts.proxies.push_back({std::string(name), std::move(*value)});
  }
  facts.no_proxy = read("no_proxy").value_or("");
  if (facts.no_proxy.empty()) facts.no_proxy = read("NO_PROXY").value_or("");
  facts.names = std::move(names);
  for (std::string& name : facts.names) {
    if (name.starts_with("*.")) name.replace(0, 1, "any");
  }
  facts.names.emplace_back("127.0.0.1");
  for (const char* const name : file_variables) {
    auto value = read(name);
    if (value && !value->empty() && ::access(value->c_str(), R_OK) != 0)
      facts.lost_files.push_back({name, std::move(*value)});
  }
  return facts;
}

Diagnoses check_environment(const EnvironmentFacts& facts) {
  Diagnoses found;
  std::vector<std::string> taken;
  for (const std::string& name : facts.names) {
    if (!is_exempt(facts.no_proxy, name)) taken.push_back(escape(name));
  }
  if (!facts.proxies.empty() && !taken.empty()) {
    const auto& first = facts.proxies.front();
    const std::string list = facts.no_proxy.empty() ? "" : escape(facts.no_proxy) + ",";
    // Names outside of .localhost have to be told one by one.
    std::string others;
    for (const std::string& name : taken) {
      if (name != "127.0.0.1" && !is_exempt("localhost", name)) others += "," + name;
    }
    found.push_back(
        {Health::problem, "environment", "environment.proxy",
         fmt::format("{}={} takes requests for {} away from this machine: NO_PROXY does not exempt "
                     "them",
                     first.name, escape(without_credentials(first.value)), list_text(taken)),
         fmt::format("export NO_PROXY={0}localhost,127.0.0.1,::1{1} "
                     "no_proxy={0}localhost,127.0.0.1,::1{1}",
                     list, others)});
  }
  for (const auto& [name, value] : facts.lost_files) {
    found.push_back({Health::warning, "environment", "environment.lost_file",
                     fmt::format("{} names {}, which cannot be read: programs that obey it trust "
                                 "nobody, or say so at each start",
                                 name, escape(value)),
                     fmt::format("unset {}, or: eval \"$(devproxy env)\"", name)});
  }
  if (!found.empty()) return found;
  return {{Health::ok, "environment", "environment.fine",
           facts.proxies.empty() ? std::string("no proxy is set in the environment")
                                 : fmt::format("{} is set, and NO_PROXY exempts local names",
                                               facts.proxies.front().name),
           ""}};
}

}  // namespace devproxy
