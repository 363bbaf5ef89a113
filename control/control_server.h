// ControlServer is the unix socket on which a running proxy takes calls: 0600, this user's
// processes only, bounded in connections, in the length of a line and in what a slow reader may
// leave unread. Loop thread; owned by Edge, destroyed before the Loop; removes its file.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/loop.h"
#include "base/result.h"
#include "control/protocol.h"

namespace devproxy {

/// How one call is replied to, now or later. Kept by whoever answers; replies to a client that left
/// are dropped.
class ControlExchange {
 public:
  virtual ~ControlExchange() = default;
  ControlExchange(const ControlExchange&) = delete;
  ControlExchange& operator=(const ControlExchange&) = delete;

  /// `json`: an object on one line.
  virtual void event(const std::string& json) = 0;
  virtual void answer(const std::string& json) = 0;
  virtual void fail(const ControlFailure& why) = 0;
  /// With open files, which the client gets as its own (descriptors.h); written at once and whole.
  /// False: it cannot be, and the client is gone.
  virtual bool event_with(const std::string& json, const std::vector<int>& descriptors) = 0;
  /// The client left, or was answered: nobody waits any more.
  virtual bool is_over() const = 0;
  /// Bytes that the client has not read yet: what may be left out should be, when it is slow.
  virtual std::size_t unread() const = 0;

  /// Further calls on the same connection, until this one is answered: they belong to it and have
  /// no reply of their own. Empty: they wait for their turn.
  std::function<void(const ControlCall&)> on_call;
  /// The client left before it was answered. Never called from within the functions above.
  std::function<void()> on_left;

 protected:
  ControlExchange() = default;
};

class ControlServer final {
 public:
  /// That ask, or wait for an answer; those that last (see ControlExchange::on_call) do not count.
  static constexpr std::size_t most_connections = 64;
  static constexpr std::size_t most_unread = std::size_t{4} * 1024 * 1024;

  using Handler = std::function<void(const ControlCall&, std::shared_ptr<ControlExchange>)>;

  ControlServer(Loop& loop, Handler handler);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

  /// `path` lies in a private folder of ours; a file that a process with our pid left is replaced.
  Result<void> listen(const std::string& path);

 private:
  class Connection;

  void accept(uv_stream_t& socket);
  void remove(const Connection& connection);

  Loop& loop_;
  Handler handler_;
  std::string path_;
  Handle<uv_pipe_t> socket_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace devproxy
