#include "cli/edge.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <iterator>
#include <utility>

#include "base/dirs.h"
#include "base/log.h"
#include "base/version.h"
#include "cli/left_out.h"
#include "cli/local_proxy.h"
#include "cli/project.h"
#include "cli/remote_proxy.h"
#include "cli/service_ports.h"

namespace devproxy {
namespace {

constexpr const char* kept = "; not reloaded, the old routes stay";
std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

LogLevel log_level(LogSetting setting) {
  switch (setting) {
    case LogSetting::debug:
      return LogLevel::debug;
    case LogSetting::info:
      return LogLevel::info;
    case LogSetting::warn:
      return LogLevel::warn;
    case LogSetting::error:
      return LogLevel::error;
    case LogSetting::off:
      return LogLevel::off;
  }
  return LogLevel::info;
}

}  // namespace

Edge::Edge(Loop& loop, LoadRequest request, Reporter& reporter, EdgeOptions options)
    : loop_(loop),
      reporter_(reporter),
      options_(std::move(options)),
      nearby_(loop),
      reloader_(loop, std::move(request), [this](Loaded loaded) { take_over(std::move(loaded)); }),
      listeners_(loop),
      another_proxy_(loop.agenda()),
      stop_(loop.agenda()) {}

Edge::~Edge() = default;

tl::expected<void, Failure> Edge::start(Config& config, std::vector<std::string> files) {
  const auto dirs = find_dirs();
  if (dirs) state_dir_ = dirs->state;
  book_ = std::make_shared<PortBook>(dirs, config.root);
  if (Problems problems = give_ports(config, *book_); !problems.empty())
    return tl::unexpected(invalid_file(std::move(problems)));
  reloader_.set_completion([book = book_](Config& loaded) { return give_ports(loaded, *book); });
  set_log_level(log_level(config.proxy.log));
  reports_requests_ = config.proxy.access_log != AccessLogMode::off;
  mark_left_out(config, options_.only);
  show_followed(config);
  table_ = RouteTable::build(config);
  nearby_.apply(config);
  config_ = std::make_shared<const Config>(std::move(config));
  if (auto found = find_proxy(); !found) return found;
  reloader_.set_current(table_);
  since_ = now();
  reporter_.listening(*config_, proxy_->listeners(), false);
  make_services();
  make_calls();
  followed_->apply(*config_);
  services_->apply(*config_, proxy_->listeners());
  signals_ = std::make_unique<Signals>(loop_, [this](int signal) { handle_signal(signal); });
  if (options_.has_file) {
    watcher_ = std::make_unique<ConfigWatcher>(loop_, [this] { reload(); });
    watcher_->watch(std::move(files));
  }
  options_.notice.ready();
  return {};
}

// ---- What there is to say ----------------------------------------------------------------------

ProxyTold Edge::proxy_told() {
  return {[this](const std::string& service, std::uint16_t port, const ServiceTale& tale) {
            if (proxy_) proxy_->tell(service, port, tale);
          },
          [this](const Target& target, const std::optional<LoopbackPlace>& place) {
            if (proxy_) proxy_->move(target, place);
          }};
}

void Edge::make_services() {
  services_ = std::make_unique<OwnServices>(loop_, reporter_, *book_, listeners_, options_.services,
                                            proxy_told());
  followed_ = std::make_unique<FollowedServices>(loop_, listeners_, reporter_, proxy_told());
  services_->on_port_lost_to_another = [this] { reload(); };
  services_->on_news = [this](const ServiceNews& news) {
    calls_->service_state(news);
    if (on_service) on_service(news);
  };
  services_->on_output = [this](std::string_view service, std::string_view line) {
    calls_->service_line(service, line);
  };
}

void Edge::make_calls() {
  ControlCalls::Proxy proxy;
  proxy.facts = [this] { return facts(); };
  proxy.reload = [this] {
    reload();
    return true;
  };
  proxy.stop = [this] { stop_.start(0, [this] { end_as_asked(); }); };
  proxy.restart = [this](const std::string& service) {
    return !stopping_ && (services_->restart(service) || start_left_out(service));
  };
  proxy.last_logged = [this](const std::vector<std::string>& services, std::size_t count) {
    return services_->last_logged(services, count);
  };
  proxy.requests = [this](const ControlCall& call) {
    return requests_answer(reports_requests_ ? &recent_ : nullptr, call);
  };
  proxy.attach = [this](const ControlCall& call, const std::shared_ptr<ControlExchange>& exchange) {
    if (local_ == nullptr || stopping_) return false;
    local_->attach(call, exchange);
    return true;
  };
  calls_ = std::make_unique<ControlCalls>(loop_, std::move(proxy));
  if (const auto opened = calls_->open(); !opened) {
    log(LogLevel::warn,
        fmt::format("other devproxy commands cannot reach this one: {}", opened.error().detail));
  }
}

RunningProxy Edge::facts() const {
  RunningProxy facts;
  facts.pid = ::getpid();
  facts.version = program_version;
  facts.project = config_->project;
  facts.file = config_->file;
  facts.since = since_;
  if (proxy_) {
    facts.attached_to = proxy_->process();
    facts.listeners = proxy_->listeners();
    facts.fallbacks = proxy_->fallbacks();
  }
  facts.run = services_->run();
  facts.services = services_->running();
  facts.followed = followed_->states();
  facts.invalid_file = invalid_file_;
  if (local_ != nullptr) facts.attached = local_->attached();
  return facts;
}

// ---- News --------------------------------------------------------------------------------------

void Edge::handle_signal(int signal) {
  if (signal == SIGWINCH) {
    services_->resize();
    return;
  }
  if (signal == SIGHUP && options_.has_file && !signals_->terminal_is_gone()) {
    reload();
    return;
  }
  stop(signal);
}

void Edge::stop(int signal) {
  if (stopping_) {
    // Whoever hung up the terminal may send more than one SIGHUP; that is no impatience.
    if (signal == 0 || signal == SIGHUP || !on_impatience) return;
    services_->kill();
    on_impatience(128 + signal);
    return;
  }
  stopping_ = true;
  options_.notice.stopping();
  watcher_.reset();
  another_proxy_.cancel();
  if (signal != 0) {
    reporter_.stopping(signal == SIGINT    ? "SIGINT"
                       : signal == SIGTERM ? "SIGTERM"
                                           : "SIGHUP",
                       drain_limit);
  }
  const auto drain = [this](std::function<void()> done) {
    if (proxy_) {
      proxy_->drain(drain_limit, std::move(done));
    } else {
      done();
    }
  };
  if (options_.has_file) {
    drain([this] { services_->stop([this] { loop_.stop(); }); });
  } else {
    // Whoever typed a command wants to end that.
    services_->stop([this, drain] { drain([this] { loop_.stop(); }); });
  }
}

void Edge::end_as_asked() {
  if (!stopping_) reporter_.service_note("devproxy", "ends: devproxy down or stop asked for it");
  stop(0);
}

void Edge::reload() {
  if (stopping_) return;
  if (options_.has_file) {
    options_.notice.reloading();
    reloader_.reload();
  } else {
    give_other_ports();
  }
}

/// There is no file to read again, only ports that were lost to be replaced.
void Edge::give_other_ports() {
  const auto began = std::chrono::steady_clock::now();
  Problems problems;
  if (take_again(problems)) {
    calls_->reloaded(began, ReloadReport{});
  } else {
    keep(began, invalid_file(std::move(problems)));
  }
}

/// One that `up SERVICE…` was not asked for is now, with what it depends on.
bool Edge::start_left_out(const std::string& service) {
  const auto found = std::find_if(config_->services.begin(), config_->services.end(),
                                  [&](const Service& each) { return each.name == service; });
  if (found == config_->services.end() || !found->left_out) return false;
  options_.only.push_back(service);
  Problems problems;
  if (take_again(problems)) return true;
  options_.only.pop_back();
  for (const Problem& problem : problems) reporter_.service_note(service, problem.message);
  return false;
}

/// What is in force, with ports for those that have none, and with what is run by now.
bool Edge::take_again(Problems& problems) {
  auto config = std::make_shared<Config>(*config_);
  mark_left_out(*config, options_.only);
  problems = give_ports(*config, *book_);
  auto table = RouteTable::build(*config);
  if (!problems.empty() || (proxy_ && !proxy_->apply(config, table))) return false;
  config_ = std::move(config);
  table_ = std::move(table);
  reloader_.set_current(table_);
  services_->apply(*config_, proxy_ ? proxy_->listeners() : std::vector<BoundAddress>());
  return true;
}

/// The old routes stay.
void Edge::keep(std::chrono::steady_clock::time_point began, Failure failure) {
  options_.notice.ready();
  invalid_file_ = failure.message;
  failure.message += kept;
  reporter_.reload_failed(failure);
  calls_->reloaded(began, tl::unexpected(std::move(failure)));
}

void Edge::take_over(Loaded loaded) {
  if (stopping_) return;
  watcher_->watch(loaded.outcome.files);
  if (!loaded.outcome.result) {
    keep(loaded.began, invalid_file(std::move(loaded.outcome.result.error())));
    return;
  }
  mark_left_out(*loaded.outcome.result, options_.only);
  auto config = std::make_shared<const Config>(std::move(*loaded.outcome.result));
  const std::vector<BoundAddress> listened =
      proxy_ ? proxy_->listeners() : std::vector<BoundAddress>();
  if (proxy_) {
    if (auto applied = proxy_->apply(config, loaded.table); !applied) {
      keep(loaded.began, std::move(applied.error()));
      return;
    }
  }
  set_log_level(log_level(config->proxy.log));
  const auto add = [&loaded](std::vector<std::string> changes) {
    std::move(changes.begin(), changes.end(), std::back_inserter(loaded.changes));
  };
  const std::vector<BoundAddress> listens = proxy_ ? proxy_->listeners() : listened;
  add(listener_changes(listened, listens));
  add(settings_changes(config_->proxy, config->proxy));
  add(tcp_changes(tcp_facts(*config_), tcp_facts(*config)));
  if (!reports_requests_ && config->proxy.access_log != AccessLogMode::off) {
    loaded.changes.emplace_back("~ access_log: requests are shown from the next start on");
  }
  table_ = loaded.table;
  reloader_.set_current(std::move(loaded.table));
  config_ = std::move(config);
  nearby_.apply(*config_);
  const auto took = std::chrono::steady_clock::now() - loaded.began;
  reporter_.listening(*config_, listens, true);
  const ReloadReport report{std::move(loaded.changes),
                            std::chrono::duration_cast<std::chrono::microseconds>(took)};
  reporter_.reloaded(report);
  invalid_file_.clear();
  calls_->reloaded(loaded.began, report);
  options_.notice.ready();
  followed_->apply(*config_);
  services_->apply(*config_, listens);
}

}  // namespace devproxy
