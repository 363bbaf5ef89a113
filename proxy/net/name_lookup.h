// NameLookup: the addresses of a name, asked off the loop. Destroying it gives up. Owned by a
// Connector; one thread.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "base/result.h"

namespace devproxy {

class NameLookup final {
 public:
  /// Both families, in the system's order; never empty. Error: unresolved.
  using Done = std::function<void(Result<std::vector<sockaddr_storage>> addresses)>;

  /// `done` is called once, never from within; the NameLookup may be destroyed in it.
  NameLookup(Loop& loop, const std::string& host, std::uint16_t port, Done done);
  ~NameLookup();
  NameLookup(const NameLookup&) = delete;
  NameLookup& operator=(const NameLookup&) = delete;

 private:
  struct Request;
  Request* request_;
};

}  // namespace devproxy
