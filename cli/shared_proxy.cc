#include "cli/shared_proxy.h"

#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "base/dirs.h"
#include "base/log.h"
#include "cli/bounded_output.h"
#include "cli/environment.h"
#include "cli/run_loop.h"
#include "cli/start_proxy.h"
#include "config/values.h"
#include "generated/version.h"

namespace devproxy {
namespace {

std::uint64_t ms(std::chrono::milliseconds time) {
  return static_cast<std::uint64_t>(time.count());
}

}  // namespace

SharedProxy::SharedProxy(Loop& loop, ProxyLock lock, std::chrono::milliseconds linger)
    : loop_(loop),
      lock_(std::move(lock)),
      linger_(linger),
      lonely_(loop.agenda()),
      stop_(loop.agenda()) {}

SharedProxy::~SharedProxy() = default;

tl::expected<void, Failure> SharedProxy::start() {
  since_ = std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
               .count();
  make_proxy();
  ControlCalls::Proxy calls;
  calls.facts = [this] { return facts(); };
  calls.reload = [] { return false; };
  calls.restart = [](const std::string&) { return false; };
  calls.last_logged = [](const std::vector<std::string>&, std::size_t) {
    return std::vector<LoggedLine>();
  };
  calls.requests = [this](const ControlCall& call) { return requests_answer(&recent_, call); };
  calls.stop = [this] { stop_.start(0, [this] { stop_all(); }); };
  calls.attach = [this](const ControlCall& call, const std::shared_ptr<ControlExchange>& exchange) {
    if (stopping_) return false;
    proxy_->attach(call, exchange);
    return true;
  };
  calls_ = std::make_unique<ControlCalls>(loop_, std::move(calls));
  if (const auto opened = calls_->open(); !opened) {
    return tl::unexpected(Failure{ExitCode::failed, "control.open", opened.error().detail, "", {}});
  }
  signals_ = std::make_unique<Signals>(loop_, [this](int signal) { on_signal(signal); });
  lonely_.start(ms(std::max(linger_, first_linger)), [this] { end(); });
  log(LogLevel::info, fmt::format("the shared proxy runs, pid {}", ::getpid()));
  return {};
}

void SharedProxy::make_proxy() {
  LocalProxy::Options options;
  if (const auto dirs = find_dirs()) options.state_dir = dirs->state;
  options.on_exchange = [this](const ExchangeRecord& record) { recent_.add(record); };
  options.note = [](const std::string& words) { log(LogLevel::info, words); };
  options.on_projects = [this] { on_projects(); };
  proxy_ = std::make_unique<LocalProxy>(loop_, std::move(options));
}

RunningProxy SharedProxy::facts() const {
  RunningProxy facts;
  facts.pid = ::getpid();
  facts.version = version;
  facts.shared = true;
  facts.since = since_;
  facts.listeners = proxy_->listeners();
  facts.attached = proxy_->attached();
  return facts;
}

void SharedProxy::on_projects() {
  if (!proxy_->attached().empty()) {
    lonely_.cancel();
    return;
  }
  if (stopping_) {
    end();
  } else {
    lonely_.start(ms(linger_), [this] { end(); });
  }
}

void SharedProxy::on_signal(int signal) {
  // There is no terminal that could be gone.
  if (signal == SIGHUP || signal == SIGWINCH) return;
  if (ending_) ::_exit(128 + signal);
  log(LogLevel::info, "asked to end by a signal");
  end();
}

/// With its projects, which would start another one else.
void SharedProxy::stop_all() {
  if (std::exchange(stopping_, true)) return;
  if (proxy_->attached().empty()) {
    end();
    return;
  }
  proxy_->stop_attached();
  stop_.start(ms(stop_limit), [this] { end(); });
}

/// Whoever is attached still hears it at once, and whoever starts another one finds our place free.
void SharedProxy::end() {
  if (std::exchange(ending_, true)) return;
  stopping_ = true;
  lonely_.cancel();
  stop_.cancel();
  const Turn turn(loop_.agenda());
  proxy_->drain(drain_limit, [this] { loop_.stop(); });
  loop_.agenda().bury(std::move(calls_));
  lock_.reset();
}

int run_shared_proxy() {
  ::setsid();
  // Whoever started us waits for this process, and does not want to wait for long.
  const pid_t child = ::fork();
  if (child != 0) ::_exit(child < 0 ? 1 : 0);
  // No folder is kept from being unmounted.
  static_cast<void>(::chdir("/"));
  const auto dirs = find_dirs();
  if (!dirs) return 1;
  auto lock = ProxyLock::take(dirs->runtime);
  if (!lock) {
    log(LogLevel::error, lock.error().detail);
    return 1;
  }
  if (!*lock) return 0;  // another one was quicker
  raise_descriptor_limit();
  const auto linger = parse_duration(environment("DEVPROXY_LINGER").value_or(""));
  Loop loop;
  const BoundedOutput output(loop, proxy_log(*dirs));
  SharedProxy proxy(loop, std::move(**lock), linger ? *linger : SharedProxy::usual_linger);
  if (const auto started = proxy.start(); !started) {
    log(LogLevel::error, started.error().message);
    return 1;
  }
  loop.run();
  log(LogLevel::info, "the shared proxy has ended");
  return 0;
}

}  // namespace devproxy
