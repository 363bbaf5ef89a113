#include "cli/setup/hosts_names.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <system_error>

#include "base/text.h"
#include "cli/running/find_proxy.h"
#include "cli/terminal/environment.h"
#include "config/certificates.h"
#include "config/load.h"
#include "config/values.h"

namespace devproxy {
namespace {

/// Why a hosts file gets no line for it; empty: it does.
std::string why_not(const ProxySettings& proxy, const std::string& host) {
  if (host.starts_with('*'))
    return "a hosts file knows no patterns: name each host that you need, or let devproxy answer "
           "DNS (devproxy hosts print --dns)";
  if (!can_be_signed(proxy, host))
    return "it is below none of the project's domains: add its domain to domains in [proxy]";
  return "";
}

bool is_gone(const std::string& escaped_file) {
  // What is escaped cannot be looked for; it stays.
  if (escaped_file.find('\\') != std::string::npos) return false;
  std::error_code failed;
  const bool there = std::filesystem::exists(escaped_file, failed);
  return !there && !failed;
}

bool is_same_project(const HostsProject& a, const HostsProject& b) {
  return a.file == b.file && (!a.file.empty() || a.name == b.name);
}

}  // namespace

HostsNames hosts_names(const Config& config) {
  HostsNames result;
  result.project.name = config.project;
  result.project.file = escape_own(config.file);
  std::set<std::string> names;
  std::set<std::string> seen;
  for (const RouteRule& rule : config.routes) {
    for (const std::string& host : rule.hosts) {
      if (host == "*" || host == "localhost" || !canonical_address(host).empty()) continue;
      if (!seen.insert(host).second) continue;
      if (std::string why = why_not(config.proxy, host); !why.empty()) {
        result.left_out.push_back({host, std::move(why)});
      } else {
        names.insert(host);
      }
    }
  }
  result.project.names.assign(names.begin(), names.end());
  return result;
}

HostsProject hosts_names(const RunningProxy& proxy) {
  HostsProject project{proxy.project, "", {}};
  for (const RunningService& service : proxy.services) {
    const std::string host = authority_of(service.url).host;
    if (host != "localhost" && is_localhost(host)) project.names.push_back(host);
  }
  return project;
}

std::vector<HostsProject> running_hosts_names() {
  std::vector<HostsProject> projects;
  for (const FoundProxy& found : find_proxies()) {
    if (found.facts.file.empty()) {
      projects.push_back(hosts_names(found.facts));
      continue;
    }
    LoadRequest request;
    request.working_directory = std::filesystem::path(found.facts.file).parent_path().string();
    request.file = found.facts.file;
    request.environment = environment;
    const LoadOutcome outcome = load(request);
    if (outcome.result) projects.push_back(hosts_names(*outcome.result).project);
  }
  return projects;
}

std::vector<HostsProject> merge_hosts_names(const std::vector<HostsProject>& known,
                                            const std::vector<HostsProject>& fresh) {
  std::vector<HostsProject> merged;
  const auto find = [](std::vector<HostsProject>& list, const HostsProject& project) {
    return std::find_if(list.begin(), list.end(),
                        [&](const HostsProject& each) { return is_same_project(each, project); });
  };
  std::vector<HostsProject> left;
  for (const HostsProject& project : fresh) {
    // The first one wins: what was named on the command line before what runs.
    if (find(left, project) == left.end()) left.push_back(project);
  }
  // In the order of the file, so that a sync without news changes nothing.
  for (const HostsProject& project : known) {
    const auto newer = find(left, project);
    if (newer != left.end()) {
      merged.push_back(std::move(*newer));
      left.erase(newer);
    } else if (!project.file.empty() && !is_gone(project.file) &&
               find(merged, project) == merged.end()) {
      merged.push_back(project);
    }
  }
  for (HostsProject& project : left) merged.push_back(std::move(project));
  std::erase_if(merged, [](const HostsProject& project) { return project.names.empty(); });
  return merged;
}

}  // namespace devproxy
