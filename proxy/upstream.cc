#include "proxy/upstream.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "proxy/context.h"

namespace devproxy {
namespace {

constexpr std::size_t most_idle = 1024;

/// Takes `backend` out of `backends`; null when it is not there.
std::unique_ptr<Backend> take_from(std::vector<std::unique_ptr<Backend>>& backends,
                                   const Backend& backend) {
  const auto found = std::find_if(backends.begin(), backends.end(),
                                  [&](const auto& entry) { return entry.get() == &backend; });
  if (found == backends.end()) return nullptr;
  std::unique_ptr<Backend> taken = std::move(*found);
  backends.erase(found);
  return taken;
}

}  // namespace

/// A request that waits for a connection.
struct Upstream::Waiting {
  explicit Waiting(Agenda& agenda) : limit(agenda) {}

  AttemptWaiter* waiter = nullptr;
  Wish wish;
  Timer limit;                             ///< runs while the service allows no request
  std::uint64_t until = 0;                 ///< when that ends; 0: it never ran
  std::unique_ptr<Connecting> connecting;  ///< null: another's will do, or is starved
  bool is_starved = false;                 ///< no descriptor is left for a connection

  /// Another's connection is being made, and will do.
  bool is_riding() const { return connecting == nullptr && !is_starved && !limit.pending(); }
};

Upstream::Upstream(Context& context, Endpoint endpoint)
    : context_(context),
      home_(std::move(endpoint)),
      endpoint_(home_),
      connector_(context, *this, endpoint_),
      probe_timer_(context.agenda) {}

Upstream::~Upstream() = default;

std::chrono::milliseconds Upstream::gone_for() const {
  return std::chrono::milliseconds(refused_since_ == 0 ? 0
                                                       : context_.agenda.now() - refused_since_);
}

Attempt* Upstream::acquire(AttemptWaiter& waiter, const Wish& wish) {
  if (Attempt* attempt = find(wish)) return attempt;
  dial(waiter, wish);
  return nullptr;
}

/// Over TLS a WebSocket gets an HTTP/1.1 connection, which every service understands.
bool Upstream::may_ride(const Wish& wish) const {
  return !wish.websocket || endpoint_.scheme == UrlScheme::h2c;
}

Attempt* Upstream::find(const Wish& wish) {
  const std::uint64_t now = context_.agenda.now();
  if (!idle_.empty() && idle_.back()->is_usable(now, wish.repeatable)) {
    std::unique_ptr<Backend> warm = std::move(idle_.back());
    idle_.pop_back();
    return &make_busy(std::move(warm)).attempt();
  }
  if (shared_.empty() || !may_ride(wish)) return nullptr;
  const auto found = std::find_if(shared_.begin(), shared_.end(), [&](const auto& backend) {
    return backend->is_usable(now, wish.repeatable);
  });
  return found == shared_.end() ? nullptr : &(*found)->attempt();
}

void Upstream::dial(AttemptWaiter& waiter, const Wish& wish) {
  waiting_.push_back(std::make_unique<Waiting>(context_.agenda));
  Waiting& waiting = *waiting_.back();
  waiting.waiter = &waiter;
  waiting.wish = wish;
  start(waiting);
}

void Upstream::start(Waiting& waiting) {
  const bool rides = may_ride(waiting.wish);
  if (rides && must_wait()) {
    wait_for_room(waiting);
    return;
  }
  waiting.limit.cancel();
  if (rides && connector_.expects_shared()) {
    const bool under_way = std::any_of(waiting_.begin(), waiting_.end(), [&](const auto& other) {
      return other->connecting != nullptr && may_ride(other->wish);
    });
    if (under_way) return;
  }
  waiting.is_starved = !context_.descriptors.room_for_service();
  if (waiting.is_starved) {
    // Its turn comes when a connection or a descriptor becomes free.
    if (context_.on_starved) context_.on_starved();
    return;
  }
  waiting.connecting = std::make_unique<Connecting>(connector_);
  const auto generation = generation_;
  waiting.connecting->start(!rides,
                            [this, &waiting, generation](Result<std::unique_ptr<Backend>> backend) {
                              if (backend) (*backend)->generation = generation;
                              on_connected(waiting, std::move(backend));
                            });
}

bool Upstream::must_wait() const {
  return std::any_of(shared_.begin(), shared_.end(),
                     [](const auto& backend) { return backend->must_wait(); });
}

/// One connection is enough to be told so. As for a service that is gone, there is an end to it.
void Upstream::wait_for_room(Waiting& waiting) {
  const std::uint64_t now = context_.agenda.now();
  if (waiting.until == 0) waiting.until = now + waiting.wish.hold;
  waiting.limit.start(waiting.until > now ? waiting.until - now : 0, [this, &waiting] {
    const std::unique_ptr<Waiting> done = take(waiting);
    done->waiter->on_no_attempt(
        Error{Code::timed_out, Source::upstream,
              fmt::format("it allows no requests (its MAX_CONCURRENT_STREAMS is 0), and that has "
                          "not changed for {} ms",
                          done->wish.hold)});
  });
}

void Upstream::on_connected(Waiting& waiting, Result<std::unique_ptr<Backend>> backend) {
  const std::unique_ptr<Waiting> done = take(waiting);
  if (done == nullptr) {
    // It was given up earlier in this turn, and lives until its end.
    if (backend) context_.agenda.bury(std::move(*backend));
    return;
  }
  context_.agenda.bury(std::move(done->connecting));
  if (!backend) {
    // Who waited for this connection has lost it too.
    std::vector<std::unique_ptr<Waiting>> riders;
    for (auto& rider : waiting_) {
      if (rider->is_riding()) riders.push_back(std::move(rider));
    }
    waiting_.erase(std::remove(waiting_.begin(), waiting_.end(), nullptr), waiting_.end());
    refuse(done->waiter, done->wish, backend.error());
    for (const auto& rider : riders) refuse(rider->waiter, rider->wish, backend.error());
    return;
  }
  Backend& connected = adopt(std::move(*backend));
  const bool rides = may_ride(done->wish);
  if (rides && connected.must_wait()) {
    dial(*done->waiter, done->wish);
  } else {
    done->waiter->on_attempt(connected.attempt());
  }
  if (rides) serve_riders();
}

/// Those who waited for another's connection: its streams, or connections of their own.
void Upstream::serve_riders() {
  std::vector<Waiting*> riders;
  for (const auto& rider : waiting_) {
    if (rider->connecting == nullptr && !rider->is_starved) riders.push_back(rider.get());
  }
  for (Waiting* rider : riders) {
    const bool still_there = std::any_of(waiting_.begin(), waiting_.end(),
                                         [&](const auto& entry) { return entry.get() == rider; });
    if (!still_there) continue;
    if (Attempt* attempt = find(rider->wish)) {
      const std::unique_ptr<Waiting> done = take(*rider);
      done->waiter->on_attempt(*attempt);
    } else {
      start(*rider);
    }
  }
}

void Upstream::refuse(AttemptWaiter* waiter, const Wish& wish, const Error& why) {
  const std::uint64_t now = context_.agenda.now();
  if (why.code == Code::refused) {
    note_refused();
    if (refused_since_ == 0) refused_since_ = now;
    const std::uint64_t until = refused_since_ + wish.hold;
    if (may_come(has_answered_) && now < until && !context_.draining) {
      held_.push_back({waiter, wish, until});
      if (!probe_timer_.pending() && !probe_)
        probe_timer_.start(context_.limits.retry_connect, [this] { probe(); });
      return;
    }
  }
  waiter->on_no_attempt(why);
}

void Upstream::expect(bool comes) {
  // What was waited for in vain before says nothing about this start.
  if (comes && comes_ != comes) {
    refused_since_ = 0;
    expected_since_ = context_.agenda.now();
  }
  comes_ = comes;
  if (!comes) release_held();
}

/// Nobody will come.
void Upstream::release_held() {
  const std::vector<Held> held = std::exchange(held_, {});
  for (const Held& each : held) {
    each.waiter->on_no_attempt(Error{Code::refused, Source::upstream, "connection refused"});
  }
}

/// While requests are held, one connection attempt for all of them, every 50 ms.
void Upstream::probe() {
  const std::uint64_t now = context_.agenda.now();
  const auto first_expired = std::stable_partition(
      held_.begin(), held_.end(), [now](const Held& held) { return now < held.until; });
  const std::vector<Held> expired(first_expired, held_.end());
  held_.erase(first_expired, held_.end());
  for (const Held& held : expired) {
    held.waiter->on_no_attempt(Error{Code::refused, Source::upstream, "connection refused"});
  }
  if (held_.empty()) return;
  probe_ = std::make_unique<Connecting>(connector_);
  const auto generation = generation_;
  probe_->start(!may_ride(held_.front().wish),
                [this, generation](Result<std::unique_ptr<Backend>> backend) {
                  if (backend) (*backend)->generation = generation;
                  context_.agenda.bury(std::move(probe_));
                  on_probed(std::move(backend));
                });
}

void Upstream::on_probed(Result<std::unique_ptr<Backend>> backend) {
  // A server that is just ending may accept and reset: that is absence too, where nothing is to be
  // agreed upon before the first request.
  const bool is_away =
      !backend && (backend.error().code == Code::refused || endpoint_.scheme == UrlScheme::http);
  if (is_away) {
    if (!held_.empty()) probe_timer_.start(context_.limits.retry_connect, [this] { probe(); });
    return;
  }
  // Something else than its absence: waiting longer would not mend it.
  if (!backend) {
    while (!held_.empty()) {
      AttemptWaiter* waiter = held_.front().waiter;
      held_.erase(held_.begin());
      waiter->on_no_attempt(backend.error());
    }
    return;
  }
  // It listens again: the first in the queue gets this connection, the others dial their own.
  std::vector<Held> released = std::move(held_);
  held_.clear();
  Backend& connected = adopt(std::move(*backend));
  if (released.empty()) {
    if (!connected.is_shared()) give_back(connected);
    return;
  }
  if (!connected.must_wait()) {
    const Held first = released.front();
    released.erase(released.begin());
    first.waiter->on_attempt(connected.attempt());
  }
  for (const Held& held : released) {
    if (Attempt* attempt = find(held.wish)) {
      held.waiter->on_attempt(*attempt);
    } else {
      dial(*held.waiter, held.wish);
    }
  }
}

Backend& Upstream::adopt(std::unique_ptr<Backend> backend) {
  refused_since_ = 0;
  if (!backend->is_shared()) return make_busy(std::move(backend));
  shared_.push_back(std::move(backend));
  return *shared_.back();
}

Backend& Upstream::make_busy(std::unique_ptr<Backend> backend) {
  backend->place = busy_.size();
  busy_.push_back(std::move(backend));
  return *busy_.back();
}

std::unique_ptr<Backend> Upstream::take_busy(const Backend& backend) {
  const std::size_t place = backend.place;
  if (place >= busy_.size() || busy_[place].get() != &backend) return nullptr;
  std::unique_ptr<Backend> taken = std::move(busy_[place]);
  if (place + 1 < busy_.size()) {
    busy_[place] = std::move(busy_.back());
    busy_[place]->place = place;
  }
  busy_.pop_back();
  return taken;
}

void Upstream::forget(AttemptWaiter& waiter) {
  held_.erase(std::remove_if(held_.begin(), held_.end(),
                             [&](const Held& held) { return held.waiter == &waiter; }),
              held_.end());
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const auto& waiting) { return waiting->waiter == &waiter; });
  if (found == waiting_.end()) return;
  std::unique_ptr<Waiting> gone = take(**found);
  const bool carried_others = gone->connecting != nullptr && may_ride(gone->wish);
  context_.agenda.bury(std::move(gone));
  if (!carried_others) return;
  // Somebody may have counted on its connection.
  const auto rider = std::find_if(waiting_.begin(), waiting_.end(), [](const auto& waiting) {
    return waiting->connecting == nullptr && !waiting->is_starved;
  });
  if (rider != waiting_.end()) start(**rider);
}

std::unique_ptr<Upstream::Waiting> Upstream::take(const Waiting& waiting) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const auto& entry) { return entry.get() == &waiting; });
  if (found == waiting_.end()) return nullptr;
  std::unique_ptr<Waiting> taken = std::move(*found);
  waiting_.erase(found);
  return taken;
}

void Upstream::give_back(Backend& backend) {
  if (backend.is_shared()) {
    if (context_.draining) discard(backend);
    return;
  }
  std::unique_ptr<Backend> taken = take_busy(backend);
  if (idle_.size() >= most_idle || context_.draining || taken->generation != generation_) {
    context_.agenda.bury(std::move(taken));
    return;
  }
  idle_.push_back(std::move(taken));
  if (has_starved() && context_.on_starved) context_.on_starved();
}

void Upstream::discard(Backend& backend) {
  std::unique_ptr<Backend> taken =
      backend.is_shared() ? take_from(shared_, backend) : take_busy(backend);
  if (taken == nullptr) taken = take_from(idle_, backend);
  context_.agenda.bury(std::move(taken));
}

void Upstream::feed_starved() {
  std::vector<Waiting*> starved;
  for (const auto& waiting : waiting_) {
    if (waiting->is_starved) starved.push_back(waiting.get());
  }
  for (Waiting* waiting : starved) {
    // Telling one may make another give up.
    const bool still_there = std::any_of(waiting_.begin(), waiting_.end(),
                                         [&](const auto& entry) { return entry.get() == waiting; });
    if (!still_there) continue;
    // There is nothing better to be had: a connection that is older than wished must do.
    Wish any = waiting->wish;
    any.repeatable = true;
    if (Attempt* attempt = find(any)) {
      const std::unique_ptr<Waiting> done = take(*waiting);
      done->waiter->on_attempt(*attempt);
    } else if (context_.descriptors.room_for_service()) {
      start(*waiting);
    }
  }
}

bool Upstream::has_starved() const {
  return std::any_of(waiting_.begin(), waiting_.end(),
                     [](const auto& waiting) { return waiting->is_starved; });
}

void Upstream::close_idle() {
  for (auto& backend : idle_) context_.agenda.bury(std::move(backend));
  idle_.clear();
}

}  // namespace devproxy
