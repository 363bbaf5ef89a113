// Edge: the proxy that carries the project. Our own, the one of all projects, or whoever listens
// where we want to.
#include <fmt/format.h>

#include <chrono>
#include <thread>
#include <utility>

#include "base/dirs.h"
#include "cli/attach/local_proxy.h"
#include "cli/attach/remote_proxy.h"
#include "cli/attach/take_over.h"
#include "cli/edge/edge.h"
#include "cli/running/start_proxy.h"
#include "control/proxy_lock.h"
#include "proxy/endpoint.h"

namespace devproxy {
namespace {

/// How often it is looked whether a proxy that was started answers.
constexpr std::uint64_t look_again_ms = 20;
/// After a refusal: what is in the way does not go so soon.
constexpr std::uint64_t look_late_ms = 1'000;
/// One that was started may have been too late to be the one, and may find its place free next.
constexpr std::chrono::milliseconds start_interval{500};
constexpr std::chrono::seconds start_patience{10};
constexpr std::chrono::milliseconds answer_patience{500};
constexpr std::chrono::seconds replace_patience{3};

Failure no_proxy_came() {
  const auto dirs = find_dirs();
  if (const auto pid = dirs ? ProxyLock::holder(dirs->runtime) : std::nullopt) {
    return {ExitCode::timed_out,
            "proxy.silent",
            fmt::format("the shared proxy (pid {}) runs and does not answer", *pid),
            fmt::format("if it was stopped, kill -CONT {0} lets it go on; kill -9 {0} ends it, and "
                        "the projects start another one",
                        *pid),
            {}};
  }
  const std::string words = last_words_of_proxy();
  return {ExitCode::timed_out,
          "proxy.start",
          "the shared proxy was started and does not answer" +
              (words.empty() ? std::string() : "; it said last:\n" + words),
          "devproxy status lists what runs; devproxy serve is a proxy for this project alone",
          {}};
}

}  // namespace

tl::expected<void, Failure> Edge::find_proxy() {
  return options_.shares_proxy ? attach() : listen();
}

tl::expected<void, Failure> Edge::listen() {
  LocalProxy::Options options;
  options.state_dir = state_dir_;
  options.inherited = options_.inherited;
  options.tell_of = [this](std::string_view service) {
    const auto tale = services_ ? services_->tell_of(service) : std::nullopt;
    return tale || !followed_ ? tale : followed_->tell_of(service);
  };
  options.on_refused = [this](std::uint16_t port) { on_refused(port); };
  options.look_nearby = [this] { return nearby_.ask(); };
  if (reports_requests_)
    options.on_exchange = [this](const ExchangeRecord& record) { on_exchange(record); };
  options.note = [this](const std::string& words) { reporter_.service_note("devproxy", words); };
  auto local = std::make_unique<LocalProxy>(loop_, std::move(options));
  auto applied = local->apply(config_, table_);
  if (!applied) return applied;
  local_ = local.get();
  proxy_ = std::move(local);
  return {};
}

/// Blocks until there is a proxy; starts it where there is none.
tl::expected<void, Failure> Edge::attach() {
  const auto give_up = std::chrono::steady_clock::now() + start_patience;
  for (;;) {
    const auto attached = try_to_attach();
    if (!attached) return tl::unexpected(attached.error());
    if (*attached) return {};
    if (std::chrono::steady_clock::now() >= give_up) return tl::unexpected(no_proxy_came());
    std::this_thread::sleep_for(std::chrono::milliseconds(look_again_ms));
  }
}

/// False: none answers yet, one was started.
tl::expected<bool, Failure> Edge::try_to_attach() {
  // The others that lost theirs are busy like us, and would not answer soon.
  auto found = is_first_ ? find_proxy_for(*config_) : find_shared_proxy(answer_patience);
  if (!found || awaits_newer(*found)) {
    const auto now = std::chrono::steady_clock::now();
    if (now < start_again_) return false;
    start_again_ = now + start_interval;
    if (auto started = start_shared_proxy(); !started) return tl::unexpected(started.error());
    return false;
  }
  const bool is_shared = found->facts.shared;
  RemoteProxy::Events events;
  events.exchange = [this](const ExchangeRecord& record) { on_exchange(record); };
  events.refused_port = [this](std::uint16_t port) { on_refused(port); };
  events.listening = [this] { reporter_.listening(*config_, proxy_->listeners(), true); };
  events.note = [this](const std::string& words) { reporter_.service_note("devproxy", words); };
  events.fallbacks = [this] { note_fallbacks(); };
  events.stop = [this] { end_as_asked(); };
  events.lost = [this] {
    if (stopping_) return;
    reporter_.service_note("devproxy", "has lost its proxy and looks for another one");
    find_another_proxy();
  };
  auto remote = RemoteProxy::attach(loop_, std::move(*found), *config_,
                                    {options_.force, !is_first_}, std::move(events));
  if (!remote) {
    // It ends just now: the next one is ours, or that of whoever is quicker.
    if (remote.error().exit == ExitCode::not_running) return false;
    return tl::unexpected(remote.error());
  }
  if (!is_shared) reporter_.service_note("devproxy", "is attached to " + (*remote)->words());
  proxy_ = std::move(*remote);
  older_until_.reset();
  is_first_ = false;
  return true;
}

/// An older program's proxy hands over to the one that we start. Where it does not, it is good
/// enough.
bool Edge::awaits_newer(const FoundProxy& found) {
  if (!is_outdated(found.facts)) return false;
  const auto now = std::chrono::steady_clock::now();
  if (!older_until_) older_until_ = now + replace_patience;
  return now < *older_until_;
}

/// Ours has ended.
void Edge::find_another_proxy() {
  if (stopping_) return;
  const Turn turn(loop_.agenda());
  loop_.agenda().bury(std::exchange(proxy_, nullptr));
  const auto attached = try_to_attach();
  if (!attached || !*attached) {
    if (!attached && attached.error().message != invalid_proxy_) {
      invalid_proxy_ = attached.error().message;
      reporter_.reload_failed(attached.error());
    }
    another_proxy_.start(attached ? look_again_ms : look_late_ms, [this] { find_another_proxy(); });
    return;
  }
  invalid_proxy_.clear();
  reporter_.listening(*config_, proxy_->listeners(), true);
  reporter_.service_note(
      "devproxy", fmt::format("is carried again, by the proxy of pid {}", proxy_->process()));
  services_->tell_all();
  followed_->tell_all();
}

void Edge::note_fallbacks() {
  const std::vector<Fallback> before = std::exchange(fallbacks_, proxy_->fallbacks());
  for (const Fallback& now : fallbacks_) {
    if (find_fallback(before, now.service) != nullptr) continue;
    reporter_.service_note(now.service, fmt::format("is left out here: {} of the main checkout "
                                                    "answers for it, at {}",
                                                    now.of, endpoint_of(now.target).text()));
  }
  for (const Fallback& was : before) {
    if (find_fallback(fallbacks_, was.service) == nullptr)
      reporter_.service_note(was.service, fmt::format("falls back to {} no more", was.of));
  }
}

/// A service is not where it was thought to be.
void Edge::on_refused(std::uint16_t port) {
  if (services_) services_->seek(port);
  if (followed_) followed_->hurry();
}

void Edge::on_exchange(const ExchangeRecord& record) {
  recent_.add(record);
  reporter_.exchange(record);
}

}  // namespace devproxy
