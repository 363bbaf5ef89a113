// Listeners made by hand, for tests of what is told about them. Values.
#pragma once

#include <string>
#include <utility>

#include "cli/ports/port_report.h"

namespace devproxy {

inline HeldSocket listener_at(const char* ip, std::uint16_t port, uid_t uid) {
  HeldSocket made;
  made.socket.local = {parse_ip(ip).value(), port};
  made.socket.listening = true;
  made.socket.uid = uid;
  made.socket.inode = port;
  return made;
}

/// Of this user, running for two hours before `now`.
inline HeldSocket listener_of(const char* ip, std::uint16_t port, pid_t pid, std::string name,
                              std::string folder, uid_t uid,
                              std::chrono::system_clock::time_point now = {}) {
  HeldSocket made = listener_at(ip, port, uid);
  ProcessFacts process;
  process.pid = pid;
  process.parent = 1;
  process.uid = uid;
  process.command = {"/usr/bin/" + name, "serve"};
  process.name = std::move(name);
  process.folder = std::move(folder);
  process.started = now - std::chrono::hours(2);
  made.process = std::move(process);
  return made;
}

/// Ports as Linux has them unless told otherwise.
inline KernelPorts usual_kernel() {
  KernelPorts kernel;
  kernel.ephemeral = {32768, 60999};
  return kernel;
}

}  // namespace devproxy
