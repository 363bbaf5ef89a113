// What `follow` asks for: a server that somebody else started, recognised by what it is instead of
// by its port. Part of Config; plain values, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace devproxy {

/// `follow = { dir = "admin" }`. Keys that stand together must all be true of the same process.
struct FollowTarget {
  std::string dir;         ///< absolute; the process's working directory
  std::string command;     ///< a glob on its command line or on its program's name
  std::string pid_file;    ///< absolute; holds its pid
  std::string container;   ///< name or id of a container that publishes a port
  std::uint16_t port = 0;  ///< of several, this one; of a container: its own port. 0: not said
  std::string text;        ///< as people read it: dir = "admin", command = "uvicorn*"

  /// Where it was found by whoever looked, not part of the file. None: nobody looked; 0: nothing
  /// matched.
  std::optional<std::uint16_t> found;
  std::string found_text;  ///< who that is and why this one of several, or why nobody is

  bool same_rule(const FollowTarget& other) const {
    return dir == other.dir && command == other.command && pid_file == other.pid_file &&
           container == other.container && port == other.port;
  }
};

}  // namespace devproxy
