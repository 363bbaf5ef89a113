#include "services/listener_scan.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

namespace devproxy {
namespace {

bool same_socket(const TcpSocket& a, const TcpSocket& b) {
  return a.inode == b.inode && a.local == b.local && a.pid == b.pid;
}

/// A worker may go on listening after the process that opened the socket has ended.
bool is_held_by_the_dead(const ScannedListener& listener) {
  return !listener.chain.empty() && ::kill(listener.chain.front().pid, 0) != 0 && errno == ESRCH;
}

}  // namespace

ListenerScan::ListenerScan(Loop& loop)
    : loop_(loop), timer_(loop.agenda()), alive_(std::make_shared<ListenerScan*>(this)) {}

ListenerScan::~ListenerScan() = default;

ListenerScan::Interest::~Interest() {
  auto& all = scan_.interests_;
  std::replace(all.begin(), all.end(), this, static_cast<Interest*>(nullptr));
  if (std::all_of(all.begin(), all.end(), [](const Interest* each) { return each == nullptr; })) {
    all.clear();
    scan_.timer_.cancel();
  }
}

std::unique_ptr<ListenerScan::Interest> ListenerScan::watch(std::function<void(bool)> looked) {
  std::unique_ptr<Interest> interest(new Interest(*this, std::move(looked)));  // NOLINT: private
  interests_.push_back(interest.get());
  hurry();
  return interest;
}

void ListenerScan::hurry() {
  if (!is_looking() || describing_) return;
  const std::uint64_t now = loop_.agenda().now();
  if (timer_.pending() && now < looked_at_ + shortest_ms) return;
  timer_.start(0, [this] { look(); });
}

void ListenerScan::look() {
  looked_at_ = loop_.agenda().now();
  std::vector<TcpSocket> sockets = own_loopback_listeners(table_);
  const std::size_t gone = std::erase_if(listeners_, [&](const ScannedListener& listener) {
    const bool is_open = std::any_of(sockets.begin(), sockets.end(), [&](const TcpSocket& socket) {
      return same_socket(socket, listener.socket);
    });
    return !is_open || is_held_by_the_dead(listener);
  });
  std::erase_if(sockets, [this](const TcpSocket& socket) {
    return std::any_of(listeners_.begin(), listeners_.end(), [&](const ScannedListener& listener) {
      return same_socket(socket, listener.socket);
    });
  });
  if (sockets.empty()) {
    finish(gone > 0);
  } else {
    describe(std::move(sockets));
  }
}

void ListenerScan::describe(std::vector<TcpSocket> sockets) {
  describing_ = true;
  auto found = std::make_shared<std::vector<ScannedListener>>();
  loop_.work([found, sockets = std::move(sockets)] { *found = describe_listeners(sockets); },
             [found, weak = std::weak_ptr(alive_)] {
               const auto self = weak.lock();
               if (!self) return;
               ListenerScan& scan = **self;
               scan.describing_ = false;
               std::move(found->begin(), found->end(), std::back_inserter(scan.listeners_));
               scan.finish(true);
             });
}

void ListenerScan::finish(bool changed) {
  if (!is_looking()) return;
  timer_.start(interval_ms, [this] { look(); });
  // Whoever is told may end his interest, or another's, or begin one.
  const std::size_t count = interests_.size();
  for (std::size_t i = 0; i < count && i < interests_.size(); ++i) {
    Interest* const interest = interests_[i];
    if (interest == nullptr) continue;
    const bool first = std::exchange(interest->is_new_, false);
    const auto looked = interest->looked_;
    looked(changed || first);
  }
  std::erase(interests_, nullptr);
}

}  // namespace devproxy
