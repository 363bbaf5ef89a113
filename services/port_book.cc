#include "services/port_book.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

namespace devproxy {

std::string real_path(const std::string& path) {
  std::error_code failed;
  const auto real = std::filesystem::canonical(path, failed);
  return failed ? path : real.string();
}

Result<void> PortLease::hold() {
  if (held_.is_held()) return {};
  auto held = HeldPort::hold(port_);
  if (!held) return tl::unexpected<Error>(held.error());
  held_ = std::move(*held);
  return {};
}

PortBook::PortBook(Result<Dirs> dirs, const std::string& root)
    : dirs_(std::move(dirs)), root_(real_path(root)), kernel_(kernel_ports()) {}

Result<void> PortBook::open_locks() {
  if (locks_) return {};
  if (!dirs_) return tl::unexpected<Error>(dirs_.error());
  auto opened = PortLocks::open(dirs_->runtime);
  if (!opened) return tl::unexpected<Error>(opened.error());
  locks_ = std::make_shared<PortLocks>(std::move(*opened));
  return {};
}

Result<std::uint16_t> PortBook::assign(const std::string& service,
                                       const std::set<std::uint16_t>& named) {
  const std::lock_guard guard(mutex_);
  if (const auto known = leases_.find(service); known != leases_.end()) {
    if (!named.contains(known->second->port())) return known->second->port();
    leases_.erase(known);
  }
  if (auto opened = open_locks(); !opened) return tl::unexpected<Error>(opened.error());
  locks_->lock_list();
  RememberedPorts list = RememberedPorts::read(dirs_->state);
  const auto remembered = list.find(root_, service);
  const std::uint16_t first = remembered.value_or(preferred_port(root_, service));
  std::uint16_t port = first;
  do {
    const bool own = remembered == port;
    // What another service was given once is left to it, even while it does not run.
    if (may_be_assigned(port, kernel_) && !named.contains(port) && (own || !list.knows(port)) &&
        take(port, service)) {
      if (!remembered) {
        list.forget_missing_folders();
        list.add(port, root_, service);
        // A list that cannot be written costs the port its memory, not the service its port.
        (void)list.write(dirs_->state);
      }
      locks_->unlock_list();
      return port;
    }
    port = port_after(port);
  } while (port != first);
  locks_->unlock_list();
  return fail(Code::taken, Source::system,
              fmt::format("no port from {} to {} is free for {}; remove old lines from {}",
                          assigned_ports.first, assigned_ports.last, service,
                          RememberedPorts::path(dirs_->state)));
}

/// Ours from now on, or false when anybody else has it.
bool PortBook::take(std::uint16_t port, const std::string& service) {
  const bool leased = std::any_of(leases_.begin(), leases_.end(), [port](const auto& entry) {
    return entry.second->port() == port;
  });
  if (leased || !locks_->lock(port)) return false;
  auto held = HeldPort::hold(port);
  if (!held) {
    locks_->unlock(port);
    return false;
  }
  leases_[service] = std::make_shared<PortLease>(locks_, port, std::move(*held));
  return true;
}

std::shared_ptr<PortLease> PortBook::lease(const std::string& service) const {
  const std::lock_guard guard(mutex_);
  const auto known = leases_.find(service);
  return known == leases_.end() ? nullptr : known->second;
}

void PortBook::give_up(const std::string& service) {
  const std::lock_guard guard(mutex_);
  leases_.erase(service);
}

void PortBook::keep_only(const std::set<std::string>& services) {
  const std::lock_guard guard(mutex_);
  std::erase_if(leases_, [&](const auto& entry) { return !services.contains(entry.first); });
}

}  // namespace devproxy
