// Upstream: one endpoint at run time: its warm connections, the dials under way, and the requests
// that are held while its service is gone. Shared by the routings that name its endpoint, so a
// reload keeps it. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/agenda.h"
#include "base/result.h"
#include "proxy/attempt.h"
#include "proxy/endpoint.h"
#include "proxy/net/dial.h"

namespace devproxy {

struct Context;
class Backend;

/// What an exchange needs of a connection.
struct Wish {
  bool repeatable = false;  ///< the request may be sent again, so any warm connection will do
  bool websocket = false;
  std::uint64_t hold = 0;  ///< how long a service that just went away is waited for
};

class Upstream final {
 public:
  Upstream(Context& context, Endpoint endpoint);
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  const Endpoint& endpoint() const { return endpoint_; }

  /// An attempt on a warm or shared connection at once, or null: then `waiter` is told later.
  Attempt* acquire(AttemptWaiter& waiter, const Wish& wish);
  /// A new connection, whatever is warm.
  void dial(AttemptWaiter& waiter, const Wish& wish);
  void forget(AttemptWaiter& waiter);

  /// A response came: from now on its absence is a restart, not a mistake.
  void note_answer() { has_answered_ = true; }
  bool has_answered() const { return has_answered_; }
  /// How long connections have been refused.
  std::chrono::milliseconds gone_for() const;

  /// For backends: the connection is warm and free (a shared one: has a stream to spare again); it
  /// is of no more use, and dies at the end of the turn.
  void give_back(Backend& backend);
  void discard(Backend& backend);

  /// Requests that found no descriptor: they get what is free now.
  void feed_starved();
  bool has_starved() const;

  /// Closes what is idle: nobody names this endpoint any more.
  void close_idle();

 private:
  struct Waiting;
  using Backends = std::vector<std::unique_ptr<Http1Backend>>;

  void start(Waiting& waiting);
  void resolve();
  void on_resolved(int status, const addrinfo* list);
  void on_dialled(Waiting& waiting, Result<std::unique_ptr<SocketStream>> stream,
                  std::size_t index);
  void refuse(AttemptWaiter* waiter, std::uint64_t hold, const Error& why);
  void probe();
  void on_probed(Result<std::unique_ptr<SocketStream>> stream, std::size_t index);
  Http1Backend& connected(std::unique_ptr<SocketStream> stream, std::size_t index);
  Http1Backend& make_busy(std::unique_ptr<Http1Backend> backend);
  std::unique_ptr<Http1Backend> take_busy(const Http1Backend& backend);
  std::unique_ptr<Waiting> take(const Waiting& waiting);
  DialTarget dial_target() const;

  struct Held {
    AttemptWaiter* waiter;
    std::uint64_t hold;
    std::uint64_t until;
  };

  Context& context_;
  Endpoint endpoint_;
  Backends idle_;  ///< the most recently used at the back
  Backends busy_;
  std::vector<std::unique_ptr<Waiting>> waiting_;
  std::vector<Held> held_;
  std::unique_ptr<Dial> probe_;
  Timer probe_timer_;
  std::vector<sockaddr_storage> addresses_;  ///< the one that answered last at the front
  std::uint64_t addresses_until_ = 0;
  struct Lookup;
  Lookup* lookup_ = nullptr;
  std::uint64_t refused_since_ = 0;  ///< 0: the last connection was made
  bool has_answered_ = false;
};

}  // namespace devproxy
