// PortLocks say which ports living devproxies of this user have assigned: byte N of one file is
// locked for port N, so a lock ends with its process whatever becomes of that. Also keeps the list
// of remembered ports from being written by two at once. Thread-safe as far as fcntl is.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace devproxy {

class PortLocks final {
 public:
  /// Makes `folder` and the file in it.
  static Result<PortLocks> open(const std::string& folder);
  ~PortLocks();
  PortLocks(PortLocks&& other) noexcept;
  PortLocks& operator=(PortLocks&&) = delete;
  PortLocks(const PortLocks&) = delete;
  PortLocks& operator=(const PortLocks&) = delete;

  /// False: another devproxy has it.
  bool lock(std::uint16_t port);
  void unlock(std::uint16_t port);

  /// Byte 0: whoever reads and writes the list; waits for its turn.
  void lock_list();
  void unlock_list();

 private:
  explicit PortLocks(int file) : file_(file) {}
  int file_;
};

}  // namespace devproxy
