#include "services/service_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "base/port_class.h"
#include "base/signal_names.h"
#include "services/log_tail.h"
#include "services/run_mark.h"

namespace devproxy {
namespace {

constexpr std::uint64_t first_look_ms = 10;
constexpr std::uint64_t last_look_ms = 100;
/// A service that made itself a daemon tells nobody when it ends.
constexpr std::uint64_t daemon_look_ms = 500;
/// SIGKILL needs a moment too; what then still lives hangs in the kernel.
constexpr std::uint64_t after_kill_ms = 2'000;

std::string seconds(std::chrono::milliseconds time) {
  return time.count() < 1000 ? fmt::format("{} ms", time.count())
                             : fmt::format("{:.1f} s", static_cast<double>(time.count()) / 1000.0);
}

std::string ordinal(std::uint32_t number) {
  const std::uint32_t last = number / 10 % 10 == 1 ? 0 : number % 10;
  return fmt::format("{}{}", number, last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th");
}

}  // namespace

std::string_view state_text(ServiceState state) {
  switch (state) {
    case ServiceState::stopped:
      return "stopped";
    case ServiceState::waiting:
      return "waiting";
    case ServiceState::starting:
      return "starting";
    case ServiceState::ready:
      return "ready";
    case ServiceState::stopping:
      return "stopping";
    case ServiceState::failed:
      return "failed";
  }
  return "";
}

ServiceRun::ServiceRun(RunScene& scene, ServicePlan plan, std::function<void()> changed)
    : scene_(scene),
      plan_(std::move(plan)),
      changed_(std::move(changed)),
      again_(scene.loop.agenda()),
      look_(scene.loop.agenda()),
      tell_(scene.loop.agenda()),
      adopt_(scene.loop.agenda()),
      seek_(scene.loop.agenda()) {}

ServiceRun::~ServiceRun() = default;

bool ServiceRun::is_idle() const {
  const bool ended = state_ == ServiceState::stopped || state_ == ServiceState::waiting ||
                     state_ == ServiceState::failed;
  return ended && !tree_ && !again_.pending();
}

// ---- Starting ----------------------------------------------------------------------------------

void ServiceRun::start() {
  again_.cancel();
  stop_asked_ = false;
  completed_ = false;
  end_.reset();
  if (!scene_.guard.is_started()) {
    if (auto guarded = scene_.guard.start(scene_.loop, scene_.program, scene_.run); !guarded) {
      fail_to_start(guarded.error());
      return;
    }
  }
  if (auto held = plan_.port->hold(); !held) {
    fail_to_start(held.error());
    if (held.error().code == Code::taken) scene_.watcher.on_port_lost(plan_.name);
    return;
  }
  if (!log_ && !scene_.log_folder.empty()) {
    log_ = std::make_unique<LogFile>(scene_.loop.agenda(),
                                     service_log_path(scene_.log_folder, plan_.name));
  }
  ChildStart start;
  start.program = scene_.program;
  start.words = plan_.launch.words;
  start.dir = plan_.launch.dir;
  start.environment = plan_.environment;
  start.inherited = plan_.port->held().sockets();
  start.file_limit = scene_.file_limit;
  start.terminal = scene_.terminal;
  start.inherits = scene_.inherits;
  child_ = std::make_unique<Child>(scene_.loop,
                                   Child::Events{[this](std::string_view line) { on_line(line); },
                                                 [this](const ChildEnd& end) { on_end(end); }});
  const auto started = child_->start(start);
  // The shim has it now, and lets it go when the program begins.
  plan_.port->release();
  if (!started) {
    scene_.loop.agenda().bury(std::move(child_));
    fail_to_start(started.error());
    return;
  }
  tree_ = std::make_unique<ProcessTree>(child_->pid(), scene_.run, plan_.name);
  scene_.guard.add(child_->pid());
  began_ = scene_.loop.agenda().now();
  await_ready(plan_.port->port());
  seek();
  enter(ServiceState::starting, "");
  again_.start(static_cast<std::uint64_t>(slow_start.count()), [this] {
    const std::string what =
        plan_.ready.when == ReadyWhen::log
            ? fmt::format("it has not printed \"{}\"", plan_.ready.text)
        : plan_.ready.when == ReadyWhen::http
            ? fmt::format("http://127.0.0.1:{}{} does not answer", plan_.port->port(),
                          plan_.ready.text)
            : fmt::format(
                  "nothing listens on port {}; does it use PORT, or {{port}} in its command?",
                  plan_.port->port());
    scene_.watcher.on_note(plan_.name,
                           fmt::format("is still starting after {}: {}", seconds(age()), what));
  });
}

void ServiceRun::await_ready(std::uint16_t port) {
  scene_.loop.agenda().bury(std::move(readying_));
  readying_ = std::make_unique<Readying>(scene_.loop, port, plan_.ready, [this] { on_ready(); });
}

void ServiceRun::wait_for(const std::string& others) {
  if (state_ != ServiceState::waiting) enter(ServiceState::waiting, others);
}

void ServiceRun::on_line(std::string_view line) {
  const std::string visible = visible_text(line);
  if (log_) log_->append(visible);
  last_lines_.push_back(plain_text(visible));
  if (last_lines_.size() > lines_kept) last_lines_.pop_front();
  if (readying_) readying_->note_line(last_lines_.back());
  scene_.watcher.on_line(plan_.name, visible);
}

void ServiceRun::on_ready() {
  scene_.loop.agenda().bury(std::move(readying_));
  again_.cancel();
  if (state_ != ServiceState::starting) return;
  enter(ServiceState::ready, "");
  seek();
}

// ---- Where it listens --------------------------------------------------------------------------

void ServiceRun::seek() {
  if (scene_.listeners == nullptr || !tree_ || plan_.ready.when == ReadyWhen::started) return;
  seek_.start(seek_ms, [this] {
    if (state_ == ServiceState::ready && !elsewhere_ && !adopt_.pending()) {
      interest_.reset();
    } else {
      seek();
    }
  });
  if (interest_) return;
  interest_ = scene_.listeners->watch([this](bool changed) {
    if (changed) look_for_port();
  });
}

void ServiceRun::look_for_port() {
  if (!tree_ || ending_) return;
  auto own = candidates_of_tree(tree_->leader(), run_mark(scene_.run, plan_.name),
                                scene_.listeners->listeners());
  const std::uint16_t given = plan_.port->port();
  const bool is_there = std::any_of(own.begin(), own.end(), [given](const FollowCandidate& each) {
    return each.listener->socket.local.port == given;
  });
  auto found = is_there ? std::nullopt : choose(std::move(own));
  if (is_there || !found) adopt_.cancel();
  if (is_there) {
    settle(std::nullopt);
    if (state_ == ServiceState::ready) interest_.reset();
  } else if (found && elsewhere_) {
    settle(std::move(found));
  } else if (found && !adopt_.pending()) {
    const bool is_random = kernel_ports().hands_out(found->place.port);
    adopt_.start(is_random ? adopt_random_ms : adopt_ms, [this] {
      if (!tree_ || ending_) return;
      auto now = choose(candidates_of_tree(tree_->leader(), run_mark(scene_.run, plan_.name),
                                           scene_.listeners->listeners()));
      if (now) settle(std::move(now));
    });
  }
}

void ServiceRun::settle(std::optional<Found> elsewhere) {
  const bool same = elsewhere && elsewhere_ ? elsewhere->place == elsewhere_->place
                                            : elsewhere.has_value() == elsewhere_.has_value();
  elsewhere_ = std::move(elsewhere);
  if (same) return;
  const std::uint16_t given = plan_.port->port();
  if (readying_) await_ready(elsewhere_ ? elsewhere_->place.port : given);
  scene_.watcher.on_place(plan_.name, given, elsewhere_);
}

void ServiceRun::fail_to_start(const Error& error) {
  readying_.reset();
  const auto wait = back_off_.next(std::chrono::milliseconds(0));
  // Another port makes another plan; and who may not start anything will not be allowed to later.
  const bool again = error.code != Code::taken && plan_.restart != RestartPolicy::never;
  if (again) again_.start(static_cast<std::uint64_t>(wait.count()), [this] { start(); });
  if (error.code == Code::taken) {
    enter(ServiceState::failed, error.detail, std::chrono::milliseconds(0));
    return;
  }
  enter(ServiceState::failed, error.detail, again ? std::optional(wait) : std::nullopt);
}

// ---- Its end -----------------------------------------------------------------------------------

void ServiceRun::on_end(const ChildEnd& end) {
  end_ = end;
  tree_->note_leader_gone();
  if (ending_) {
    look_at_remains();
    return;
  }
  const bool remains = tree_->is_alive();
  if (remains && end.is_success()) {
    watch_remains();
  } else if (remains) {
    end_remains();
  } else {
    finish(describe(end), end.is_success());
  }
}

/// It went into the background: what it left there is the service now.
void ServiceRun::watch_remains() {
  look_.start(daemon_look_ms, [this] {
    if (tree_->is_alive()) {
      watch_remains();
    } else {
      finish("ended", true);
    }
  });
}

void ServiceRun::stop() {
  stop_asked_ = true;
  again_.cancel();
  readying_.reset();
  if (!tree_) {
    if (state_ != ServiceState::stopped) enter(ServiceState::stopped, "");
    return;
  }
  if (ending_) return;
  enter(ServiceState::stopping, "");
  end_remains();
}

/// The whole tree, politely first.
void ServiceRun::end_remains() {
  ending_ = true;
  const std::uint64_t now = scene_.loop.agenda().now();
  kill_at_ = now + static_cast<std::uint64_t>(plan_.stop_timeout.count());
  give_up_at_ = 0;
  tree_->signal(plan_.stop_signal);
  look_interval_ = first_look_ms;
  look_.start(look_interval_, [this] { look_at_remains(); });
}

void ServiceRun::look_at_remains() {
  const bool over = end_ && !tree_->is_alive();
  const std::uint64_t now = scene_.loop.agenda().now();
  if (over || (give_up_at_ != 0 && now >= give_up_at_)) {
    if (!over) scene_.watcher.on_note(plan_.name, "does not end, not even by SIGKILL");
    finish(end_ ? describe(*end_) : "does not end", end_ && end_->is_success());
    return;
  }
  if (now >= kill_at_) {
    if (give_up_at_ == 0) {
      give_up_at_ = now + after_kill_ms;
      scene_.watcher.on_note(
          plan_.name, fmt::format("has not ended {} after {}: SIGKILL", seconds(plan_.stop_timeout),
                                  signal_name(plan_.stop_signal)));
    }
    // Again each time: it may still be starting others.
    tree_->signal(SIGKILL);
  }
  look_.start(look_interval_, [this] { look_at_remains(); });
  look_interval_ = std::min(look_interval_ * 2, last_look_ms);
}

/// Nothing of it runs any more.
void ServiceRun::finish(const std::string& what, bool success) {
  look_.cancel();
  again_.cancel();
  readying_.reset();
  interest_.reset();
  adopt_.cancel();
  seek_.cancel();
  if (stop_asked_) settle(std::nullopt);
  ending_ = false;
  scene_.guard.remove(tree_->leader());
  tree_.reset();
  scene_.loop.agenda().bury(std::move(child_));
  if (log_) log_->flush();
  if (stop_asked_) {
    enter(ServiceState::stopped, what);
    return;
  }
  completed_ = success && plan_.restart != RestartPolicy::always;
  const ServiceState state = success ? ServiceState::stopped : ServiceState::failed;
  const std::string detail = fmt::format("{} after {}", what, seconds(age()));
  if (completed_ || plan_.restart == RestartPolicy::never) {
    enter(state, detail);
    return;
  }
  const auto wait = back_off_.next(age());
  again_.start(static_cast<std::uint64_t>(wait.count()), [this] { start(); });
  enter(state,
        back_off_.in_a_row() > 1
            ? fmt::format("{}, for the {} time in a row", detail, ordinal(back_off_.in_a_row()))
            : detail,
        wait);
}

void ServiceRun::kill() {
  again_.cancel();
  if (tree_) tree_->signal(SIGKILL);
}

void ServiceRun::resize(TerminalSize size) {
  if (child_) child_->resize(size);
}

pid_t ServiceRun::pid() const {
  return child_ ? child_->pid() : 0;
}

void ServiceRun::flush_log() {
  if (log_) log_->flush();
}

// ---- Telling -----------------------------------------------------------------------------------

void ServiceRun::enter(ServiceState state, std::string detail,
                       std::optional<std::chrono::milliseconds> again_in) {
  state_ = state;
  detail_ = detail;
  ServiceNews news;
  news.service = plan_.name;
  news.state = state;
  news.port = plan_.port->port();
  if (elsewhere_) news.listens_on = elsewhere_->place.port;
  news.pid = pid();
  news.detail = std::move(detail);
  news.took = age();
  news.again_in = again_in;
  if (end_) news.exit_code = end_->signal != 0 ? 128 + end_->signal : end_->code;
  if (state == ServiceState::failed) news.last_lines.assign(last_lines_.begin(), last_lines_.end());
  scene_.watcher.on_state(news);
  tell_.start(0, [this] { changed_(); });
}

std::chrono::milliseconds ServiceRun::age() const {
  return std::chrono::milliseconds(scene_.loop.agenda().now() - began_);
}

}  // namespace devproxy
