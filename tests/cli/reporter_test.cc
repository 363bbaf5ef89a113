#include "cli/reporters/reporter.h"

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdlib>

#include "base/json.h"
#include "tests/cli/configs.h"
#include "tests/support/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

Config told_shop() {
  Config config;
  config.project = "shop";
  config.file = "/x/devproxy.toml";
  config.services = {{"web", PortTarget{62893}, {}, {}}};
  config.routes = {route("web", {"shop.localhost"})};
  config.proxy.listen = {address("127.0.0.1", 0)};
  return config;
}

/// A reporter whose output and errors the test reads.
struct Told {
  explicit Told(ReportForm form) {
    reporter = make_reporter(form, out_writer, error_writer, false, false, false,
                             [this] { return trusted; });
  }
  static std::array<Descriptor, 2> make_pipe() {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) std::abort();
    return {Descriptor(ends[0]), Descriptor(ends[1])};
  }
  static std::string take(LineWriter& writer, std::array<Descriptor, 2>& pipe) {
    writer.finish(0);
    std::array<char, 65536> buffer{};
    if (!wait_ready(pipe[0].fd(), POLLIN, WaitLimit(std::chrono::milliseconds(0)))) return "";
    const ssize_t count = ::read(pipe[0].fd(), buffer.data(), buffer.size());
    return {buffer.data(), static_cast<std::size_t>(count)};
  }
  std::string output() { return take(out_writer, out_pipe); }
  std::string errors() { return take(error_writer, error_pipe); }

  bool trusted = true;
  Agenda agenda;
  std::array<Descriptor, 2> out_pipe = make_pipe();
  std::array<Descriptor, 2> error_pipe = make_pipe();
  LineWriter out_writer{agenda, out_pipe[1].fd()};
  LineWriter error_writer{agenda, error_pipe[1].fd()};
  std::unique_ptr<Reporter> reporter;
};

ExchangeRecord request() {
  ExchangeRecord record;
  record.method = "GET";
  record.host = "shop.localhost";
  record.target = "/x";
  record.status = 200;
  record.service = "web";
  return record;
}

TEST_CASE("reporter: up shows the table with the real port and what to do next", "[cli]") {
  Told told(ReportForm::table);
  told.reporter->listening(told_shop(), {{"127.0.0.1", 43210}}, false);
  const std::string text = told.output();
  CHECK_THAT(text, ContainsSubstring("project shop, on 127.0.0.1:43210\n"));
  CHECK_THAT(text, ContainsSubstring("  https://shop.localhost:43210  web      :62893\n"));
  CHECK_THAT(text, ContainsSubstring(
                       "Open a URL; edit devproxy.toml: it reloads by itself; Ctrl-C stops."));
}

TEST_CASE("reporter: below the URLs stands what makes them open without a warning", "[cli]") {
  const ReportForm form = GENERATE(ReportForm::table, ReportForm::plain);
  Told told(form);
  told.trusted = false;
  told.reporter->listening(told_shop(), {{"127.0.0.1", 43210}}, false);
  CHECK_THAT(
      told.output(),
      ContainsSubstring(":62893\n  https is not trusted on this machine yet: devproxy trust\n"));
  told.trusted = true;
  told.reporter->listening(told_shop(), {{"127.0.0.1", 43210}}, false);
  CHECK_THAT(told.output(), !ContainsSubstring("trust"));
}

ServiceNews news_of(ServiceState state, std::string detail) {
  ServiceNews news;
  news.service = "api";
  news.state = state;
  news.port = 20001;
  news.detail = std::move(detail);
  news.last_lines = {"first", "second"};
  return news;
}

TEST_CASE("reporter: the services that it runs, for people", "[cli]") {
  Told told(ReportForm::plain);
  Config config = told_shop();
  config.services.push_back({"api", CommandTarget{}, {}, {}});
  told.reporter->listening(config, {{"127.0.0.1", 43210}}, false);
  told.output();

  ServiceNews news = news_of(ServiceState::ready, "");
  news.took = std::chrono::milliseconds(812);
  told.reporter->service_state(news);
  CHECK_THAT(told.output(), ContainsSubstring("  api is ready after 812 ms\n"));
  told.reporter->service_line("api", "\x1b[32mcaf\xC3\xA9\x1b[0m");
  CHECK(told.output() == "api | caf\\xc3\\xa9\n");

  // Its last lines are not shown twice, but when others came between they are.
  news = news_of(ServiceState::failed, "exited with code 1 after 0.3 s");
  news.again_in = std::chrono::milliseconds(500);
  told.reporter->service_state(news);
  const std::string once = told.output();
  CHECK_THAT(once, ContainsSubstring("  api exited with code 1 after 0.3 s; again in 0.5 s\n"));
  CHECK_THAT(once, !ContainsSubstring("first"));
  told.reporter->service_line("web", "x");
  told.reporter->service_state(news);
  CHECK_THAT(told.output(), ContainsSubstring("again in 0.5 s\napi | first\napi | second\n"));

  told.reporter->service_note("api", "is still starting");
  CHECK_THAT(told.output(), ContainsSubstring("  api is still starting\n"));
  told.reporter->service_state(news_of(ServiceState::waiting, "db"));
  CHECK_THAT(told.output(), ContainsSubstring("  api waits for db\n"));
  told.reporter->service_state(news_of(ServiceState::stopping, ""));
  CHECK(told.output().empty());
  told.reporter->service_state(news_of(ServiceState::stopped, ""));
  CHECK_THAT(told.output(), ContainsSubstring("  api stopped\n"));
}

TEST_CASE("reporter: the services that it runs, for programs", "[cli]") {
  Told told(ReportForm::events);
  ServiceNews news = news_of(ServiceState::failed, "exited with code 1");
  news.again_in = std::chrono::milliseconds(500);
  told.reporter->service_state(news);
  const Json failed = parse_json(told.output());
  CHECK(failed["schema"] == "devproxy.event/v1");
  CHECK(failed["event"] == "service");
  CHECK(failed["state"] == "failed");
  CHECK(failed["port"] == 20001);
  CHECK(failed["pid"].is_null());
  CHECK(failed["again_in_ms"] == 500);
  CHECK(failed["last_lines"] == Json({"first", "second"}));
  told.reporter->service_line("api", "\x1b[32m\"x\"\x1b[0m");
  const Json line = parse_json(told.output());
  CHECK(line["event"] == "output");
  CHECK(line["line"] == "\"x\"");
  told.reporter->service_note("api", "words");
  CHECK(parse_json(told.output())["message"] == "words");
}

TEST_CASE("reporter: a long table is cut, and says so", "[cli]") {
  Config config = told_shop();
  for (int i = 0; i < 50; ++i) config.routes.push_back(route("web", {"h" + std::to_string(i)}));
  Told told(ReportForm::plain);
  told.reporter->listening(config, {{"127.0.0.1", 43210}}, false);
  CHECK_THAT(told.output(), ContainsSubstring("... and 11 more: devproxy routes lists them\n"));
}

TEST_CASE("reporter: serve says one fact a line", "[cli]") {
  Told told(ReportForm::plain);
  told.reporter->listening(told_shop(), {{"127.0.0.1", 43210}}, false);
  told.reporter->exchange(request());
  const std::string text = told.output();
  CHECK_THAT(text, ContainsSubstring("serves shop (/x/devproxy.toml) on 127.0.0.1:43210\n"));
  CHECK_THAT(text, ContainsSubstring("https://shop.localhost:43210 -> web :62893\n"));
  CHECK_THAT(text, ContainsSubstring("GET     shop.localhost  /x"));
}

TEST_CASE("reporter: no request lines when the file turns them off, also by a reload", "[cli]") {
  const ReportForm form = GENERATE(ReportForm::plain, ReportForm::events);
  Told told(form);
  Config config = told_shop();
  told.reporter->listening(config, {{"127.0.0.1", 43210}}, false);
  CHECK_FALSE(told.output().empty());
  config.proxy.access_log = AccessLogMode::off;
  told.reporter->listening(config, {{"127.0.0.1", 43210}}, true);
  told.reporter->exchange(request());
  CHECK(told.output().empty());
}

TEST_CASE("reporter: listeners beyond loopback are warned of each time", "[cli]") {
  Told told(ReportForm::table);
  Config config = told_shop();
  config.proxy.expose = true;
  config.proxy.listen = {address("127.0.0.1", 6289), address("0.0.0.0", 6289)};
  for (const bool again : {false, true}) {
    told.reporter->listening(config, {{"127.0.0.1", 6289}}, again);
    CHECK_THAT(
        told.errors(),
        ContainsSubstring("devproxy: warning: 0.0.0.0:6289 is reachable from other machines"));
  }
  CHECK(exposure_warnings(told_shop()).empty());
}

TEST_CASE("reporter: reloads show what changed, failures what is wrong", "[cli]") {
  Told told(ReportForm::table);
  told.reporter->listening(told_shop(), {{"127.0.0.1", 43210}}, false);
  told.output();
  told.reporter->reloaded(
      {{"+ a.localhost -> :1", "~ /api :1 -> :2"}, std::chrono::microseconds(1500)});
  CHECK_THAT(told.output(),
             ContainsSubstring("  reloaded devproxy.toml in 1.5 ms\n          + a.localhost -> :1\n"
                               "          ~ /api :1 -> :2\n"));
  told.reporter->reloaded({});
  CHECK_THAT(told.output(), ContainsSubstring("no route changed\n"));
  ReloadReport back{{"- a.localhost"}, std::chrono::microseconds(1500), 2, {}, false};
  back.cause = Cause::rollback;
  told.reporter->reloaded(back);
  CHECK_THAT(told.output(),
             ContainsSubstring("  rolled back to generation 2 of ") &&
                 ContainsSubstring(", not devproxy.toml\n          the file's next change, or "
                                   "devproxy reload, takes it again\n          - a.localhost\n"));
  told.reporter->reload_failed(
      {ExitCode::conflict, "listen.taken", "127.0.0.1:1 is taken", "stop it", {}});
  CHECK(told.errors() == "devproxy: error: 127.0.0.1:1 is taken\nhint: stop it\n");
  CHECK(told.output().empty());
}

TEST_CASE("reporter: events are JSON lines, all on stdout", "[cli]") {
  Told told(ReportForm::events);
  told.reporter->listening(told_shop(), {{"127.0.0.1", 43210}}, false);
  told.reporter->exchange(request());
  told.reporter->reloaded({{"+ a"}, std::chrono::microseconds(1500)});
  told.reporter->reload_failed({ExitCode::usage, "config.invalid", "m", "h", {}});
  told.reporter->stopping("SIGTERM", std::chrono::seconds(10));
  std::vector<std::string> events;
  const std::string text = told.output();
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = text.find('\n', begin);
    const auto json = parse_json(text.substr(begin, end - begin));
    CHECK(json["schema"] == "devproxy.event/v1");
    events.push_back(json["event"].get<std::string>());
    begin = end + 1;
  }
  CHECK(events == std::vector<std::string>{"listening", "request", "reload", "reload", "stopping"});
  CHECK(told.errors().empty());
}

TEST_CASE("reporter: --log json prints requests only", "[cli]") {
  Told told(ReportForm::log);
  told.reporter->exchange(request());
  const auto json = parse_json(told.output());
  CHECK(json["path"] == "/x");
  CHECK_FALSE(json.contains("schema"));
}

}  // namespace
}  // namespace devproxy
