// ProxyLock says which process is the shared proxy of this user: whoever holds the lock of one file
// in the runtime folder. It ends with its process, however that ends. Any thread; one for each
// process, since fcntl knows no more.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"

namespace devproxy {

class ProxyLock final {
 public:
  /// Nothing: another process has it. Makes `runtime`. Errors: denied.
  static Result<std::optional<ProxyLock>> take(const std::string& runtime);
  ~ProxyLock();
  ProxyLock(ProxyLock&& other) noexcept;
  ProxyLock& operator=(ProxyLock&&) = delete;

  /// Who has it; never to be asked by the process that does.
  static std::optional<pid_t> holder(const std::string& runtime);

 private:
  explicit ProxyLock(int file) : file_(file) {}
  int file_;
};

}  // namespace devproxy
