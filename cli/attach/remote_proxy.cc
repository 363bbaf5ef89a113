#include "cli/attach/remote_proxy.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "cli/attach/attach_form.h"
#include "cli/attach/exchange_form.h"
#include "cli/running/project_form.h"
#include "cli/running/start_proxy.h"

namespace devproxy {
namespace {

/// It answers at once, unless it hangs.
constexpr std::chrono::milliseconds patience{5'000};
/// Each may be asking the others just now.
constexpr std::chrono::milliseconds short_patience{500};

bool listens_there(const RunningProxy& proxy, const Config& config) {
  return std::any_of(proxy.listeners.begin(), proxy.listeners.end(), [&](const auto& listener) {
    return std::any_of(
        config.proxy.listen.begin(), config.proxy.listen.end(), [&](const ListenAddress& wanted) {
          return wanted.port == listener.port && wanted.host == listener.host && wanted.port != 0;
        });
  });
}

}  // namespace

std::optional<FoundProxy> find_proxy_for(const Config& config) {
  auto shared = find_shared_proxy(short_patience);
  if (shared && listens_there(shared->facts, config)) return shared;
  for (FoundProxy& proxy : find_proxies(short_patience)) {
    if (proxy.facts.attached_to == 0 && !proxy.facts.shared && listens_there(proxy.facts, config))
      return std::move(proxy);
  }
  return shared;
}

tl::expected<std::unique_ptr<RemoteProxy>, Failure> RemoteProxy::attach(
    Loop& loop, FoundProxy found, const Config& config, AttachWish wish, Events events) {
  std::optional<std::vector<BoundAddress>> listeners;
  const ControlCall call{"attach",
                         {{"project", project_form(config)},
                          {"pid", std::to_string(::getpid())},
                          {"force", wish.force ? "true" : "false"},
                          {"again", wish.again ? "true" : "false"}}};
  const auto refused = ask(found, call, patience, [&listeners](const std::string& event) {
    AttachEvent news = read_attach_event(event);
    if (auto* const told = std::get_if<std::vector<BoundAddress>>(&news))
      listeners = std::move(*told);
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
            {[this](const ControlReply& reply) { on_reply(reply); }, [this] { on_end(); }}) {}

void RemoteProxy::apply(std::shared_ptr<const Config> config,
                        std::shared_ptr<const RouteTable> /*table*/, Taken taken) {
  updates_.push_back(std::move(taken));
  link_.send({"update", {{"project", project_form(*config)}}});
}

void RemoteProxy::answer(const tl::expected<void, Failure>& outcome) {
  if (updates_.empty()) return;
  const Taken taken = std::move(updates_.front());
  updates_.pop_front();
  taken(outcome);
}

/// Whoever carries us next gets what was on its way.
void RemoteProxy::on_end() {
  while (!updates_.empty()) answer({});
  events_.lost();
}

std::string RemoteProxy::words() const {
  return fmt::format("the proxy of {} (pid {})", facts_.shared ? "all projects" : facts_.project,
                     facts_.pid);
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
               {"missing", tale.missing},
               {"advice", tale.advice}}});
}

void RemoteProxy::move(const Target& target, const std::optional<LoopbackPlace>& place) {
  link_.send({"move", {{"move", move_form({target, place})}}});
}

void RemoteProxy::drain(std::chrono::milliseconds /*limit*/, std::function<void()> done) {
  done();
}

void RemoteProxy::on_reply(const ControlReply& reply) {
  if (reply.kind != ControlReply::Kind::event) return;
  // By far the most frequent.
  if (read_exchange(reply.json, events_.exchange)) return;
  AttachEvent event = read_attach_event(reply.json);
  if (auto* const listeners = std::get_if<std::vector<BoundAddress>>(&event)) {
    facts_.listeners = std::move(*listeners);
    events_.listening();
  } else if (const auto* const why = std::get_if<Failure>(&event)) {
    answer(tl::unexpected(*why));
  } else if (std::holds_alternative<AttachUpdated>(event)) {
    answer({});
  } else if (const auto* const note = std::get_if<AttachNote>(&event)) {
    events_.note(note->words);
  } else if (auto* const fallbacks = std::get_if<std::vector<Fallback>>(&event)) {
    fallbacks_ = std::move(*fallbacks);
    events_.fallbacks();
  } else if (std::holds_alternative<AttachStop>(event)) {
    events_.stop();
  } else if (const auto* const refused = std::get_if<RefusedPort>(&event)) {
    events_.refused_port(refused->port);
  }
}

}  // namespace devproxy
