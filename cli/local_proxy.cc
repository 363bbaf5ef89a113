#include "cli/local_proxy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "cli/claims.h"
#include "cli/exchange_form.h"
#include "cli/listen_failure.h"
#include "cli/not_listening.h"
#include "cli/project_form.h"

namespace devproxy {
namespace {

/// What stands between a project and its service where both are named.
constexpr char separator = '/';

std::string make_instance() {
  std::array<unsigned char, 4> bytes{};
  uv_random(nullptr, nullptr, bytes.data(), bytes.size(), 0, nullptr);
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

std::string place(const Position& at) {
  return at.line == 0 ? at.file : fmt::format("{}:{}", at.file, at.line);
}

Failure claimed(const Claim& claim, const std::string& first, const std::string& second) {
  return {ExitCode::conflict,
          "route.claimed",
          fmt::format("{} of {} ({}) is claimed by the project {} ({}) already", claim.what,
                      escape(second), escape(place(claim.second)), escape(first),
                      escape(place(claim.first))),
          "change one of the two (--name of devproxy run), or end the other devproxy",
          {}};
}

ControlFailure to_control(const Failure& failure) {
  return {static_cast<int>(failure.exit), failure.code, failure.message, failure.hint};
}

std::string listeners_event(const std::vector<BoundAddress>& listeners) {
  RunningProxy facts;
  facts.listeners = listeners;
  return fmt::format("{{\"listening\":{}}}", to_json(facts));
}

}  // namespace

struct LocalProxy::Attached {
  std::shared_ptr<ControlExchange> exchange;
  std::string label;  ///< stands before the names of its services
  Config config;
  std::map<std::string, ServiceTale, std::less<>> tales;

  std::string name_of(const std::string& service) const { return label + separator + service; }
};

LocalProxy::LocalProxy(Loop& loop, Reporter& reporter, Options options)
    : reporter_(reporter), options_(std::move(options)) {
  ServerOptions wanted;
  wanted.instance = make_instance();
  wanted.state_dir = options_.state_dir;
  wanted.tell_of = [this](std::string_view service) { return tale_of(service); };
  wanted.look_nearby = options_.look_nearby;
  wanted.inherited = options_.inherited;
  wanted.on_refused = [this](std::uint16_t port) { note_refused(port); };
  if (options_.on_exchange)
    wanted.on_exchange = [this](const ExchangeRecord& record) { report(record); };
  server_ = std::make_unique<Server>(loop, std::move(wanted));
}

LocalProxy::~LocalProxy() = default;

// ---- Our own project ---------------------------------------------------------------------------

tl::expected<void, Failure> LocalProxy::apply(std::shared_ptr<const Config> config,
                                              std::shared_ptr<const RouteTable> table) {
  for (const auto& attached : attached_) {
    if (const auto claim = common_claim(attached->config, *config))
      return tl::unexpected(claimed(*claim, attached->config.project, config->project));
  }
  std::shared_ptr<const Config> before = std::exchange(own_, std::move(config));
  std::shared_ptr<const RouteTable> table_before = std::exchange(own_table_, std::move(table));
  auto taken = take_all();
  if (!taken) {
    own_ = std::move(before);
    own_table_ = std::move(table_before);
  }
  return taken;
}

tl::expected<void, Failure> LocalProxy::take_all() {
  if (attached_.empty()) return take(*own_, own_table_);
  Config all = *own_;
  for (const auto& attached : attached_) {
    const auto& theirs = attached->config;
    for (Service service : theirs.services) {
      service.name = attached->name_of(service.name);
      all.services.push_back(std::move(service));
    }
    for (RouteRule rule : theirs.routes) {
      rule.service = attached->name_of(rule.service);
      all.routes.push_back(std::move(rule));
    }
    for (TcpPort tcp : theirs.tcp) {
      tcp.service = attached->name_of(tcp.service);
      all.tcp.push_back(std::move(tcp));
    }
  }
  return take(all, RouteTable::build(all));
}

tl::expected<void, Failure> LocalProxy::take(const Config& config,
                                             const std::shared_ptr<const RouteTable>& table) {
  if (const auto applied = server_->apply(config, table); !applied)
    return tl::unexpected(listen_failure(applied.error(), config));
  tell_what_is_missing();
  tell_listeners();
  return {};
}

void LocalProxy::tell(const std::string& /*service*/, std::uint16_t port, const ServiceTale& tale) {
  if (port != 0) server_->expect(port, tale.comes);
}

void LocalProxy::drain(std::chrono::milliseconds limit, std::function<void()> done) {
  server_->drain(limit, std::move(done));
}

// ---- Projects that are attached ----------------------------------------------------------------

void LocalProxy::attach(const ControlCall& call, const std::shared_ptr<ControlExchange>& exchange) {
  auto attached = std::make_unique<Attached>();
  Attached& entry = *attached;
  entry.exchange = exchange;
  attached_.push_back(std::move(attached));
  if (const auto updated = update(entry, call); !updated) {
    const Failure& why = updated.error();
    attached_.pop_back();
    exchange->fail(to_control(why));
    return;
  }
  exchange->on_left = [this, &entry] { leave(entry); };
  exchange->on_call = [this, &entry](const ControlCall& further) {
    if (further.name == "update") {
      if (const auto updated = update(entry, further); !updated) {
        const Failure& why = updated.error();
        entry.exchange->event(nlohmann::ordered_json{
            {"refused",
             {{"exit", static_cast<int>(why.exit)},
              {"code", why.code},
              {"message", why.message},
              {"hint",
               why.hint}}}}.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
      }
    } else if (further.name == "tell") {
      note_tale(entry, further);
    } else if (further.name == "move") {
      if (const auto moved = read_move(further.argument("move")))
        server_->move(moved->target, moved->place);
    }
  };
  exchange->event(listeners_event(server_->listeners()));
  reporter_.service_note(
      "devproxy", fmt::format("carries the project {} now, of {}", entry.config.project,
                              entry.config.file.empty() ? "devproxy run" : entry.config.file));
}

tl::expected<void, Failure> LocalProxy::update(Attached& attached, const ControlCall& call) {
  auto theirs = read_project(call.argument("project"));
  if (!theirs) {
    return tl::unexpected(Failure{ExitCode::conflict,
                                  "control.version",
                                  theirs.error().detail,
                                  "end one of the two and start it again",
                                  {}});
  }
  if (const auto claim = common_claim(*own_, *theirs))
    return tl::unexpected(claimed(*claim, own_->project, theirs->project));
  for (const auto& other : attached_) {
    if (other.get() == &attached) continue;
    if (const auto claim = common_claim(other->config, *theirs))
      return tl::unexpected(claimed(*claim, other->config.project, theirs->project));
  }
  if (attached.label.empty()) attached.label = free_label(theirs->project);
  Config before = std::exchange(attached.config, std::move(*theirs));
  auto taken = take_all();
  if (!taken) attached.config = std::move(before);
  return taken;
}

void LocalProxy::note_tale(Attached& attached, const ControlCall& call) {
  const auto port = parse_number(call.argument("port"));
  if (!port || *port > 65'535) return;
  ServiceTale tale;
  tale.comes = call.argument("comes") == "true";
  tale.starting = call.argument("starting") == "true";
  tale.state = call.argument("state");
  const std::string lines = call.argument("lines");
  if (!lines.empty()) {
    for (const std::string_view line : split(lines, '\n')) tale.last_lines.emplace_back(line);
  }
  tale.missing = call.argument("missing");
  if (*port != 0) server_->expect(static_cast<std::uint16_t>(*port), tale.comes);
  attached.tales[call.argument("service")] = std::move(tale);
}

void LocalProxy::leave(const Attached& attached) {
  const auto found = std::find_if(attached_.begin(), attached_.end(),
                                  [&](const auto& entry) { return entry.get() == &attached; });
  if (found == attached_.end()) return;
  reporter_.service_note("devproxy",
                         fmt::format("carries the project {} no more", attached.config.project));
  attached_.erase(found);
  // Fewer routes and TCP ports on the same listeners: nothing can be in the way.
  static_cast<void>(take_all());
}

void LocalProxy::tell_listeners() {
  std::string event = listeners_event(server_->listeners());
  if (event == told_listeners_) return;
  told_listeners_ = std::move(event);
  for (const auto& attached : attached_) attached->exchange->event(told_listeners_);
}

/// Once, not with every project that comes or goes.
void LocalProxy::tell_what_is_missing() {
  const std::vector<NotListening>& missing = server_->not_listening();
  if (missing == told_missing_) return;
  told_missing_ = missing;
  if (!missing.empty())
    log(LogLevel::warn, "not listening everywhere: " + not_listening_text(missing));
}

/// Two folders may have the same name.
std::string LocalProxy::free_label(const std::string& project) const {
  std::string label = project;
  for (int i = 2; std::any_of(attached_.begin(), attached_.end(),
                              [&](const auto& entry) { return entry->label == label; });
       ++i)
    label = fmt::format("{}-{}", project, i);
  return label;
}

LocalProxy::Attached* LocalProxy::attached_of(std::string_view service) const {
  const std::size_t end = service.find(separator);
  if (end == std::string_view::npos) return nullptr;
  const auto found = std::find_if(
      attached_.begin(), attached_.end(),
      [label = service.substr(0, end)](const auto& entry) { return entry->label == label; });
  return found == attached_.end() ? nullptr : found->get();
}

std::optional<ServiceTale> LocalProxy::tale_of(std::string_view service) const {
  const Attached* const attached = attached_of(service);
  if (attached == nullptr) return options_.tell_of(service);
  const auto found = attached->tales.find(service.substr(attached->label.size() + 1));
  return found == attached->tales.end() ? std::nullopt : std::optional(found->second);
}

/// Whoever looks for services that move is told, here and there.
void LocalProxy::note_refused(std::uint16_t port) {
  options_.on_refused(port);
  const std::string event = fmt::format("{{\"refused_port\":{}}}", port);
  for (const auto& attached : attached_) attached->exchange->event(event);
}

/// Whose service it was hears of it; what no service answered is ours to tell.
void LocalProxy::report(const ExchangeRecord& record) {
  const Attached* const attached = attached_of(record.service);
  if (attached == nullptr) {
    options_.on_exchange(record);
    return;
  }
  ExchangeRecord theirs = record;
  theirs.service.remove_prefix(attached->label.size() + 1);
  attached->exchange->event(exchange_event(theirs));
}

}  // namespace devproxy
