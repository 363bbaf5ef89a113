#include "cli/explain/explain_form.h"

#include <string_view>
#include <utility>

#include "cli/project/route_json.h"
#include "cli/terminal/failure_json.h"
#include "cli/terminal/process_form.h"

namespace devproxy {
namespace {

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

}  // namespace

std::string explain_form(const Explanation& explanation) {
  Json json{{"schema", "devproxy.explain/v1"}};
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
    each.update(place_json(route.at));
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

}  // namespace devproxy
