// Where the control sockets of this user's proxies are: one file for each process, in the runtime
// folder, named after its pid. What a killed process left behind is recognised (nobody answers) and
// removed. Blocking, short; any thread.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace devproxy {

/// <runtime>/control-4711.sock
std::string control_socket_path(const std::string& runtime, pid_t pid);

/// Whether every such path fits into a socket's address. Error: invalid.
Result<void> check_control_path(const std::string& runtime);

/// Of a process that is known. -1: nobody answers there, or it is not ours. The caller closes it.
int connect_to_proxy(const std::string& runtime, pid_t pid);

/// Connects to every proxy of this user, the oldest first. The caller closes the descriptors.
struct ControlSocket {
  std::string path;
  int descriptor = -1;
};
std::vector<ControlSocket> connect_to_proxies(const std::string& runtime);

/// The files of killed processes that nobody has removed yet. Removes nothing.
std::vector<std::string> abandoned_sockets(const std::string& runtime);

}  // namespace devproxy
