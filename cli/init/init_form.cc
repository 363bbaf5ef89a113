#include "cli/init/init_form.h"

#include <utility>

#include "base/json.h"

namespace devproxy {

std::string init_form(const Scan& scan, const std::string& text, bool written) {
  Json json{{"schema", "devproxy.init/v1"}};
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

}  // namespace devproxy
