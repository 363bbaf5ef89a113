// A ScannedListener is a listening socket with everything that following needs to know of it: the
// process that holds it, and those that it descends from. Made by describe_listeners(), the dear
// part of a scan: milliseconds, so off the loop. Values; any thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <vector>

#include "base/tcp_sockets.h"

namespace devproxy {

struct ScannedProcess {
  pid_t pid = 0;
  std::string name;                  ///< short: "node"
  std::vector<std::string> command;  ///< its words
  std::string folder;                ///< that it works in
  std::chrono::system_clock::time_point started;
  bool is_shell = false;  ///< of a terminal: people start anything from it, and change its folder
};

struct ScannedListener {
  TcpSocket socket;
  std::vector<ScannedProcess> chain;  ///< the holder, its parent, …; empty: the holder is unknown
  std::string mark;                   ///< of the devproxy that started it; mostly empty
};

/// Only ancestors of this user belong to a chain.
std::vector<ScannedListener> describe_listeners(const std::vector<TcpSocket>& sockets);

/// This user's listeners that 127.0.0.1 or ::1 reaches: one question to the kernel.
std::vector<TcpSocket> own_loopback_listeners(ListenerTable& table);

/// "node (pid 4312)"
std::string describe(const ScannedProcess& process);

}  // namespace devproxy
