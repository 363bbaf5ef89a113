// The ListenerScan looks who listens on loopback, five times a second while somebody is interested
// and not at all otherwise. Looking is one question to the kernel; only when a socket of this user
// is new, /proc is walked, off the loop. One for all who follow and all who miss something. Loop
// thread; owned by the composition root, outlives its Interests, destroyed before the Loop.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/loop.h"
#include "services/scanned_listener.h"

namespace devproxy {

class ListenerScan final {
 public:
  static constexpr std::uint64_t interval_ms = 200;
  /// However often somebody is in a hurry.
  static constexpr std::uint64_t shortest_ms = 50;

  explicit ListenerScan(Loop& loop);
  ~ListenerScan();
  ListenerScan(const ListenerScan&) = delete;
  ListenerScan& operator=(const ListenerScan&) = delete;

  /// Looking goes on while this lives. Destroying it in its own callback is allowed.
  class Interest final {
   public:
    ~Interest();
    Interest(const Interest&) = delete;
    Interest& operator=(const Interest&) = delete;

   private:
    friend class ListenerScan;
    Interest(ListenerScan& scan, std::function<void(bool)> looked)
        : scan_(scan), looked_(std::move(looked)) {}
    ListenerScan& scan_;
    std::function<void(bool)> looked_;
    bool is_new_ = true;
  };

  /// `looked` is called after each look, with whether anything changed since the last; never from
  /// within watch(). The first comes soon, and says so.
  std::unique_ptr<Interest> watch(std::function<void(bool changed)> looked);
  /// Looks at once: something was just found to be gone.
  void hurry();

  /// As of the last look.
  const std::vector<ScannedListener>& listeners() const { return listeners_; }
  bool is_looking() const { return !interests_.empty(); }

 private:
  void look();
  void describe(std::vector<TcpSocket> sockets);
  void finish(bool changed);

  Loop& loop_;
  Timer timer_;
  ListenerTable table_;
  std::vector<ScannedListener> listeners_;
  std::vector<Interest*> interests_;
  std::uint64_t looked_at_ = 0;
  bool describing_ = false;               ///< /proc is being walked
  std::shared_ptr<ListenerScan*> alive_;  ///< for the walk, which may outlive us
};

}  // namespace devproxy
