#include "cli/remote_proxy.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "cli/exchange_form.h"
#include "cli/project_form.h"

namespace devproxy {
namespace {

using Json = nlohmann::ordered_json;

/// It answers at once, unless it hangs.
constexpr std::chrono::milliseconds patience{5'000};
/// Of those that lost their proxy together, each may be asking the others just now.
constexpr std::chrono::milliseconds short_patience{500};

bool listens_there(const RunningProxy& proxy, const Config& config) {
  return std::any_of(proxy.listeners.begin(), proxy.listeners.end(), [&](const auto& listener) {
    return std::any_of(
        config.proxy.listen.begin(), config.proxy.listen.end(), [&](const ListenAddress& wanted) {
          return wanted.port == listener.port && wanted.host == listener.host && wanted.port != 0;
        });
  });
}

/// The listeners that {"listening":{…}} tells; nothing when it is something else.
std::optional<std::vector<BoundAddress>> listeners_of(const std::string& json) {
  const Json event = Json::parse(json, nullptr, false);
  if (!event.is_object() || !event.contains("listening")) return std::nullopt;
  const auto facts = read_running_proxy(event["listening"].dump());
  return facts ? std::optional(facts->listeners) : std::nullopt;
}

std::optional<Failure> refusal_of(const std::string& json) {
  const Json event = Json::parse(json, nullptr, false);
  if (!event.is_object() || !event.contains("refused") || !event["refused"].is_object())
    return std::nullopt;
  const Json& why = event["refused"];
  return Failure{static_cast<ExitCode>(why.value("exit", 1)),
                 why.value("code", ""),
                 escape(why.value("message", "")),
                 escape(why.value("hint", "")),
                 {}};
}

std::optional<std::uint16_t> refused_port_of(const std::string& json) {
  const Json event = Json::parse(json, nullptr, false);
  if (!event.is_object() || !event.contains("refused_port") ||
      !event["refused_port"].is_number_unsigned())
    return std::nullopt;
  return event["refused_port"].get<std::uint16_t>();
}

}  // namespace

std::optional<FoundProxy> find_proxy_for(const Config& config) {
  for (FoundProxy& proxy : find_proxies(short_patience)) {
    if (proxy.facts.attached_to == 0 && listens_there(proxy.facts, config)) return std::move(proxy);
  }
  return std::nullopt;
}

tl::expected<std::unique_ptr<RemoteProxy>, Failure> RemoteProxy::attach(Loop& loop,
                                                                        FoundProxy found,
                                                                        const Config& config,
                                                                        Events events) {
  std::optional<std::vector<BoundAddress>> listeners;
  const auto refused = ask(found, {"attach", {{"project", project_form(config)}}}, patience,
                           [&listeners](const std::string& event) {
                             listeners = listeners_of(event);
                             return !listeners;
                           });
  if (!listeners) {
    return tl::unexpected(refused ? Failure{ExitCode::failed,
                                            "control.no_answer",
                                            "the running devproxy did not attach this project",
                                            "restart it",
                                            {}}
                                  : refused.error());
  }
  found.facts.listeners = std::move(*listeners);
  return std::unique_ptr<RemoteProxy>(new RemoteProxy(
      loop, std::move(found.facts), std::move(found.client).release(), std::move(events)));
}

RemoteProxy::RemoteProxy(Loop& loop, RunningProxy facts, ControlClient::Connection connection,
                         Events events)
    : facts_(std::move(facts)),
      events_(std::move(events)),
      link_(loop, std::move(connection),
            {[this](const ControlReply& reply) { on_reply(reply); }, [this] { events_.lost(); }}) {}

tl::expected<void, Failure> RemoteProxy::apply(std::shared_ptr<const Config> config,
                                               std::shared_ptr<const RouteTable> /*table*/) {
  link_.send({"update", {{"project", project_form(*config)}}});
  return {};
}

std::string RemoteProxy::words() const {
  return fmt::format("the proxy of {} (pid {})", facts_.project, facts_.pid);
}

void RemoteProxy::tell(const std::string& service, std::uint16_t port, const ServiceTale& tale) {
  std::string lines;
  for (const std::string& line : tale.last_lines) {
    if (!lines.empty()) lines += '\n';
    lines += line;
  }
  link_.send({"tell",
              {{"service", service},
               {"port", std::to_string(port)},
               {"comes", tale.comes ? "true" : "false"},
               {"starting", tale.starting ? "true" : "false"},
               {"state", tale.state},
               {"lines", std::move(lines)},
               {"missing", tale.missing}}});
}

void RemoteProxy::move(const Target& target, const std::optional<LoopbackPlace>& place) {
  link_.send({"move", {{"move", move_form({target, place})}}});
}

void RemoteProxy::drain(std::chrono::milliseconds /*limit*/, std::function<void()> done) {
  done();
}

void RemoteProxy::on_reply(const ControlReply& reply) {
  if (reply.kind != ControlReply::Kind::event) return;
  if (auto listeners = listeners_of(reply.json)) {
    facts_.listeners = std::move(*listeners);
    events_.listening();
  } else if (const auto why = refusal_of(reply.json)) {
    events_.refused(*why);
  } else if (const auto port = refused_port_of(reply.json)) {
    events_.refused_port(*port);
  } else {
    read_exchange(reply.json, events_.exchange);
  }
}

}  // namespace devproxy
