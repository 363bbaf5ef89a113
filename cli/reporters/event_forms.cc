#include "cli/reporters/event_forms.h"

#include "base/json.h"
#include "base/version.h"
#include "cli/project/route_json.h"
#include "cli/terminal/failure_json.h"

namespace devproxy {
namespace {

Json event(const char* name) {
  Json json{{"schema", "devproxy.event/v1"}};
  json["event"] = name;
  return json;
}

}  // namespace

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
