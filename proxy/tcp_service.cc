#include "proxy/tcp_service.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "proxy/context.h"
#include "proxy/upstream.h"

namespace devproxy {

TcpService::TcpService(Context& context) : context_(context), probe_timer_(context.agenda) {}

TcpService::~TcpService() = default;

void TcpService::apply(const TcpPort& port, std::shared_ptr<Upstream> upstream) {
  if (upstream_ != nullptr && upstream != upstream_) {
    // Another place deserves a hold of its own.
    failing_since_ = 0;
    is_told_ = false;
  }
  port_ = port;
  upstream_ = std::move(upstream);
}

void TcpService::connect(StreamWaiter& waiter) {
  dial(&waiter);
}

void TcpService::dial(StreamWaiter* waiter) {
  attempted_.push_back(std::make_unique<Attempted>());
  Attempted& attempted = *attempted_.back();
  attempted.waiter = waiter;
  attempted.upstream = upstream_;
  attempted.connecting = std::make_unique<Connecting>(upstream_->connector());
  attempted.connecting->start_raw([this, &attempted](Result<std::unique_ptr<Stream>> stream) {
    on_dialled(attempted, std::move(stream));
  });
}

void TcpService::on_dialled(Attempted& attempted, Result<std::unique_ptr<Stream>> stream) {
  StreamWaiter* const waiter = attempted.waiter;
  const auto found = std::find_if(attempted_.begin(), attempted_.end(),
                                  [&](const auto& each) { return each.get() == &attempted; });
  context_.agenda.bury(std::move(*found));
  attempted_.erase(found);
  if (!stream) {
    on_failed(waiter, stream.error());
    return;
  }
  failing_since_ = 0;
  has_accepted_ = true;
  is_told_ = false;
  if (waiter == nullptr) {
    release(std::move(*stream));
  } else {
    waiter->on_stream(std::move(*stream));
  }
}

/// It listens again: the first in the queue gets this connection, the others dial their own.
void TcpService::release(std::unique_ptr<Stream> stream) {
  const std::vector<Held> released = std::exchange(held_, {});
  if (released.empty()) return;
  for (std::size_t i = 1; i < released.size(); ++i) dial(released[i].waiter);
  released.front().waiter->on_stream(std::move(stream));
}

void TcpService::on_failed(StreamWaiter* waiter, const Error& why) {
  const std::uint64_t now = context_.agenda.now();
  if (waiter == nullptr) {
    if (!held_.empty()) probe_later();
    return;
  }
  if (why.code == Code::refused) upstream_->note_refused();
  // What was waited for in vain before says nothing about a new start.
  failing_since_ =
      failing_since_ == 0 ? now : std::max(failing_since_, upstream_->expected_since());
  const std::uint64_t until = failing_since_ + static_cast<std::uint64_t>(port_.hold.count());
  if (now < until && may_hold(why)) {
    held_.push_back({waiter, until});
    probe_later();
    return;
  }
  refuse(*waiter, why);
}

bool TcpService::may_hold(const Error& why) const {
  if (context_.draining) return false;
  // Connections that end make room.
  if (why.code == Code::no_descriptors) return true;
  return why.code == Code::refused &&
         upstream_->may_come(has_accepted_ || upstream_->has_answered());
}

void TcpService::probe_later() {
  const bool is_probing = std::any_of(attempted_.begin(), attempted_.end(),
                                      [](const auto& each) { return each->waiter == nullptr; });
  if (!is_probing && !probe_timer_.pending())
    probe_timer_.start(context_.limits.retry_connect, [this] { probe(); });
}

/// While clients are held, one connection attempt for all of them, every 50 ms.
void TcpService::probe() {
  const std::uint64_t now = context_.agenda.now();
  const bool comes = upstream_->may_come(true);
  const auto first_expired =
      std::stable_partition(held_.begin(), held_.end(),
                            [now, comes](const Held& held) { return comes && now < held.until; });
  const std::vector<Held> expired(first_expired, held_.end());
  held_.erase(first_expired, held_.end());
  for (const Held& held : expired) {
    refuse(*held.waiter, Error{Code::refused, Source::upstream,
                               fmt::format("connection refused for {:.1f} s",
                                           static_cast<double>(now - failing_since_) / 1e3)});
  }
  if (!held_.empty()) dial(nullptr);
}

void TcpService::refuse(StreamWaiter& waiter, const Error& why) {
  if (!std::exchange(is_told_, true)) {
    log(LogLevel::warn,
        fmt::format("clients of TCP port {} are turned away: the service {} does not answer at {} "
                    "({}); start it, or correct where it listens",
                    port_.port, port_.service, upstream_->endpoint().text(), why.detail));
  }
  waiter.on_no_stream(Error{why.code, why.source,
                            fmt::format("{} at {}", why.detail, upstream_->endpoint().text())});
}

void TcpService::forget(StreamWaiter& waiter) {
  std::erase_if(held_, [&](const Held& held) { return held.waiter == &waiter; });
  const auto found = std::find_if(attempted_.begin(), attempted_.end(),
                                  [&](const auto& each) { return each->waiter == &waiter; });
  if (found == attempted_.end()) return;
  context_.agenda.bury(std::move(*found));
  attempted_.erase(found);
}

}  // namespace devproxy
