#include "services/supervisor.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace devproxy {
namespace {

bool same_process(const ServicePlan& a, const ServicePlan& b) {
  return a.launch == b.launch && a.port->port() == b.port->port();
}

}  // namespace

Supervisor::Supervisor(Loop& loop, Options options, ServiceWatcher& watcher)
    : scene_{loop,
             watcher,
             {},
             std::move(options.program),
             std::move(options.run),
             std::move(options.log_folder),
             options.file_limit,
             options.terminal,
             options.inherits,
             options.listeners} {}

Supervisor::~Supervisor() = default;

Supervisor::Entry* Supervisor::find(std::string_view name) {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [name](const auto& entry) {
    return entry->run->plan().name == name;
  });
  return found == entries_.end() ? nullptr : found->get();
}

void Supervisor::apply(std::vector<ServicePlan> plans) {
  if (stopping_) return;
  const Turn turn(scene_.loop.agenda());
  for (const auto& entry : entries_) {
    const bool stays = std::any_of(plans.begin(), plans.end(), [&](const ServicePlan& plan) {
      return plan.name == entry->run->plan().name;
    });
    if (stays) continue;
    entry->wanted = false;
    entry->next.reset();
    entry->run->stop();
  }
  for (ServicePlan& plan : plans) {
    if (Entry* entry = find(plan.name)) {
      change(*entry, std::move(plan));
    } else {
      add(std::move(plan));
    }
  }
  step();
}

void Supervisor::add(ServicePlan plan) {
  auto entry = std::make_unique<Entry>();
  entry->run = std::make_unique<ServiceRun>(scene_, std::move(plan), [this] { step(); });
  entries_.push_back(std::move(entry));
}

void Supervisor::change(Entry& entry, ServicePlan plan) {
  const bool came_back = !std::exchange(entry.wanted, true);
  const ServicePlan& coming = entry.next ? *entry.next : entry.run->plan();
  if (!came_back && same_process(coming, plan)) {
    if (entry.next) {
      entry.next = std::move(plan);
    } else {
      entry.run->set_plan(std::move(plan));
    }
    return;
  }
  entry.next = std::move(plan);
  entry.run->stop();
}

/// Whatever can happen now, does.
void Supervisor::step() {
  const Turn turn(scene_.loop.agenda());
  if (stopping_) {
    step_stopping();
    return;
  }
  for (auto& entry : entries_) {
    if (!entry->run->is_idle()) continue;
    if (!entry->wanted) {
      // It may be the one who called.
      scene_.loop.agenda().bury(std::move(entry));
    } else if (entry->next) {
      entry->run->set_plan(*std::exchange(entry->next, std::nullopt));
      entry->begun = false;
    }
  }
  std::erase(entries_, nullptr);
  for (const auto& entry : entries_) step_starting(*entry);
}

void Supervisor::step_starting(Entry& entry) {
  if (entry.begun || !entry.run->is_idle()) return;
  std::string missing;
  for (const std::string& other : entry.run->plan().depends_on) {
    if (!is_satisfied(other)) missing += (missing.empty() ? "" : ", ") + other;
  }
  if (!missing.empty()) {
    entry.run->wait_for(missing);
    return;
  }
  entry.begun = true;
  entry.run->start();
}

/// Services that devproxy does not run are somebody else's business.
bool Supervisor::is_satisfied(const std::string& service) {
  const Entry* const entry = find(service);
  if (entry == nullptr) return true;
  return entry->run->state() == ServiceState::ready || entry->run->is_completed();
}

bool Supervisor::restart(std::string_view service) {
  Entry* const entry = find(service);
  if (entry == nullptr || !entry->wanted || stopping_) return false;
  const Turn turn(scene_.loop.agenda());
  if (!entry->next) entry->next = entry->run->plan();
  entry->run->forget_failures();
  entry->run->stop();
  step();
  return true;
}

void Supervisor::stop(int signal, std::function<void()> done) {
  stopping_ = true;
  stopped_ = std::move(done);
  for (const auto& entry : entries_) {
    if (!scene_.inherits || signal == 0) break;
    ServicePlan plan = entry->run->plan();
    plan.stop_signal = signal;
    entry->run->set_plan(std::move(plan));
  }
  step();
}

void Supervisor::seek(std::uint16_t port) {
  for (const auto& entry : entries_) {
    if (entry->run->plan().port->port() == port) entry->run->seek();
  }
}

bool Supervisor::is_needed(const Entry& entry) const {
  const std::string& name = entry.run->plan().name;
  return std::any_of(entries_.begin(), entries_.end(), [&](const auto& other) {
    const auto& needs = other->run->plan().depends_on;
    return !other->run->is_idle() && std::find(needs.begin(), needs.end(), name) != needs.end();
  });
}

void Supervisor::step_stopping() {
  bool busy = false;
  for (const auto& entry : entries_) {
    if (!entry->run->is_idle() && !is_needed(*entry)) entry->run->stop();
  }
  for (const auto& entry : entries_) busy = busy || !entry->run->is_idle();
  if (busy || !stopped_) return;
  const auto done = std::exchange(stopped_, nullptr);
  done();
}

void Supervisor::kill() {
  for (const auto& entry : entries_) entry->run->kill();
}

void Supervisor::resize(TerminalSize size) {
  if (!scene_.terminal) return;
  scene_.terminal = size;
  for (const auto& entry : entries_) entry->run->resize(size);
}

Supervisor::Status Supervisor::status_of(const ServiceRun& run) {
  Status status;
  status.service = run.plan().name;
  status.state = run.state();
  status.comes = run.will_restart() ||
                 (status.state != ServiceState::stopped && status.state != ServiceState::failed);
  status.completed = run.is_completed();
  status.detail = run.detail();
  status.port = run.plan().port->port();
  status.elsewhere = run.elsewhere();
  status.pid = run.pid();
  status.last_lines.assign(run.last_lines().begin(), run.last_lines().end());
  return status;
}

std::optional<Supervisor::Status> Supervisor::status(std::string_view service) const {
  for (const auto& entry : entries_) {
    if (entry->run->plan().name == service) return status_of(*entry->run);
  }
  return std::nullopt;
}

std::vector<Supervisor::Status> Supervisor::statuses() const {
  std::vector<Status> all;
  for (const auto& entry : entries_) {
    if (entry->wanted) all.push_back(status_of(*entry->run));
  }
  return all;
}

std::vector<LoggedLine> Supervisor::last_logged(const std::vector<std::string>& services,
                                                std::size_t count) const {
  for (const auto& entry : entries_) entry->run->flush_log();
  return devproxy::last_logged(scene_.log_folder, services, count);
}

}  // namespace devproxy
