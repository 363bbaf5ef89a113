// Dial: one connection being made, to the first of several addresses that answers. Destroying it
// gives up. Owned by an Upstream; one thread.
#pragma once

#include <sys/socket.h>
#include <uv.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/handle.h"
#include "base/loop.h"
#include "base/result.h"
#include "proxy/net/buffers.h"
#include "proxy/net/descriptors.h"
#include "proxy/net/socket_stream.h"

namespace devproxy {

/// Where to dial: socket addresses, or the path of a unix socket.
struct DialTarget {
  std::vector<sockaddr_storage> addresses;
  std::string unix_path;
};

class Dial final {
 public:
  /// `answered`: the address that did, as it stood in the target.
  using Done = std::function<void(Result<std::unique_ptr<SocketStream>> stream,
                                  const sockaddr_storage& answered)>;

  Dial(Loop& loop, Buffers& buffers, Descriptors& descriptors);
  ~Dial();
  Dial(const Dial&) = delete;
  Dial& operator=(const Dial&) = delete;

  /// `done` is called once, never from within start(); the Dial may be destroyed in it (bury it).
  void start(DialTarget target, std::uint64_t timeout, Done done);

 private:
  struct Connect;

  void try_next();
  void begin(Connect& connect);
  void on_connected(int status);
  void give_up(Error why);
  void drop_socket();

  Loop& loop_;
  Buffers& buffers_;
  Descriptors& descriptors_;
  Timer timer_;
  DialTarget target_;
  Done done_;
  std::size_t next_ = 0;
  Connect* connect_ = nullptr;
  Handle<uv_tcp_t> tcp_;
  Handle<uv_pipe_t> pipe_;
  int refused_ =
      0;  ///< the status that is told when all fail: the first refusal, else the last failure
};

/// 127.0.0.1 or ::1 with `port`.
sockaddr_storage loopback_address(int family, std::uint16_t port);

/// Moves `answered` to the front of `addresses`, when it still is one of them.
void prefer(std::vector<sockaddr_storage>& addresses, const sockaddr_storage& answered);

}  // namespace devproxy
