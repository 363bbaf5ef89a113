#include "cli/running/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <ctime>
#include <utility>

#include "base/json.h"
#include "base/text.h"
#include "cli/project/url_table.h"
#include "cli/running/config_in_force.h"
#include "cli/terminal/console.h"
#include "cli/terminal/environment.h"
#include "cli/terminal/time_text.h"
#include "config/load.h"

namespace devproxy {
namespace {

std::string listening_text(const ReachState& state) {
  if (!state.reachable) return state.why_not;
  return state.owner.empty() ? "reachable" : state.owner;
}

/// What devproxy runs says its pid instead of its command, for which there is no room.
std::string short_target(const std::string& target) {
  return target.substr(0, target.find(' '));
}

std::string services_text(const ProxyStatus& status, bool colour) {
  std::size_t name_width = 7;
  std::size_t target_width = 6;
  std::size_t url_width = 3;
  for (const ServiceStatus& service : status.services) {
    name_width = std::max(name_width, service.name.size());
    target_width = std::max(target_width, short_target(service.target).size());
    for (const std::string& url : service.urls) url_width = std::max(url_width, url.size());
  }
  std::string text = paint(fmt::format("  {:<{}}  {:<{}}  {:<{}}  {}", "SERVICE", name_width, "URL",
                                       url_width, "TARGET", target_width, "LISTENING"),
                           Colour::dim, colour) +
                     "\n";
  for (const ServiceStatus& service : status.services) {
    const Colour state_colour = service.state.reachable ? Colour::green : Colour::red;
    const std::string first = service.urls.empty() ? "-" : service.urls.front();
    std::string state = paint(escape(listening_text(service.state)), state_colour, colour);
    if (!service.taken_by.empty()) {
      state += paint(fmt::format("; its URL goes to the project {}, started with --force",
                                 escape_own(service.taken_by)),
                     Colour::yellow, colour);
    }
    text += fmt::format("  {:<{}}  {:<{}}  {:<{}}  {}\n", service.name, name_width, first,
                        url_width, short_target(service.target), target_width, state);
    for (std::size_t i = 1; i < service.urls.size(); ++i)
      text += fmt::format("  {:<{}}  {}\n", "", name_width, service.urls[i]);
  }
  return text;
}

/// The one that is attached from this process; null: it is about to come, or to go.
const RunningProxy* attached_one(const std::vector<ProxyStatus>& proxies, std::int64_t process) {
  const auto found =
      std::find_if(proxies.begin(), proxies.end(),
                   [process](const ProxyStatus& each) { return each.proxy.pid == process; });
  return found == proxies.end() ? nullptr : &found->proxy;
}

/// The proxy of all projects: what it carries is told by each of them.
std::string shared_text(const RunningProxy& proxy, const std::vector<ProxyStatus>& proxies,
                        bool colour) {
  std::string text = fmt::format(
      "{} {}, the proxy of all projects, pid {}, since {}{}\n",
      paint("devproxy", Colour::bold, colour), escape(proxy.version), proxy.pid,
      time_text(static_cast<std::time_t>(proxy.since)),
      proxy.listeners.empty() ? std::string() : ", on " + listeners_text(proxy.listeners));
  if (proxy.attached.empty()) return text + "  no project is attached; it ends by itself\n";
  std::string projects;
  for (const AttachedProject& each : proxy.attached) {
    const RunningProxy* const one = attached_one(proxies, each.process);
    projects +=
        fmt::format("{}{} (pid {})", projects.empty() ? "" : "; ",
                    one == nullptr ? escape_own(each.project) : project_words(*one), each.process);
  }
  return text + "  carries " + projects + "\n";
}

/// Which of several checkouts it is, and where: at the front, in bold, for that is what differs.
std::string project_head(const RunningProxy& proxy, bool colour) {
  std::string head = "project " + paint(escape_own(proxy.project), Colour::bold, colour);
  if (!proxy.worktree.empty()) {
    head +=
        fmt::format(", worktree {} ({})", paint(escape_own(proxy.worktree), Colour::bold, colour),
                    escape_own(proxy.worktree_origin));
  }
  return head;
}

Json service_json(const ServiceStatus& service) {
  Json json;
  json["name"] = service.name;
  json["urls"] = service.urls;
  json["target"] = service.target;
  json["reachable"] = service.state.reachable;
  json["owner"] = service.state.owner;
  json["why_not"] = service.state.why_not;
  json["fallback"] = service.fallback;
  json["taken_by"] = service.taken_by;
  return json;
}

/// What it says of its services itself, where there is no file to be read.
void add_running(ProxyStatus& status, const RunningProxy& proxy) {
  for (const RunningService& service : proxy.services) {
    ServiceStatus entry{service.name, fmt::format(":{}", service.port), {}, reach_state(service)};
    if (!service.url.empty()) entry.urls.push_back(service.url);
    status.services.push_back(std::move(entry));
  }
}

}  // namespace

ProxyStatus status_of(RunningProxy proxy, std::optional<Config> in_force) {
  ProxyStatus status;
  if (proxy.file.empty()) {
    add_running(status, proxy);
    status.proxy = std::move(proxy);
    return status;
  }
  LoadOutcome outcome;
  if (in_force) {
    outcome.result = std::move(*in_force);
  } else {
    LoadRequest request;
    request.file = proxy.file;
    request.environment = environment;
    outcome = load(request);
  }
  if (outcome.result) {
    show_running(*outcome.result, proxy);
    std::vector<UrlRow> rows;
    // While no proxy carries it, nothing is reached by these.
    if (!proxy.listeners.empty()) {
      rows = url_rows(*outcome.result, proxy.listeners, SIZE_MAX);
      const auto tcp = tcp_rows(*outcome.result);
      rows.insert(rows.end(), tcp.begin(), tcp.end());
    }
    for (const Service& service : outcome.result->services) {
      ServiceStatus entry{service.name,
                          target_text(service.target),
                          {},
                          reach_state(service, proxy),
                          service.fallback};
      for (const UrlRow& row : rows) {
        if (row.service == service.name) entry.urls.push_back(row.url);
      }
      status.services.push_back(std::move(entry));
    }
  } else {
    status.problem = fmt::format("{} has problems: devproxy check -c {}", proxy.file, proxy.file);
    add_running(status, proxy);
  }
  status.proxy = std::move(proxy);
  return status;
}

void note_taken(std::vector<ProxyStatus>& proxies) {
  // From the last to the first, as the proxy looks for whom to ask.
  std::vector<const ProxyStatus*> forcing;
  for (const ProxyStatus& each : proxies) {
    if (each.proxy.forces) forcing.push_back(&each);
  }
  std::stable_sort(forcing.begin(), forcing.end(), [](const ProxyStatus* a, const ProxyStatus* b) {
    return a->proxy.since > b->proxy.since;
  });
  const auto has = [](const ProxyStatus& status, const std::string& url) {
    return std::any_of(
        status.services.begin(), status.services.end(), [&url](const ServiceStatus& service) {
          return std::find(service.urls.begin(), service.urls.end(), url) != service.urls.end();
        });
  };
  for (ProxyStatus& status : proxies) {
    for (ServiceStatus& service : status.services) {
      for (const ProxyStatus* const other : forcing) {
        if (other == &status) break;  // it wins over those that follow
        const bool loses = std::any_of(service.urls.begin(), service.urls.end(),
                                       [&](const std::string& url) { return has(*other, url); });
        if (!loses) continue;
        service.taken_by = other->proxy.project;
        break;
      }
    }
  }
}

std::string status_form(const std::vector<ProxyStatus>& proxies) {
  Json json;
  json["schema"] = "devproxy.status/v1";
  json["proxies"] = Json::array();
  for (const ProxyStatus& status : proxies) {
    Json entry = parse_json(to_json(status.proxy));
    entry["problem"] = status.problem;
    entry["services"] = Json::array();
    for (const ServiceStatus& service : status.services)
      entry["services"].push_back(service_json(service));
    for (Json& attached : entry["attached"]) {
      const RunningProxy* const one = attached_one(proxies, attached["pid"].get<std::int64_t>());
      if (one == nullptr || one->worktree.empty()) continue;
      attached["worktree"] = {{"label", one->worktree}, {"origin", one->worktree_origin}};
    }
    json["proxies"].push_back(std::move(entry));
  }
  return json_line(json);
}

std::string status_text(const std::vector<ProxyStatus>& proxies, bool colour) {
  std::string text;
  for (const ProxyStatus& status : proxies) {
    const RunningProxy& proxy = status.proxy;
    if (!text.empty()) text += "\n";
    if (proxy.shared) {
      text += shared_text(proxy, proxies, colour);
      continue;
    }
    text += fmt::format(
        "{} {}, {}, pid {}, since {}\n  {}\n  {}{}\n", paint("devproxy", Colour::bold, colour),
        escape(proxy.version), project_head(proxy, colour), proxy.pid,
        time_text(static_cast<std::time_t>(proxy.since)),
        proxy.file.empty() ? "devproxy run, without a file" : escape_own(proxy.file),
        proxy.listeners.empty() ? "reachable nowhere: no proxy carries it now, and it looks for one"
                                : "on " + listeners_text(proxy.listeners),
        proxy.attached_to == 0 ? std::string()
                               : fmt::format(", by the proxy of pid {}", proxy.attached_to));
    if (proxy.forces) text += "  started with --force: what others claim too comes here\n";
    if (proxy.rolled_back)
      text += "  " + paint(rolled_back_text(proxy), Colour::yellow, colour) + "\n";
    if (!proxy.invalid_file.empty()) {
      text += "  " +
              paint("the last reload changed nothing: " + escape_own(proxy.invalid_file) +
                        " (devproxy check)",
                    Colour::yellow, colour) +
              "\n";
    }
    if (!status.problem.empty())
      text += "  " + paint(escape_own(status.problem), Colour::yellow, colour) + "\n";
    if (!status.services.empty()) text += services_text(status, colour);
  }
  return text;
}

}  // namespace devproxy
