#include "cli/control_calls.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <utility>

#include "base/dirs.h"
#include "base/text.h"
#include "control/sockets.h"

namespace devproxy {
namespace {

ControlFailure unknown_call(const std::string& name) {
  return {static_cast<int>(ExitCode::usage), "control.unknown_call",
          fmt::format("the proxy that runs does not know the call \"{}\"", escape(name)),
          "it may be an older version: stop it and start it again"};
}

ControlFailure to_control(const Failure& failure) {
  std::string message = failure.message;
  for (const Problem& problem : failure.problems) {
    message += fmt::format("; {}:{}:{}: {}", problem.at.file, problem.at.line, problem.at.column,
                           problem.message);
  }
  return {static_cast<int>(failure.exit), failure.code, std::move(message), failure.hint};
}

std::string reload_form(const ReloadReport& report) {
  nlohmann::ordered_json json;
  json["schema"] = "devproxy.reload/v1";
  json["changes"] = report.changes;
  json["milliseconds"] = static_cast<double>(report.took.count()) / 1000.0;
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
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
    wait_for_reload_.push_back(exchange);
    proxy_.reload();
  } else {
    exchange->fail(unknown_call(call.name));
  }
}

void ControlCalls::reloaded(const ReloadReport* report, const Failure* failure) {
  for (const ExchangePtr& exchange : std::exchange(wait_for_reload_, {})) {
    if (report != nullptr) exchange->answer(reload_form(*report));
    if (failure != nullptr) exchange->fail(to_control(*failure));
  }
}

}  // namespace devproxy
