#include "cli/ports/ports_form.h"

#include "base/json.h"
#include "cli/terminal/process_form.h"

namespace devproxy {
namespace {

using std::chrono::system_clock;

/// ASCII only: what processes say of themselves may be shown on a terminal.
std::string dump(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace);
}

Json or_null(const std::string& text) {
  return text.empty() ? Json() : Json(text);
}

Json range_json(const PortSpan& range) {
  return Json{{"first", range.first}, {"last", range.last}};
}

Json row_json(const PortRow& row, const PortReport& report) {
  Json json;
  json["address"] = row.host();
  json["port"] = row.port();
  json["exposed"] = !row.is_loopback();
  json["class"] = name_of(class_of(row.port()));
  json["ephemeral"] = report.kernel.hands_out(row.port());
  json["uid"] = row.held.socket.uid;
  // Null for another user's, which only root may see.
  json["process"] = process_json(row.held.process);
  json["project"] = or_null(row.project);
  json["service"] = or_null(row.service);
  json["proxy"] = row.of_proxy;
  return json;
}

Json expected_json(const ExpectedPort& expected) {
  Json json;
  json["port"] = expected.port;
  json["service"] = or_null(expected.service);
  json["proxy"] = expected.service.empty();
  json["file"] = expected.at.file;
  json["line"] = expected.at.line;
  json["column"] = expected.at.column;
  return json;
}

Json meaning_json(const PortReport& report, std::uint16_t port) {
  Json json;
  json["port"] = port;
  json["class"] = name_of(class_of(port));
  json["ephemeral"] = report.kernel.hands_out(port);
  json["refused_by_browsers"] = browsers_refuse(port);
  json["commonly_used_by"] = or_null(std::string(usual_program(port)));
  json["listening"] = !report.rows.empty();
  return json;
}

}  // namespace

std::string ports_form(const PortReport& report, std::optional<std::uint16_t> port) {
  Json json{{"schema", "devproxy.ports/v1"}};
  json["project"] = or_null(report.project);
  json["config"] = or_null(report.file);
  json["config_problem"] = or_null(report.file_problem);
  json["ephemeral"] = range_json(report.kernel.ephemeral);
  json["asked"] = port ? meaning_json(report, *port) : Json();
  json["listeners"] = Json::array();
  for (const PortRow& row : report.rows) json["listeners"].push_back(row_json(row, report));
  json["expected"] = Json::array();
  for (const ExpectedPort& expected : report.expected)
    json["expected"].push_back(expected_json(expected));
  json["conflicts"] = Json::array();
  for (const PortConflict& conflict : report.conflicts) {
    json["conflicts"].push_back({{"code", conflict.code},
                                 {"port", conflict.port},
                                 {"message", conflict.message},
                                 {"hint", conflict.hint}});
  }
  return dump(json);
}

std::string free_port_form(std::uint16_t port) {
  return dump(Json{{"schema", "devproxy.free_port/v1"}, {"port", port}});
}

std::string port_event(const PortRow& row, const PortReport& report, bool opened,
                       system_clock::time_point now) {
  Json json{{"schema", "devproxy.event/v1"}};
  json["event"] = opened ? "port_opened" : "port_closed";
  json["time"] = utc_text(now);
  json["listener"] = row_json(row, report);
  return dump(json);
}

}  // namespace devproxy
