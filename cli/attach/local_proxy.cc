#include "cli/attach/local_proxy.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "cli/attach/attach_form.h"
#include "cli/attach/attached_project.h"
#include "cli/attach/claims.h"
#include "cli/attach/fallbacks.h"
#include "cli/attach/listen_failure.h"
#include "cli/attach/not_listening.h"
#include "cli/attach/usual_port.h"
#include "cli/running/project_form.h"

namespace devproxy {
namespace {

std::string make_instance() {
  std::array<unsigned char, 4> bytes{};
  uv_random(nullptr, nullptr, bytes.data(), bytes.size(), 0, nullptr);
  return fmt::format("{:02x}", fmt::join(bytes, ""));
}

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

Failure claimed(const Claim& claim, const Config& first, const Config& second) {
  const bool is_run = second.file.empty();
  const std::string change =
      is_run ? "give this one another host with --name NAME"
      : first.project == second.project
          ? "worktree = \"folder\" in the file gives each copy hosts of its own"
          : "change one of the two files";
  return {
      ExitCode::conflict,
      "route.claimed",
      fmt::format("{} of {} ({}) is claimed by the project {} ({}) already", claim.what,
                  escape_own(second.project), escape_own(place_text(claim.second)),
                  escape_own(first.project), escape_own(place_text(claim.first))),
      fmt::format("{}; or end the other (devproxy down there), or take it over with devproxy {} "
                  "--force",
                  change, is_run ? "run" : "up"),
      {}};
}

Failure runs_already(const std::string& file, std::int64_t process) {
  return {
      ExitCode::conflict,
      "project.runs",
      fmt::format("{} is carried already, for the devproxy of pid {}", escape_own(file), process),
      fmt::format("devproxy down ends that one; where it does not answer, kill {} does, or take "
                  "it over with devproxy up --force",
                  process),
      {}};
}

bool is_extra(const ListenAddress& listen) {
  return listen.is_extra;
}

}  // namespace

LocalProxy::LocalProxy(Loop& loop, Options options)
    : loop_(loop),
      options_(std::move(options)),
      usual_port_(usual_port_of(options_.state_dir)),
      take_(loop.agenda()) {
  ServerOptions wanted;
  wanted.instance = make_instance();
  wanted.state_dir = options_.state_dir;
  wanted.tell_of = [this](std::string_view service) { return tale_of(service); };
  wanted.look_nearby = [this](std::string_view service) { return look_nearby(service); };
  wanted.inherited = options_.inherited;
  wanted.on_refused = [this](std::uint16_t port) { note_refused(port); };
  if (options_.on_exchange)
    wanted.on_exchange = [this](const ExchangeRecord& record) { report(record); };
  server_ = std::make_unique<Server>(loop, std::move(wanted));
}

LocalProxy::~LocalProxy() = default;

// ---- What is carried ---------------------------------------------------------------------------

tl::expected<void, Failure> LocalProxy::apply(std::shared_ptr<const Config> config,
                                              std::shared_ptr<const RouteTable> table) {
  for (const auto& attached : attached_) {
    if (attached->forces) continue;
    if (const auto claim = common_claim(attached->config, *config))
      return tl::unexpected(claimed(*claim, attached->config, *config));
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

std::vector<CarriedProject> LocalProxy::projects() const {
  std::vector<CarriedProject> projects;
  if (own_) projects.push_back({"", own_.get(), false});
  for (const auto& attached : attached_)
    projects.push_back({attached->label, &attached->config, attached->forces});
  return projects;
}

tl::expected<void, Failure> LocalProxy::take_all() {
  take_.cancel();
  const bool is_alone = own_ && attached_.empty();
  std::optional<Config> merged;
  if (!is_alone) merged = merge_projects(projects(), own_ == nullptr);
  if (!own_) drop_chosen(merged->proxy.listen);
  const Config& all = is_alone ? *own_ : *merged;
  const auto table = is_alone ? own_table_ : RouteTable::build(all);
  auto taken = take(all, table);
  if (!taken && taken.error().code == Code::taken) {
    if (const auto other = usual_port_of_another(with_usual_port(all, usual_port_).value_or(all))) {
      usual_port_note_ =
          fmt::format("listens on port {} instead of {}, where the devproxy of the user {} listens",
                      other->port, usual_port_, other->name);
      options_.note(usual_port_note_);
      usual_port_ = other->port;
      remember_usual_port(options_.state_dir, usual_port_);
      taken = take(all, table);
    }
  }
  if (!taken) return tl::unexpected(listen_failure(taken.error(), all));
  tell_what_is_missing();
  tell_listeners();
  return {};
}

/// Where the system chose a port for one project, the next may ask for it by its number.
void LocalProxy::drop_chosen(std::vector<ListenAddress>& wanted) const {
  const auto is_listed = [](const std::vector<ListenAddress>& list, const std::string& host,
                            std::uint16_t port) {
    return std::any_of(list.begin(), list.end(), [&](const ListenAddress& each) {
      return each.host == host && each.port == port;
    });
  };
  for (const BoundAddress& bound : server_->listeners()) {
    if (!is_listed(listens_, bound.host, bound.port) && is_listed(wanted, bound.host, 0)) {
      std::erase_if(wanted, [&bound](const ListenAddress& each) {
        return each.host == bound.host && each.port == bound.port;
      });
    }
  }
}

Result<void> LocalProxy::take(const Config& all, const std::shared_ptr<const RouteTable>& table) {
  // Copying ten thousand routes for one number takes longer than most reloads.
  const auto moved = with_usual_port(all, usual_port_);
  auto applied = server_->apply(moved ? *moved : all, table);
  if (applied) listens_ = moved ? moved->proxy.listen : all.proxy.listen;
  return applied;
}

/// Once, not with every project that comes or goes.
void LocalProxy::tell_what_is_missing() {
  const std::vector<NotListening>& missing = server_->not_listening();
  if (missing == told_missing_) return;
  told_missing_ = missing;
  missing_note_ =
      missing.empty() ? "" : "is not listening everywhere: " + not_listening_text(missing);
  if (!missing_note_.empty()) options_.note(missing_note_);
}

void LocalProxy::take_soon() {
  if (!take_.pending()) take_.start(0, [this] { take_waiting(); });
}

/// Those that wait bring nothing that could be refused but what the system lacks.
void LocalProxy::take_waiting() {
  auto taken = take_all();
  std::vector<std::unique_ptr<Attached>> refused;
  for (auto& attached : attached_) {
    if (!std::exchange(attached->is_waiting, false)) continue;
    if (taken) {
      welcome(*attached);
    } else {
      refused.push_back(std::move(attached));
    }
  }
  if (refused.empty()) return;
  std::erase(attached_, nullptr);
  static_cast<void>(take_all());
  for (const auto& attached : refused) attached->exchange->fail(to_control(taken.error()));
  if (options_.on_projects) options_.on_projects();
}

void LocalProxy::tell(const std::string& /*service*/, std::uint16_t port, const ServiceTale& tale) {
  if (port != 0) server_->expect(port, tale.comes);
}

void LocalProxy::drain(std::chrono::milliseconds limit, std::function<void()> done) {
  server_->drain(limit, std::move(done));
}

// ---- Projects that are attached ----------------------------------------------------------------

void LocalProxy::attach(const ControlCall& call, const std::shared_ptr<ControlExchange>& exchange) {
  Attached* const entry = admit(call, exchange);
  if (entry == nullptr) return;
  if (is_covered(entry->config)) {
    entry->is_waiting = true;
    take_soon();
  } else if (const auto taken = take_all(); !taken) {
    attached_.pop_back();
    exchange->fail(to_control(taken.error()));
    return;
  }
  if (!entry->is_waiting) welcome(*entry);
  if (options_.on_projects) options_.on_projects();
}

/// One that cannot be taken refuses them all; they try again, each for itself.
void LocalProxy::attach_all(const Calls& calls) {
  for (const auto& [call, exchange] : calls) {
    if (exchange->is_over()) continue;
    if (Attached* const entry = admit(call, exchange)) entry->is_waiting = true;
  }
  take_waiting();
  if (options_.on_projects) options_.on_projects();
}

/// Null: what it brings cannot be read or is somebody else's; it was told so.
LocalProxy::Attached* LocalProxy::admit(const ControlCall& call,
                                        const std::shared_ptr<ControlExchange>& exchange) {
  auto attached = std::make_unique<Attached>();
  Attached& entry = *attached;
  entry.exchange = exchange;
  entry.process = static_cast<std::int64_t>(parse_number(call.argument("pid")).value_or(0));
  entry.since = now();
  entry.forces = call.argument("force") == "true";
  entry.yields = call.argument("again") == "true";
  auto theirs = read(entry, call);
  if (!theirs) {
    exchange->fail(to_control(theirs.error()));
    return nullptr;
  }
  entry.config = std::move(*theirs);
  entry.label = free_label(entry.config.project);
  attached_.push_back(std::move(attached));
  follow_calls(entry);
  return &entry;
}

/// Nothing that it wants can be refused: it may be taken together with others.
bool LocalProxy::is_covered(const Config& theirs) const {
  const bool has_tls = std::any_of(theirs.services.begin(), theirs.services.end(),
                                   [](const Service& service) { return service.tls.has_value(); });
  if (has_tls || theirs.proxy.tls || !theirs.tcp.empty()) return false;
  const auto& wanted = theirs.proxy.listen;
  const auto is_open = [this](const ListenAddress& address) {
    return std::any_of(listens_.begin(), listens_.end(), [&](const ListenAddress& open) {
      return open.host == address.host &&
             open.port == (is_usual(address) ? usual_port_ : address.port);
    });
  };
  return own_ || std::all_of(wanted.begin(), wanted.end(), is_open);
}

void LocalProxy::follow_calls(Attached& attached) {
  attached.exchange->on_left = [this, &attached] { leave(attached); };
  attached.exchange->on_call = [this, &attached](const ControlCall& further) {
    if (further.name == "update") {
      const auto updated = update(attached, further);
      attached.exchange->event(updated ? updated_event() : refusal_event(updated.error()));
    } else if (further.name == "tell") {
      note_tale(attached, further);
    } else if (further.name == "move") {
      if (const auto moved = read_move(further.argument("move")))
        server_->move(moved->target, moved->place);
    }
  };
}

/// Its routes are in force.
void LocalProxy::welcome(Attached& attached) {
  attached.yields = true;
  attached.tell_listeners(listeners_of(attached.config));
  attached.tell_fallbacks(fallbacks_of(attached.config, projects()));
  options_.note(fmt::format("carries the project {} now, of {}", attached.config.project,
                            attached.config.file.empty() ? "devproxy run" : attached.config.file));
  const auto& wanted = attached.config.proxy.listen;
  if (!usual_port_note_.empty() && std::any_of(wanted.begin(), wanted.end(), is_usual))
    attached.exchange->event(note_event(usual_port_note_));
  if (!missing_note_.empty() && std::any_of(wanted.begin(), wanted.end(), is_extra))
    attached.exchange->event(note_event(missing_note_));
  if (attached.forces) tell_overruled(attached);
}

/// What the call brings, when nobody else claims the same.
tl::expected<Config, Failure> LocalProxy::read(const Attached& attached, const ControlCall& call) {
  auto theirs = read_project(call.argument("project"));
  if (!theirs) {
    return tl::unexpected(Failure{ExitCode::conflict,
                                  "control.version",
                                  theirs.error().detail,
                                  "end one of the two and start it again",
                                  {}});
  }
  if (attached.forces) return std::move(*theirs);
  if (own_) {
    if (const auto claim = common_claim(*own_, *theirs))
      return tl::unexpected(claimed(*claim, *own_, *theirs));
  }
  for (const auto& other : attached_) {
    if (other.get() == &attached) continue;
    if (!theirs->file.empty() && other->config.file == theirs->file)
      return tl::unexpected(runs_already(theirs->file, other->process));
    if (attached.yields && other->forces) continue;
    if (const auto claim = common_claim(other->config, *theirs))
      return tl::unexpected(claimed(*claim, other->config, *theirs));
  }
  return std::move(*theirs);
}

tl::expected<void, Failure> LocalProxy::update(Attached& attached, const ControlCall& call) {
  auto theirs = read(attached, call);
  if (!theirs) return tl::unexpected(theirs.error());
  Config before = std::exchange(attached.config, std::move(*theirs));
  auto taken = take_all();
  if (!taken) attached.config = std::move(before);
  attached.nearby.reset();
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
  tale.advice = call.argument("advice");
  if (*port != 0) server_->expect(static_cast<std::uint16_t>(*port), tale.comes);
  attached.tales[call.argument("service")] = std::move(tale);
}

void LocalProxy::leave(const Attached& attached) {
  const auto found = std::find_if(attached_.begin(), attached_.end(),
                                  [&](const auto& entry) { return entry.get() == &attached; });
  if (found == attached_.end()) return;
  options_.note(fmt::format("carries the project {} no more", attached.config.project));
  if (attached.forces) tell_given_back(attached);
  attached_.erase(found);
  // Less than before on the same listeners: nothing can be in the way.
  take_soon();
  if (options_.on_projects) options_.on_projects();
}

void LocalProxy::stop_attached() {
  for (const auto& attached : attached_) attached->exchange->event(stop_event());
}

std::vector<AttachedProject> LocalProxy::attached() const {
  std::vector<AttachedProject> all;
  for (const auto& each : attached_)
    all.push_back({each->config.project, each->config.file, each->process, each->since});
  return all;
}

}  // namespace devproxy
