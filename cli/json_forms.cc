#include "cli/json_forms.h"

#include <fmt/format.h>

#include "base/json.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/help.h"
#include "cli/process_form.h"
#include "cli/reporter.h"

namespace devproxy {
namespace {

Json form(const char* name) {
  return Json{{"schema", name}};
}

Json place(const Position& at) {
  Json json;
  json["file"] = at.file;
  json["line"] = at.line;
  json["column"] = at.column;
  return json;
}

Json problem_json(const Problem& problem) {
  Json json;
  json["code"] = problem.code;
  json["message"] = problem.message;
  json.update(place(problem.at));
  json["hint"] = problem.hint;
  return json;
}

Json problems_json(const Problems& problems) {
  Json list = Json::array();
  for (const Problem& problem : problems) list.push_back(problem_json(problem));
  return list;
}

Json whens_json(const RouteRule& rule) {
  Json list = Json::array();
  for (const ServiceWhen& when : rule.service_when) {
    const std::string condition = when.name + (when.value ? "=" + *when.value : "");
    list.push_back({{std::string(word_of(when.in)), condition}, {"service", when.service}});
  }
  return list;
}

Json rows_json(const std::vector<UrlRow>& rows) {
  Json list = Json::array();
  for (const UrlRow& row : rows) {
    Json json;
    // A port that is not known yet leaves nothing that could be opened.
    json["url"] = row.is_open ? Json() : Json(row.url);
    json["host"] = row.host;
    json["path"] = row.path;
    json["service"] = row.service;
    json["target"] = row.target;
    json["fallback"] = row.fallback;
    if (row.rule != nullptr) {
      json["methods"] = row.rule->methods;
      json["headers"] = Json::object();
      for (const auto& [name, value] : row.rule->headers) json["headers"][name] = value;
      json["service_when"] = whens_json(*row.rule);
      json.update(place(row.rule->at));
    }
    list.push_back(std::move(json));
  }
  return list;
}

Json tcp_json(const Config& config) {
  const std::vector<UrlRow> rows = tcp_rows(config);
  Json list = Json::array();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Json json;
    json["port"] = config.tcp[i].port;
    json["service"] = rows[i].service;
    json["target"] = rows[i].target;
    json.update(place(config.tcp[i].at));
    list.push_back(std::move(json));
  }
  return list;
}

Json listeners_json(const std::vector<BoundAddress>& listeners) {
  Json list = Json::array();
  for (const BoundAddress& address : listeners)
    list.push_back(fmt::format("{}:{}", host_text(address.host), address.port));
  return list;
}

Json failure_json(const Failure& failure) {
  Json json;
  json["code"] = failure.code;
  json["message"] = failure.message;
  // The place of the first problem, so that a reader who wants only one need not look further.
  json.update(place(failure.problems.empty() ? Position{} : failure.problems.front().at));
  json["hint"] = failure.hint;
  json["exit"] = static_cast<int>(failure.exit);
  if (!failure.problems.empty()) json["problems"] = problems_json(failure.problems);
  return json;
}

std::string_view name_of(CertificateFrom from) {
  switch (from) {
    case CertificateFrom::none:
      return "none";
    case CertificateFrom::own:
      return "own";
    case CertificateFrom::local_ca:
      return "local_ca";
    case CertificateFrom::loopback:
      return "loopback";
  }
  return "";
}

Json certificate_json(const Explanation& explanation) {
  const ExplainedCertificate& certificate = explanation.certificate;
  Json json;
  json["from"] = name_of(certificate.from);
  json["fits"] = certificate.fits && explanation.refusal.empty();
  json["names"] = certificate.names;
  json["cert"] = certificate.file;
  json["why_not"] = explanation.refusal.empty() ? certificate.why : explanation.refusal;
  return json;
}

Json resolution_json(const NameFacts& name) {
  Json json;
  json["addresses"] = name.addresses;
  json["error"] = name.error;
  json["browsers_reach_loopback"] = by_browsers(name) == Reached::loopback;
  json["others_reach_loopback"] = by_system(name) == Reached::loopback;
  return json;
}

Json run_json(const ExplainedRun& run) {
  Json json;
  json["pid"] = run.pid;
  json["invalid_file"] = run.invalid_file;
  json["service"] = Json();
  if (run.service) {
    json["service"] = {{"state", run.service->state},
                       {"detail", run.service->detail},
                       {"port", run.service->port},
                       {"pid", run.service->process},
                       {"last_lines", run.last_lines}};
  }
  json["records_requests"] = run.measures;
  json["requests"] = Json::array();
  for (const RecentRequest& request : run.requests) {
    json["requests"].push_back({{"time", utc_text(request.began)},
                                {"method", request.method},
                                {"path", request.path},
                                {"status", request.status},
                                {"ms", static_cast<double>(request.took.count()) / 1e3},
                                {"note", request.note}});
  }
  return json;
}

/// Null: the main checkout.
Json worktree_json(const Worktree& worktree) {
  if (worktree.label.empty()) return Json();
  return {{"label", worktree.label},
          {"origin", worktree.origin},
          {"hosts_carry_it", worktree.renames()},
          {"left_ports", worktree.left_ports}};
}

Json event(const char* name) {
  Json json = form("devproxy.event/v1");
  json["event"] = name;
  return json;
}

}  // namespace

std::string version_form() {
  Json json = form("devproxy.version/v1");
  json["version"] = program_version;
  return json_line(json);
}

std::string help_form(std::string_view command) {
  Json json = form("devproxy.help/v1");
  json["version"] = program_version;
  Json list = Json::array();
  for (const CommandInfo& info : commands()) {
    if (!command.empty() && info.name != command) continue;
    list.push_back({{"name", info.name}, {"summary", info.summary}});
    if (command.empty()) continue;
    Json examples = Json::array();
    for (const std::string_view line : split(info.examples, '\n'))
      if (!line.empty()) examples.push_back(line);
    list.back()["examples"] = std::move(examples);
  }
  json["commands"] = std::move(list);
  Json options = Json::array();
  for (const OptionInfo& option : options_of(command))
    options.push_back({{"name", option.name}, {"summary", option.summary}});
  json["options"] = std::move(options);
  return json_line(json);
}

std::string error_form(const Failure& failure) {
  Json json = form("devproxy.error/v1");
  json.update(failure_json(failure));
  return json_line(json);
}

std::string check_form(const Config* config, const Problems& problems) {
  Json json = form("devproxy.check/v1");
  json["valid"] = config != nullptr;
  if (config != nullptr) {
    json["file"] = config->file;
    json["project"] = config->project;
    json["worktree"] = worktree_json(config->worktree);
    json["services"] = config->services.size();
    json["routes"] = config->routes.size();
    json["service_when"] = Json::array();
    for (const RouteRule& rule : config->routes) {
      for (Json& when : whens_json(rule)) json["service_when"].push_back(std::move(when));
    }
  }
  json["problems"] = problems_json(problems);
  return json_line(json);
}

std::string routes_form(const Config& config, const std::vector<UrlRow>& rows) {
  Json json = form("devproxy.routes/v1");
  json["project"] = config.project;
  json["config"] = config.file;
  json["worktree"] = worktree_json(config.worktree);
  json["listeners"] = listeners_json(wanted_listeners(config));
  json["routes"] = rows_json(rows);
  json["tcp"] = tcp_json(config);
  return json_line(json);
}

std::string explain_form(const Explanation& explanation) {
  Json json = form("devproxy.explain/v1");
  json["url"] = explanation.url;
  json["method"] = explanation.method;
  json["host"] = explanation.asked.host;
  json["path"] = explanation.path;
  json["listeners"] = listeners_json(explanation.listeners);
  json["port_is_ours"] = explanation.port_is_ours;
  json["proxy"] = explanation.proxy_owner;
  json["worktree"] = worktree_json(explanation.worktree);
  json["called_here"] = explanation.called_here;
  json["elsewhere"] = explanation.elsewhere;
  // Null for http.
  json["certificate"] =
      explanation.asked.tls.value_or(false) ? certificate_json(explanation) : Json();
  json["fallback"] = explanation.fallback;
  json["matched"] = explanation.winner() != nullptr;
  json["routes"] = Json::array();
  for (const ExplainedRoute& route : explanation.routes) {
    Json each;
    each["host"] = route.host;
    each["path"] = route.path;
    each["service"] = route.service;
    each["target"] = route.target;
    each["matched"] = route.matched;
    each["reason"] = route.reason;
    each["service_when"] = Json::array();
    for (const ExplainedWhen& when : route.service_when) {
      each["service_when"].push_back({{"when", when.text},
                                      {"service", when.service},
                                      {"chosen", when.chosen},
                                      {"reason", when.reason}});
    }
    each.update(place(route.at));
    json["routes"].push_back(std::move(each));
  }
  json["request_line"] = explanation.request_line;
  json["transport"] = explanation.transport;
  json["command"] = explanation.command;
  json["adapter"] = explanation.adapter;
  json["found"] = explanation.found;
  json["fields"] = Json::object();
  for (const auto& [name, value] : explanation.fields) json["fields"][name] = value;
  json["redirect"] = explanation.redirect;
  json["backends"] = Json::array();
  for (const BackendAddress& backend : explanation.backends) {
    Json each;
    each["address"] = backend.address;
    each["listening"] = backend.listening;
    each["why_not"] = backend.why_not;
    each["owner"] = backend.owner;
    each["process"] = process_json(backend.process);
    json["backends"].push_back(std::move(each));
  }
  json["resolution"] = explanation.name ? resolution_json(*explanation.name) : Json();
  // Null: no devproxy runs with the file.
  json["running"] = explanation.run ? run_json(*explanation.run) : Json();
  json["reachable"] = explanation.is_reachable();
  return json_line(json);
}

std::string init_form(const Scan& scan, const std::string& text, bool written) {
  Json json = form("devproxy.init/v1");
  json["written"] = written;
  json["project"] = scan.project;
  json["files"] = scan.files;
  json["services"] = Json::array();
  for (const Finding& finding : scan.findings) {
    Json each;
    each["name"] = finding.name;
    each["host"] = host_of(scan, finding);
    each["port"] = finding.port ? Json(*finding.port) : Json();
    each["command"] = finding.command;
    each["dir"] = finding.dir;
    each["evidence"] = finding.evidence;
    each["reason"] = finding.reason;
    json["services"].push_back(std::move(each));
  }
  json["text"] = text;
  return json_line(json);
}

std::string listening_event(const Config& config, const std::vector<BoundAddress>& listeners,
                            const std::vector<UrlRow>& rows) {
  Json json = event("listening");
  json["version"] = program_version;
  json["project"] = config.project;
  json["config"] = config.file;
  json["worktree"] = worktree_json(config.worktree);
  json["listeners"] = listeners_json(listeners);
  json["exposed"] = config.proxy.expose;
  json["routes"] = rows_json(rows);
  json["tcp"] = tcp_json(config);
  return json_line(json);
}

std::string reload_event(const ReloadReport& report) {
  Json json = event("reload");
  json["ok"] = true;
  json["ms"] = static_cast<double>(report.took.count()) / 1e3;
  json["changes"] = report.changes;
  json["cause"] = cause_name(report.cause);
  json["generation"] = report.generation;
  json["runs_file"] = report.is_file;
  return json_line(json);
}

std::string reload_failed_event(const Failure& failure) {
  Json json = event("reload");
  json["ok"] = false;
  json["error"] = failure_json(failure);
  return json_line(json);
}

std::string service_event(const ServiceNews& news) {
  Json json = event("service");
  json["service"] = news.service;
  json["state"] = state_text(news.state);
  json["port"] = news.port;
  json["listens_on"] = news.listens_on == 0 ? news.port : news.listens_on;
  json["pid"] = news.pid == 0 ? Json() : Json(news.pid);
  json["detail"] = news.detail;
  if (news.state == ServiceState::ready) json["ms"] = news.took.count();
  if (news.again_in) json["again_in_ms"] = news.again_in->count();
  if (news.state == ServiceState::failed) json["last_lines"] = news.last_lines;
  return json_line(json);
}

std::string service_note_event(std::string_view service, std::string_view words) {
  Json json = event("note");
  json["service"] = service;
  json["message"] = words;
  return json_line(json);
}

std::string output_event(std::string_view service, std::string_view line) {
  Json json = event("output");
  json["service"] = service;
  json["line"] = line;
  return json_line(json);
}

std::string stopping_event(const std::string& signal) {
  Json json = event("stopping");
  json["signal"] = signal;
  return json_line(json);
}

}  // namespace devproxy
