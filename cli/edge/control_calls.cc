#include "cli/edge/control_calls.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/dirs.h"
#include "base/json.h"
#include "base/text.h"
#include "cli/attach/attach_form.h"
#include "control/sockets.h"
#include "services/log_file.h"

namespace devproxy {
namespace {

constexpr std::uint64_t usual_lines = 100;
constexpr std::uint64_t most_lines = 5'000;

ControlFailure unknown_call(const std::string& name) {
  return {static_cast<int>(ExitCode::usage), "control.unknown_call",
          fmt::format("the proxy that runs does not know the call \"{}\"", escape(name)),
          "it may be an older version: stop it and start it again"};
}

std::string reload_form(const ReloadReport& report) {
  Json json;
  json["schema"] = "devproxy.reload/v1";
  json["changes"] = report.changes;
  json["generation"] = report.generation;
  json["milliseconds"] = static_cast<double>(report.took.count()) / 1000.0;
  return json_line(json);
}

ControlFailure no_proxy() {
  return {static_cast<int>(ExitCode::not_running), "proxy.not_running",
          "this devproxy is attached to another one's proxy, or is about to end",
          "devproxy status lists those that run"};
}

ControlFailure no_file() {
  return {static_cast<int>(ExitCode::not_running), "proxy.no_file",
          "this devproxy has no file of its own: it carries those of others",
          "devproxy status lists them"};
}

ControlFailure not_run_here(const std::string& service) {
  return {static_cast<int>(ExitCode::not_running), "service.not_run",
          fmt::format("devproxy does not run \"{}\": it has no command in the file, or was left "
                      "out when devproxy was started",
                      escape(service)),
          "devproxy status lists the services"};
}

ControlFailure to_control(const ServiceNews& news) {
  return {static_cast<int>(ExitCode::failed), "service.failed",
          fmt::format("{} {}", news.service, news.detail.empty() ? "failed" : news.detail),
          fmt::format("devproxy logs {} shows what it printed", news.service)};
}

std::string restart_form(const ServiceNews& news) {
  Json json;
  json["schema"] = "devproxy.restart/v1";
  json["service"] = news.service;
  json["state"] = state_text(news.state);
  json["port"] = news.port;
  json["pid"] = news.pid;
  json["milliseconds"] = news.took.count();
  return json_line(json);
}

/// What ends: whoever asked waits until the connection does.
std::string stop_form(const RunningProxy& facts) {
  Json json;
  json["schema"] = "devproxy.stop/v1";
  json["pid"] = facts.pid;
  json["project"] = facts.project;
  json["attached"] = Json::array();
  for (const AttachedProject& each : facts.attached) json["attached"].push_back(each.project);
  return json_line(json);
}

std::string line_form(std::string_view time, std::string_view service, std::string_view line) {
  Json json;
  json["schema"] = "devproxy.log/v1";
  json["time"] = time;
  json["service"] = service;
  json["line"] = line;
  return json_line(json);
}

}  // namespace

ControlCalls::ControlCalls(Loop& loop, Proxy proxy)
    : proxy_(std::move(proxy)),
      server_(loop, [this](const ControlCall& call, const ExchangePtr& exchange) {
        handle(call, exchange);
      }) {}

ControlCalls::~ControlCalls() = default;

Result<void> ControlCalls::open() {
  const auto dirs = find_dirs();
  if (!dirs) return tl::unexpected<Error>(dirs.error());
  if (auto made = make_private_dir(dirs->runtime); !made) return made;
  return server_.listen(control_socket_path(dirs->runtime, ::getpid()));
}

void ControlCalls::handle(const ControlCall& call, const ExchangePtr& exchange) {
  if (call.name == "status") {
    exchange->answer(to_json(proxy_.facts()));
  } else if (call.name == "reload") {
    reload(exchange);
  } else if (call.name == "restart") {
    restart(call, exchange);
  } else if (call.name == "logs") {
    logs(call, exchange);
  } else if (call.name == "attach") {
    if (!proxy_.attach(call, exchange)) exchange->fail(no_proxy());
  } else if (call.name == "hand_over") {
    if (!proxy_.hand_over || !proxy_.hand_over(call, exchange)) exchange->fail(no_proxy());
  } else if (call.name == "requests") {
    exchange->answer(proxy_.requests(call));
  } else if (call.name == "stop") {
    exchange->answer(stop_form(proxy_.facts()));
    proxy_.stop();
  } else if (!handle_history(call, exchange)) {
    exchange->fail(unknown_call(call.name));
  }
}

/// False: it is another call.
bool ControlCalls::handle_history(const ControlCall& call, const ExchangePtr& exchange) {
  if (call.name != "history" && call.name != "rollback" && call.name != "project") return false;
  if (!proxy_.history) {
    exchange->fail(no_file());
  } else if (call.name == "history") {
    exchange->answer(proxy_.history());
  } else if (call.name == "rollback") {
    proxy_.roll_back(call, exchange);
  } else {
    exchange->answer(proxy_.project());
  }
  return true;
}

void ControlCalls::reload(const ExchangePtr& exchange) {
  reloads_.push_back({exchange, Clock::now()});
  if (proxy_.reload()) return;
  reloads_.pop_back();
  exchange->fail(no_file());
}

void ControlCalls::restart(const ControlCall& call, const ExchangePtr& exchange) {
  const std::string service = call.argument("service");
  // Before it begins: the news of it come at once.
  restarts_.push_back({exchange, service});
  if (proxy_.restart(service)) return;
  std::erase_if(restarts_, [&](const Restart& entry) { return entry.exchange == exchange; });
  exchange->fail(not_run_here(service));
}

void ControlCalls::logs(const ControlCall& call, const ExchangePtr& exchange) {
  const std::string service = call.argument("service");
  std::vector<std::string> services;
  for (const RunningService& each : proxy_.facts().services) {
    if (service.empty() || each.name == service) services.push_back(each.name);
  }
  if (!service.empty() && services.empty()) {
    exchange->fail(not_run_here(service));
    return;
  }
  const std::size_t count = std::min<std::uint64_t>(
      parse_number(call.argument("lines")).value_or(usual_lines), most_lines);
  for (const LoggedLine& line : proxy_.last_logged(services, count))
    exchange->event(line_form(line.time, line.service, line.line));
  if (call.argument("follow") == "true") {
    std::erase_if(followers_, [](const Follower& entry) { return entry.exchange->is_over(); });
    followers_.push_back({exchange, service});
  } else {
    exchange->answer("{}");
  }
}

void ControlCalls::service_state(const ServiceNews& news) {
  for (Restart& entry : restarts_) {
    if (entry.service != news.service) continue;
    if (news.state == ServiceState::starting || news.state == ServiceState::waiting) {
      entry.started = true;
    } else if (news.state == ServiceState::failed) {
      entry.exchange->fail(to_control(news));
    } else if (entry.started && news.state != ServiceState::stopping) {
      entry.exchange->answer(restart_form(news));
    } else if (news.state == ServiceState::stopped &&
               find_running(proxy_.facts(), entry.service) == nullptr) {
      // A reload took it away meanwhile: it will not start again.
      entry.exchange->fail(not_run_here(entry.service));
    }
  }
  std::erase_if(restarts_, [](const Restart& entry) { return entry.exchange->is_over(); });
}

void ControlCalls::service_line(std::string_view service, std::string_view line) {
  if (followers_.empty()) return;
  std::erase_if(followers_, [](const Follower& entry) { return entry.exchange->is_over(); });
  const std::string form = line_form(log_time(), service, line);
  for (const Follower& entry : followers_) {
    if (entry.service.empty() || entry.service == service) entry.exchange->event(form);
  }
}

void ControlCalls::reloaded(Clock::time_point began,
                            const tl::expected<ReloadReport, Failure>& outcome) {
  for (Reload& entry : reloads_) {
    // A load that had begun may not have seen what the caller wants to be seen.
    if (entry.asked > began) continue;
    if (outcome) {
      entry.exchange->answer(reload_form(*outcome));
    } else {
      entry.exchange->fail(to_control(outcome.error()));
    }
  }
  std::erase_if(reloads_, [](const Reload& entry) { return entry.exchange->is_over(); });
}

}  // namespace devproxy
