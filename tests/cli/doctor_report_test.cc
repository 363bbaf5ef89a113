#include "base/json.h"
#include "cli/doctor/report.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

DoctorReport report_of_all() {
  DoctorReport report;
  report.project = "shop";
  report.file = "devproxy.toml";
  report.resolver.curl = std::pair(7U, 88U);
  report.resolver.names = {{"shop.localhost", {}, "name or service not known", {}}};
  report.findings = {
      {Health::ok, "inotify", "inotify.fine", "plenty", ""},
      {Health::warning, "stale", "stale.processes",
       "one process of a devproxy "
       "that is gone still runs",
       "kill 4312", Fix::end_stale_runs},
      {Health::problem, "ports", "ports.taken", "127.0.0.1:6289 is taken", "kill 77"}};
  sort_by_importance(report.findings);
  return report;
}

}  // namespace

TEST_CASE("doctor report: the most important comes first, each with its mend", "[cli][doctor]") {
  const std::string text = doctor_text(report_of_all(), {});
  CHECK(text ==
        "1 problem, 1 warning, 1 fine: shop, devproxy.toml\n"
        "\n"
        "  problem  ports    127.0.0.1:6289 is taken\n"
        "                    mend: kill 77\n"
        "  warning  stale    one process of a devproxy that is gone still runs\n"
        "                    mend: kill 4312\n"
        "  ok       inotify  plenty\n"
        "\n"
        "  NAME            BROWSERS   CURL       NODE, PYTHON, JAVA, GO\n"
        "  shop.localhost  loopback   loopback   not found\n"
        "\n"
        "devproxy doctor --fix mends 1 of these by itself.\n");
}

TEST_CASE("doctor report: a narrow terminal breaks sentences, never commands", "[cli][doctor]") {
  DoctorView view;
  view.width = 52;
  const std::string text = doctor_text(report_of_all(), view);
  CHECK_THAT(text, ContainsSubstring("one process of a devproxy that\n"
                                     "                    is gone still runs\n"));
  CHECK(text.find("\x1b[") == std::string::npos);
  view.colour = true;
  CHECK_THAT(doctor_text(report_of_all(), view), ContainsSubstring("\x1b[31mproblem\x1b[0m"));
}

TEST_CASE("doctor report: what was mended is no problem any more", "[cli][doctor]") {
  DoctorReport report = report_of_all();
  for (Diagnosis& finding : report.findings) {
    if (finding.fix != Fix::none) finding.fixed = "ended 1 process";
  }
  CHECK(report.count(Health::warning) == 0);
  CHECK(report.fixable() == 0);
  const std::string text = doctor_text(report, {});
  CHECK_THAT(text, ContainsSubstring("  fixed    stale") && ContainsSubstring("done: ended 1"));
  CHECK(text.find("--fix") == std::string::npos);
}

TEST_CASE("doctor report: the form for programs", "[cli][doctor]") {
  const auto json = parse_json(doctor_form(report_of_all()));
  CHECK(json["schema"] == "devproxy.doctor/v1");
  CHECK(json["problems"] == 1);
  CHECK(json["warnings"] == 1);
  CHECK(json["findings"][0]["code"] == "ports.taken");
  CHECK(json["findings"][0]["health"] == "problem");
  CHECK(json["findings"][1]["fixable"] == true);
  CHECK(json["names"][0]["browsers"] == "loopback");
  CHECK(json["names"][0]["system"] == "nowhere");
  const auto none = parse_json(doctor_form({}));
  CHECK(none["config"].is_null());
  CHECK(doctor_text({}, {}).starts_with("0 problems, 0 warnings, 0 fine. No devproxy.toml here"));
}

}  // namespace devproxy
