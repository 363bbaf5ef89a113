// Upstream: one endpoint at run time: its warm and its shared connections, those being made, and
// the requests that are held while its service is gone. Shared by the routings that name its
// endpoint, so a reload keeps it. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "base/agenda.h"
#include "base/loopback_place.h"
#include "base/result.h"
#include "proxy/attempt.h"
#include "proxy/connector.h"
#include "proxy/endpoint.h"

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

  /// Where it is now.
  const Endpoint& endpoint() const { return endpoint_; }
  /// It is somewhere else than its target says: new connections go there, warm ones to the old
  /// place are retired. None: it is where its target says; a followed service is nowhere.
  void move(const std::optional<LoopbackPlace>& place);
  /// A connection was refused: whoever looks for services that move is told.
  void note_refused() const;
  /// For connections that carry no requests (TCP ports).
  Connector& connector() { return connector_; }

  /// An attempt on a warm or shared connection at once, or null: then `waiter` is told later.
  Attempt* acquire(AttemptWaiter& waiter, const Wish& wish);
  /// The same on a new connection, or one that is being made.
  void dial(AttemptWaiter& waiter, const Wish& wish);
  void forget(AttemptWaiter& waiter);

  /// A response came: from now on its absence is a restart, not a mistake.
  void note_answer() { has_answered_ = true; }
  bool has_answered() const { return has_answered_; }
  /// devproxy runs the service: whether it is about to listen, or will not by itself.
  void expect(bool comes);
  /// Whether somebody who finds it away should wait: as expect() had it, else as `has_been_there`.
  bool may_come(bool has_been_there) const { return comes_.value_or(has_been_there); }
  /// When it was last said to be about to listen, in the agenda's milliseconds; 0: never.
  std::uint64_t expected_since() const { return expected_since_; }
  /// How long connections have been refused.
  std::chrono::milliseconds gone_for() const;

  /// For backends: the connection is warm and free (a shared one: has nothing to do); it is of no
  /// more use, and dies at the end of the turn.
  void give_back(Backend& backend);
  void discard(Backend& backend);
  /// A shared connection that had to be waited for allows requests, or never will.
  void end_wait() { serve_riders(); }

  /// Requests that found no descriptor: they get what is free now.
  void feed_starved();
  bool has_starved() const;

  /// Closes what is idle: nobody names this endpoint any more.
  void close_idle();

 private:
  using Backends = std::vector<std::unique_ptr<Backend>>;
  struct Waiting;
  struct Held {
    AttemptWaiter* waiter;
    Wish wish;
    std::uint64_t until;
  };

  Attempt* find(const Wish& wish);
  void start(Waiting& waiting);
  void on_connected(Waiting& waiting, Result<std::unique_ptr<Backend>> backend);
  void serve_riders();
  bool must_wait() const;
  void wait_for_room(Waiting& waiting);
  void refuse(AttemptWaiter* waiter, const Wish& wish, const Error& why);
  void probe();
  void release_held();
  void on_probed(Result<std::unique_ptr<Backend>> backend);
  Backend& adopt(std::unique_ptr<Backend> backend);
  Backend& make_busy(std::unique_ptr<Backend> backend);
  std::unique_ptr<Backend> take_busy(const Backend& backend);
  std::unique_ptr<Waiting> take(const Waiting& waiting);
  bool may_ride(const Wish& wish) const;

  Context& context_;
  Endpoint home_;  ///< as the target says
  Endpoint endpoint_;
  std::optional<LoopbackPlace> place_;
  std::uint32_t generation_ = 0;  ///< how often it moved
  Connector connector_;
  Backends idle_;    ///< the most recently used at the back
  Backends busy_;    ///< those with an exchange of their own
  Backends shared_;  ///< those that carry several at once
  std::vector<std::unique_ptr<Waiting>> waiting_;
  std::vector<Held> held_;
  std::unique_ptr<Connecting> probe_;
  Timer probe_timer_;
  std::uint64_t refused_since_ = 0;  ///< 0: the last connection was made
  bool has_answered_ = false;
  std::optional<bool> comes_;  ///< none: nobody here knows
  std::uint64_t expected_since_ = 0;
};

}  // namespace devproxy
