#include "cli/edge/shared_proxy.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "base/dirs.h"
#include "base/log.h"
#include "base/text.h"
#include "base/version.h"
#include "cli/edge/run_loop.h"
#include "cli/running/start_proxy.h"
#include "cli/terminal/bounded_output.h"
#include "cli/terminal/environment.h"
#include "config/values.h"
#include "control/descriptors.h"

namespace devproxy {
namespace {

std::uint64_t ms(std::chrono::milliseconds time) {
  return static_cast<std::uint64_t>(time.count());
}

}  // namespace

SharedProxy::SharedProxy(Loop& loop, Predecessor predecessor, std::chrono::milliseconds linger)
    : loop_(loop),
      lock_(std::move(predecessor.lock)),
      inherited_(std::move(predecessor.sockets)),
      older_(std::move(predecessor.connection)),
      awaited_(std::move(predecessor.processes)),
      linger_(linger),
      gather_(loop.agenda()),
      lonely_(loop.agenda()),
      stop_(loop.agenda()) {}

SharedProxy::~SharedProxy() = default;

tl::expected<void, Failure> SharedProxy::start() {
  since_ = std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::system_clock::now().time_since_epoch())
               .count();
  if (!inherited_.empty()) gather_.start(ms(gather_limit), [this] { admit(); });
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
  calls.attach = [this](const ControlCall& call, const ExchangePtr& exchange) {
    return attach(call, exchange);
  };
  calls.hand_over = [this](const ControlCall& call, const ExchangePtr& exchange) {
    return hand_over(call, exchange);
  };
  calls_ = std::make_unique<ControlCalls>(loop_, std::move(calls));
  if (const auto opened = calls_->open(); !opened) {
    return tl::unexpected(Failure{ExitCode::failed, "control.open", opened.error().detail, "", {}});
  }
  older_.reset();
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
  options.inherited = std::move(inherited_);
  proxy_ = std::make_unique<LocalProxy>(loop_, std::move(options));
}

bool SharedProxy::attach(const ControlCall& call, const ExchangePtr& exchange) {
  if (stopping_) return false;
  if (!gather_.pending()) {
    proxy_->attach(call, exchange);
    return true;
  }
  exchange->on_call = [](const ControlCall&) {};  // it lasts; nothing is called before the answer
  coming_.push_back({call, exchange});
  const auto pid = parse_number(call.argument("pid"));
  std::erase_if(awaited_, [&pid](std::int64_t each) {
    return pid && each == static_cast<std::int64_t>(*pid);
  });
  if (awaited_.empty()) gather_.start(0, [this] { admit(); });
  return true;
}

void SharedProxy::admit() {
  proxy_->attach_all(std::exchange(coming_, {}));
  proxy_->forget_inherited();
}

/// The lock goes first, then our listeners, and once the newer one is the one our projects.
bool SharedProxy::hand_over(const ControlCall& call, const ExchangePtr& exchange) {
  if (stopping_) return false;
  std::vector<int> descriptors = proxy_->listening_descriptors();
  // It binds the others itself.
  descriptors.resize(std::min(descriptors.size(), most_descriptors));
  if (!exchange->event_with(R"({"schema":"devproxy.hand_over/v1"})", descriptors)) return true;
  log(LogLevel::info, fmt::format("hands over to devproxy {}, pid {}",
                                  escape(call.argument("version")), escape(call.argument("pid"))));
  stopping_ = ending_ = true;
  exchange->on_left = [this] { close_calls(); };
  stop_.start(ms(hand_over_limit), [this] { close_calls(); });
  lonely_.cancel();
  gather_.cancel();
  drain();
  return true;
}

RunningProxy SharedProxy::facts() const {
  RunningProxy facts;
  facts.pid = ::getpid();
  facts.version = program_version;
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
  gather_.cancel();
  const Turn turn(loop_.agenda());
  drain();
  close_calls();
}

void SharedProxy::drain() {
  lock_.reset();
  proxy_->drain(drain_limit, [this] {
    drained_ = true;
    leave();
  });
}

void SharedProxy::close_calls() {
  if (!calls_) return;
  stop_.cancel();
  const Turn turn(loop_.agenda());
  loop_.agenda().bury(std::move(calls_));
  leave();
}

void SharedProxy::leave() {
  if (drained_ && !calls_) loop_.stop();
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
  auto predecessor = *lock ? Predecessor{std::move(**lock), {}, {}, {}} : take_over(*dirs);
  if (!predecessor) return 0;  // another one was quicker
  raise_descriptor_limit();
  const auto linger = parse_duration(environment("DEVPROXY_LINGER").value_or(""));
  Loop loop;
  const BoundedOutput output(loop, proxy_log(*dirs));
  SharedProxy proxy(loop, std::move(*predecessor), linger ? *linger : SharedProxy::usual_linger);
  if (const auto started = proxy.start(); !started) {
    log(LogLevel::error, started.error().message);
    return 1;
  }
  loop.run();
  log(LogLevel::info, "the shared proxy has ended");
  return 0;
}

}  // namespace devproxy
