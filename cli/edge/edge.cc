#include "cli/edge/edge.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "base/dirs.h"
#include "base/log.h"
#include "base/signal_names.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/attach/local_proxy.h"
#include "cli/attach/remote_proxy.h"
#include "cli/edge/left_out.h"
#include "cli/project/followed_places.h"
#include "cli/project/project.h"
#include "cli/project/service_ports.h"
#include "cli/running/history_form.h"
#include "cli/running/project_form.h"

namespace devproxy {
namespace {

std::int64_t now() {
  return std::chrono::duration_cast<std::chrono::seconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Nothing is wrong with the file.
Failure no_port(const Problem& problem) {
  const std::size_t mend = problem.message.find("; ");
  return {problem.code == "service.denied" ? ExitCode::permission : ExitCode::failed,
          problem.code,
          escape(problem.message.substr(0, mend)),
          mend == std::string::npos ? "devproxy doctor looks at what may be in the way"
                                    : escape(problem.message.substr(mend + 2)),
          {}};
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
    return tl::unexpected(no_port(problems.front()));
  reloader_.set_completion([book = book_](Config& loaded) { return give_ports(loaded, *book); });
  set_log(config.proxy.log);
  reports_requests_ = config.proxy.access_log != AccessLogMode::off;
  mark_left_out(config, options_.only);
  show_followed(config);
  table_ = RouteTable::build(config);
  nearby_.apply(config);
  config_ = std::make_shared<const Config>(std::move(config));
  if (auto found = find_proxy(); !found) return found;
  // Before anything is said or started: whoever reads that may send a signal.
  signals_ = std::make_unique<Signals>(loop_, [this](int signal) { handle_signal(signal); });
  reloader_.set_current(table_);
  since_ = now();
  history_.begin(config_, options_.force);
  reporter_.listening(*config_, proxy_->listeners(), false);
  make_services();
  make_calls();
  followed_->apply(*config_);
  services_->apply(*config_, proxy_->listeners());
  if (options_.has_file) {
    watcher_ = std::make_unique<ConfigWatcher>(loop_, [this] { reload(Cause::file); });
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
  services_->on_port_lost_to_another = [this] { reload(Cause::lost_port); };
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
    reload(Cause::reload);
    return true;
  };
  proxy.history = [this] { return history_form(*config_, history_); };
  proxy.roll_back = [this](const ControlCall& call,
                           const std::shared_ptr<ControlExchange>& exchange) {
    roll_back(call, exchange);
  };
  proxy.project = [this] { return project_form(*config_); };
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
  facts.forces = options_.force;
  facts.invalid_file = invalid_file_;
  facts.worktree = config_->worktree.label;
  facts.worktree_origin = config_->worktree.origin;
  facts.generation = history_.current();
  facts.generation_since = History::Clock::to_time_t(history_.current_since());
  facts.rolled_back = history_.is_rolled_back();
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
    reload(Cause::signal);
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
  if (signal != 0) reporter_.stopping(signal_name(signal), drain_limit);
  const auto drain = [this](std::function<void()> done) {
    if (proxy_) {
      proxy_->drain(drain_limit, std::move(done));
    } else {
      done();
    }
  };
  if (options_.has_file) {
    drain([this, signal] { services_->stop(signal, [this] { loop_.stop(); }); });
  } else {
    // Whoever typed a command wants to end that.
    services_->stop(signal, [this, drain] { drain([this] { loop_.stop(); }); });
  }
}

void Edge::end_as_asked() {
  if (!stopping_) reporter_.service_note("devproxy", "ends: devproxy down or stop asked for it");
  stop(0);
}

}  // namespace devproxy
