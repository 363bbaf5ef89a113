#include "proxy/upstream.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "proxy/context.h"
#include "proxy/http/http1_backend.h"

namespace devproxy {
namespace {

constexpr std::uint64_t name_lifetime =
    5'000;  ///< how long the addresses of a name are believed, in milliseconds
constexpr std::size_t most_idle = 1024;

}  // namespace

/// A request that waits for a connection of its own.
struct Upstream::Waiting {
  AttemptWaiter* waiter = nullptr;
  std::uint64_t hold = 0;
  std::unique_ptr<Dial> dial;  ///< null: waits for the name's addresses, or is starved
  bool is_starved = false;     ///< no descriptor is left for a connection
};

/// A name being resolved on libuv's thread pool. Frees itself; its upstream may be gone by then.
struct Upstream::Lookup {
  uv_getaddrinfo_t request{};
  Upstream* upstream = nullptr;
};

Upstream::Upstream(Context& context, Endpoint endpoint)
    : context_(context), endpoint_(std::move(endpoint)), probe_timer_(context.agenda) {
  if (endpoint_.kind == Endpoint::Kind::loopback) {
    addresses_ = {loopback_address(AF_INET, endpoint_.port),
                  loopback_address(AF_INET6, endpoint_.port)};
    addresses_until_ = Agenda::never;
  }
}

Upstream::~Upstream() {
  if (lookup_ != nullptr) lookup_->upstream = nullptr;
}

std::chrono::milliseconds Upstream::gone_for() const {
  return std::chrono::milliseconds(refused_since_ == 0 ? 0
                                                       : context_.agenda.now() - refused_since_);
}

Attempt* Upstream::acquire(AttemptWaiter& waiter, bool repeatable, std::uint64_t hold) {
  const std::uint64_t now = context_.agenda.now();
  if (!idle_.empty() && idle_.back()->is_usable(now, repeatable)) {
    std::unique_ptr<Http1Backend> warm = std::move(idle_.back());
    idle_.pop_back();
    return &make_busy(std::move(warm));
  }
  dial(waiter, hold);
  return nullptr;
}

void Upstream::dial(AttemptWaiter& waiter, std::uint64_t hold) {
  waiting_.push_back(std::make_unique<Waiting>());
  Waiting& waiting = *waiting_.back();
  waiting.waiter = &waiter;
  waiting.hold = hold;
  start(waiting);
}

void Upstream::start(Waiting& waiting) {
  waiting.is_starved = !context_.descriptors.room_for_service();
  if (waiting.is_starved) {
    // Its turn comes when a connection or a descriptor becomes free.
    if (context_.on_starved) context_.on_starved();
    return;
  }
  if (endpoint_.kind == Endpoint::Kind::name && addresses_until_ <= context_.agenda.now()) {
    resolve();
    return;
  }
  waiting.dial = std::make_unique<Dial>(context_.loop, context_.buffers, context_.descriptors);
  waiting.dial->start(
      dial_target(), context_.limits.connect,
      [this, &waiting](Result<std::unique_ptr<SocketStream>> stream, std::size_t index) {
        on_dialled(waiting, std::move(stream), index);
      });
}

DialTarget Upstream::dial_target() const {
  DialTarget target;
  if (endpoint_.kind == Endpoint::Kind::unix_socket) {
    target.unix_path = endpoint_.host;
  } else {
    target.addresses = addresses_;
  }
  return target;
}

void Upstream::resolve() {
  if (lookup_ != nullptr) return;
  lookup_ = new Lookup;
  lookup_->upstream = this;
  lookup_->request.data = lookup_;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  const auto on_done = [](uv_getaddrinfo_t* request, int status, addrinfo* list) {
    const std::unique_ptr<Lookup> lookup(static_cast<Lookup*>(request->data));
    if (lookup->upstream != nullptr) {
      const Turn turn = lookup->upstream->context_.loop.turn();
      lookup->upstream->lookup_ = nullptr;
      lookup->upstream->on_resolved(status, list);
    }
    uv_freeaddrinfo(list);
  };
  const std::string port = std::to_string(endpoint_.port);
  uv_getaddrinfo(context_.loop.uv(), &lookup_->request, on_done, endpoint_.host.c_str(),
                 port.c_str(), &hints);
}

void Upstream::on_resolved(int status, const addrinfo* list) {
  addresses_.clear();
  for (; list != nullptr; list = list->ai_next) {
    sockaddr_storage address{};
    std::memcpy(&address, list->ai_addr, list->ai_addrlen);
    addresses_.push_back(address);
  }
  std::vector<Waiting*> unresolved;
  for (const auto& waiting : waiting_) {
    if (waiting->dial == nullptr && !waiting->is_starved) unresolved.push_back(waiting.get());
  }
  if (!addresses_.empty()) {
    addresses_until_ = context_.agenda.now() + name_lifetime;
    for (Waiting* waiting : unresolved) start(*waiting);
    return;
  }
  const Error why{Code::unresolved, Source::upstream,
                  "the name " + endpoint_.host + " has no address (" +
                      (status < 0 ? uv_strerror(status) : "empty answer") + ")"};
  for (const Waiting* waiting : unresolved) {
    const std::unique_ptr<Waiting> done = take(*waiting);
    done->waiter->on_no_attempt(why);
  }
}

void Upstream::on_dialled(Waiting& waiting, Result<std::unique_ptr<SocketStream>> stream,
                          std::size_t index) {
  std::unique_ptr<Waiting> done = take(waiting);
  context_.agenda.bury(std::move(done->dial));
  if (!stream) {
    addresses_until_ = endpoint_.kind == Endpoint::Kind::name ? 0 : addresses_until_;
    refuse(done->waiter, done->hold, stream.error());
    return;
  }
  done->waiter->on_attempt(connected(std::move(*stream), index));
}

void Upstream::refuse(AttemptWaiter* waiter, std::uint64_t hold, const Error& why) {
  const std::uint64_t now = context_.agenda.now();
  if (why.code == Code::refused) {
    if (refused_since_ == 0) refused_since_ = now;
    const std::uint64_t until = refused_since_ + hold;
    if (has_answered_ && now < until && !context_.draining) {
      held_.push_back({waiter, hold, until});
      if (!probe_timer_.pending() && !probe_)
        probe_timer_.start(context_.limits.retry_connect, [this] { probe(); });
      return;
    }
  }
  waiter->on_no_attempt(why);
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
  probe_ = std::make_unique<Dial>(context_.loop, context_.buffers, context_.descriptors);
  probe_->start(dial_target(), context_.limits.connect,
                [this](Result<std::unique_ptr<SocketStream>> stream, std::size_t index) {
                  context_.agenda.bury(std::move(probe_));
                  on_probed(std::move(stream), index);
                });
}

void Upstream::on_probed(Result<std::unique_ptr<SocketStream>> stream, std::size_t index) {
  if (!stream) {
    if (!held_.empty()) probe_timer_.start(context_.limits.retry_connect, [this] { probe(); });
    return;
  }
  // It listens again: the first in the queue gets this connection, the others dial their own.
  std::vector<Held> released = std::move(held_);
  held_.clear();
  Http1Backend& backend = connected(std::move(*stream), index);
  if (released.empty()) {
    give_back(backend);
    return;
  }
  AttemptWaiter* first = released.front().waiter;
  released.erase(released.begin());
  for (const Held& held : released) dial(*held.waiter, held.hold);
  first->on_attempt(backend);
}

Http1Backend& Upstream::connected(std::unique_ptr<SocketStream> stream, std::size_t index) {
  refused_since_ = 0;
  // The family that answered is asked first from now on.
  if (index > 0)
    std::rotate(addresses_.begin(), addresses_.begin() + static_cast<std::ptrdiff_t>(index),
                addresses_.end());
  return make_busy(std::make_unique<Http1Backend>(context_, *this, std::move(stream)));
}

Http1Backend& Upstream::make_busy(std::unique_ptr<Http1Backend> backend) {
  backend->place = busy_.size();
  busy_.push_back(std::move(backend));
  return *busy_.back();
}

std::unique_ptr<Http1Backend> Upstream::take_busy(const Http1Backend& backend) {
  const std::size_t place = backend.place;
  if (place >= busy_.size() || busy_[place].get() != &backend) return nullptr;
  std::unique_ptr<Http1Backend> taken = std::move(busy_[place]);
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
  for (const auto& waiting : waiting_) {
    if (waiting->waiter == &waiter) {
      std::unique_ptr<Waiting> gone = take(*waiting);
      context_.agenda.bury(std::move(gone));
      return;
    }
  }
}

std::unique_ptr<Upstream::Waiting> Upstream::take(const Waiting& waiting) {
  const auto found = std::find_if(waiting_.begin(), waiting_.end(),
                                  [&](const auto& entry) { return entry.get() == &waiting; });
  std::unique_ptr<Waiting> taken = std::move(*found);
  waiting_.erase(found);
  return taken;
}

void Upstream::give_back(Http1Backend& backend) {
  std::unique_ptr<Http1Backend> taken = take_busy(backend);
  if (idle_.size() >= most_idle || context_.draining) {
    context_.agenda.bury(std::move(taken));
    return;
  }
  idle_.push_back(std::move(taken));
  if (has_starved() && context_.on_starved) context_.on_starved();
}

void Upstream::discard(Http1Backend& backend) {
  std::unique_ptr<Http1Backend> taken = take_busy(backend);
  if (taken == nullptr) {
    const auto found = std::find_if(idle_.begin(), idle_.end(),
                                    [&](const auto& entry) { return entry.get() == &backend; });
    if (found == idle_.end()) return;
    taken = std::move(*found);
    idle_.erase(found);
  }
  context_.agenda.bury(std::move(taken));
}

void Upstream::feed_starved() {
  std::vector<Waiting*> starved;
  for (const auto& waiting : waiting_) {
    if (waiting->is_starved) starved.push_back(waiting.get());
  }
  for (Waiting* waiting : starved) {
    if (!idle_.empty()) {
      std::unique_ptr<Http1Backend> warm = std::move(idle_.back());
      idle_.pop_back();
      Http1Backend& backend = make_busy(std::move(warm));
      const std::unique_ptr<Waiting> done = take(*waiting);
      done->waiter->on_attempt(backend);
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
