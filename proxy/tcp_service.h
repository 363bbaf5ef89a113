// TcpService: a service with a stable TCP port at run time: where its connections go now, and the
// clients that wait while it is away. A reload gives it another endpoint; who waits then waits for
// that one. Shared by the listeners of its port and the connections that began there; one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/agenda.h"
#include "base/result.h"
#include "config/config.h"
#include "proxy/connector.h"
#include "proxy/net/stream.h"

namespace devproxy {

struct Context;
class Upstream;

/// Told once, never from within TcpService::connect().
class StreamWaiter {
 public:
  virtual void on_stream(std::unique_ptr<Stream> stream) = 0;
  virtual void on_no_stream(const Error& why) = 0;

 protected:
  StreamWaiter() = default;
  ~StreamWaiter() = default;
};

class TcpService final {
 public:
  explicit TcpService(Context& context);
  ~TcpService();
  TcpService(const TcpService&) = delete;
  TcpService& operator=(const TcpService&) = delete;

  void apply(const TcpPort& port, std::shared_ptr<Upstream> upstream);

  void connect(StreamWaiter& waiter);
  void forget(StreamWaiter& waiter);

  const std::string& name() const { return port_.service; }

 private:
  /// A connection that is being made; keeps the upstream alive that makes it.
  struct Attempted {
    StreamWaiter* waiter = nullptr;  ///< null: a probe, for the first of those who are held
    std::shared_ptr<Upstream> upstream;
    std::unique_ptr<Connecting> connecting;
  };
  struct Held {
    StreamWaiter* waiter;
    std::uint64_t until;
  };

  void dial(StreamWaiter* waiter);
  void on_dialled(Attempted& attempted, Result<std::unique_ptr<Stream>> stream);
  void on_failed(StreamWaiter* waiter, const Error& why);
  bool may_hold(const Error& why) const;
  void release(std::unique_ptr<Stream> stream);
  void probe_later();
  void probe();
  void refuse(StreamWaiter& waiter, const Error& why);

  Context& context_;
  TcpPort port_;
  std::shared_ptr<Upstream> upstream_;
  std::vector<std::unique_ptr<Attempted>> attempted_;
  std::vector<Held> held_;
  Timer probe_timer_;
  std::uint64_t failing_since_ = 0;  ///< 0: the last connection was made
  bool has_accepted_ = false;        ///< from now on its absence is a restart, not a mistake
  bool is_told_ = false;             ///< the log has said why clients are turned away
};

}  // namespace devproxy
