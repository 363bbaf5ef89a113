// A PortBook gives the services of a project their ports and remembers them, so that a service has
// the same port after every start. What is assigned is locked against other devproxies of this
// user, and the port itself is held until its program begins. One for a running proxy; thread-safe,
// since reloads assign ports off the loop.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "base/dirs.h"
#include "base/result.h"
#include "services/assigned_port.h"
#include "services/held_port.h"
#include "services/port_locks.h"
#include "services/remembered_ports.h"

namespace devproxy {

/// A port that is ours for as long as the lease lives. Loop thread once it was handed out.
class PortLease final {
 public:
  PortLease(std::shared_ptr<PortLocks> locks, std::uint16_t port, HeldPort held)
      : locks_(std::move(locks)), port_(port), held_(std::move(held)) {}
  ~PortLease() { locks_->unlock(port_); }
  PortLease(const PortLease&) = delete;
  PortLease& operator=(const PortLease&) = delete;

  std::uint16_t port() const { return port_; }
  /// Before each start of the program. Code::taken: somebody else listens there now.
  Result<void> hold();
  /// To be handed to the program's shim; then release().
  const HeldPort& held() const { return held_; }
  void release() { held_.release(); }

 private:
  std::shared_ptr<PortLocks> locks_;
  std::uint16_t port_;
  HeldPort held_;
};

class PortBook final {
 public:
  /// `root` is the project's folder; symbolic links in it are followed. Without dirs assign() says
  /// why there are none.
  PortBook(Result<Dirs> dirs, const std::string& root);
  PortBook(const PortBook&) = delete;
  PortBook& operator=(const PortBook&) = delete;

  /// The port of the service's living lease, else the remembered one, else the preferred one or
  /// the next that is free; never one of `named`, which the configuration gives to others.
  Result<std::uint16_t> assign(const std::string& service,
                               const std::set<std::uint16_t>& named = {});
  /// The lease of a service that has a port; else null.
  std::shared_ptr<PortLease> lease(const std::string& service) const;
  /// Its program could not have the port: the next assign() looks for another.
  void give_up(const std::string& service);
  /// Ends the leases of all others.
  void keep_only(const std::set<std::string>& services);

 private:
  Result<void> open_locks();
  bool take(std::uint16_t port, const std::string& service);

  Result<Dirs> dirs_;
  std::string root_;
  KernelPorts kernel_;
  mutable std::mutex mutex_;
  std::shared_ptr<PortLocks> locks_;
  std::map<std::string, std::shared_ptr<PortLease>> leases_;
};

/// `path` without symbolic links; as it is when it cannot be followed.
std::string real_path(const std::string& path);

}  // namespace devproxy
