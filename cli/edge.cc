#include "cli/edge.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <iterator>
#include <utility>

#include "base/dirs.h"
#include "base/log.h"
#include "cli/listen_failure.h"
#include "cli/project.h"
#include "cli/service_ports.h"
#include "generated/version.h"

namespace devproxy {
namespace {

constexpr const char* kept = "; not reloaded, the old routes stay";

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string make_instance() {
  std::array<unsigned char, 4> bytes{};
  uv_random(nullptr, nullptr, bytes.data(), bytes.size(), 0, nullptr);
  return fmt::format("{:02x}", fmt::join(bytes, ""));
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

Edge::Edge(Loop& loop, LoadRequest request, Reporter& reporter, OwnServicesOptions services)
    : loop_(loop),
      reporter_(reporter),
      nearby_(loop),
      services_options_(std::move(services)),
      reloader_(loop, std::move(request), [this](Loaded loaded) { take_over(std::move(loaded)); }) {
}

Edge::~Edge() = default;

tl::expected<void, Failure> Edge::start(Config& config, std::vector<std::string> files) {
  const auto dirs = find_dirs();
  book_ = std::make_shared<PortBook>(dirs, config.root);
  if (Problems problems = give_ports(config, *book_); !problems.empty())
    return tl::unexpected(invalid_file(std::move(problems)));
  reloader_.set_completion([book = book_](Config& loaded) { return give_ports(loaded, *book); });
  set_log_level(log_level(config.proxy.log));
  ServerOptions options;
  options.instance = make_instance();
  if (dirs) options.state_dir = dirs->state;
  options.tell_of = [this](std::string_view service) {
    return services_ ? services_->tell_of(service) : std::nullopt;
  };
  options.look_nearby = [this] { return nearby_.ask(); };
  reports_requests_ = config.proxy.access_log != AccessLogMode::off;
  if (reports_requests_) {
    options.on_exchange = [this](const ExchangeRecord& record) {
      recent_.add(record);
      reporter_.exchange(record);
    };
  }
  server_ = std::make_unique<Server>(loop_, std::move(options));
  const std::shared_ptr<const RouteTable> table = RouteTable::build(config);
  if (const auto applied = server_->apply(config, table); !applied) {
    return tl::unexpected(listen_failure(applied.error(), config));
  }
  reloader_.set_current(table);
  settings_ = config.proxy;
  nearby_.apply(config);
  tcp_ = tcp_facts(config);
  reporter_.listening(config, server_->listeners(), false);
  services_ = std::make_unique<OwnServices>(loop_, *server_, reporter_, *book_, services_options_);
  services_->on_port_lost_to_another = [this] { reloader_.reload(); };
  services_->on_news = [this](const ServiceNews& news) { calls_->service_state(news); };
  services_->on_output = [this](std::string_view service, std::string_view line) {
    calls_->service_line(service, line);
  };
  take_calls(config);
  services_->apply(config, server_->listeners());
  signals_ = std::make_unique<Signals>(loop_, [this](int signal) { handle_signal(signal); });
  watcher_ = std::make_unique<ConfigWatcher>(loop_, [this] { reloader_.reload(); });
  watcher_->watch(std::move(files));
  return {};
}

void Edge::take_calls(const Config& config) {
  facts_ = {::getpid(), std::string(version), config.project, config.file, now(), "", {}, {}, ""};
  ControlCalls::Proxy proxy;
  proxy.facts = [this] {
    RunningProxy facts = facts_;
    facts.listeners = server_->listeners();
    facts.services = services_->running();
    facts.run = services_->run();
    return facts;
  };
  proxy.reload = [this] {
    if (!stopping_) reloader_.reload();
  };
  proxy.restart = [this](const std::string& service) {
    return !stopping_ && services_->restart(service);
  };
  proxy.last_logged = [this](const std::vector<std::string>& services, std::size_t count) {
    return services_->last_logged(services, count);
  };
  proxy.requests = [this](const ControlCall& call) {
    return requests_answer(reports_requests_ ? &recent_ : nullptr, call);
  };
  calls_ = std::make_unique<ControlCalls>(loop_, std::move(proxy));
  if (const auto opened = calls_->open(); !opened) {
    log(LogLevel::warn,
        fmt::format("other devproxy commands cannot reach this one: {}", opened.error().detail));
  }
}

/// The old routes stay.
void Edge::keep(const Loaded& loaded, Failure failure) {
  facts_.invalid_file = failure.message;
  failure.message += kept;
  reporter_.reload_failed(failure);
  calls_->reloaded(loaded.began, tl::unexpected(std::move(failure)));
}

void Edge::handle_signal(int signal) {
  if (signal == SIGWINCH) {
    services_->resize();
    return;
  }
  if (signal == SIGHUP && !signals_->terminal_is_gone()) {
    if (!stopping_) reloader_.reload();
    return;
  }
  stop(signal);
}

void Edge::stop(int signal) {
  if (stopping_) {
    // Whoever hung up the terminal may send more than one SIGHUP; that is no impatience.
    if (signal == SIGHUP || !on_impatience) return;
    services_->kill();
    on_impatience(128 + signal);
    return;
  }
  stopping_ = true;
  watcher_.reset();
  reporter_.stopping(signal == SIGINT    ? "SIGINT"
                     : signal == SIGTERM ? "SIGTERM"
                                         : "SIGHUP",
                     drain_limit);
  server_->drain(drain_limit, [this] { services_->stop([this] { loop_.stop(); }); });
}

void Edge::take_over(Loaded loaded) {
  if (stopping_) return;
  watcher_->watch(loaded.outcome.files);
  if (!loaded.outcome.result) {
    keep(loaded, invalid_file(std::move(loaded.outcome.result.error())));
    return;
  }
  const Config& config = *loaded.outcome.result;
  const std::vector<BoundAddress> listened = server_->listeners();
  if (const auto applied = server_->apply(config, loaded.table); !applied) {
    keep(loaded, listen_failure(applied.error(), config));
    return;
  }
  set_log_level(log_level(config.proxy.log));
  reloader_.set_current(std::move(loaded.table));
  const auto add = [&loaded](std::vector<std::string> changes) {
    std::move(changes.begin(), changes.end(), std::back_inserter(loaded.changes));
  };
  add(listener_changes(listened, server_->listeners()));
  add(settings_changes(settings_, config.proxy));
  settings_ = config.proxy;
  std::vector<TcpFact> tcp = tcp_facts(config);
  add(tcp_changes(tcp_, tcp));
  tcp_ = std::move(tcp);
  if (!reports_requests_ && config.proxy.access_log != AccessLogMode::off) {
    loaded.changes.emplace_back("~ access_log: requests are shown from the next start on");
  }
  const auto took = std::chrono::steady_clock::now() - loaded.began;
  reporter_.listening(config, server_->listeners(), true);
  const ReloadReport report{std::move(loaded.changes),
                            std::chrono::duration_cast<std::chrono::microseconds>(took)};
  reporter_.reloaded(report);
  nearby_.apply(config);
  facts_.project = config.project;
  facts_.invalid_file.clear();
  calls_->reloaded(loaded.began, report);
  services_->apply(config, server_->listeners());
}

}  // namespace devproxy
