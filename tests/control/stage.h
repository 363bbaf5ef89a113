// A ControlServer on a loop of its own, and clients that send it whatever they like. Whoever waits
// runs the loop. Test thread.
#pragma once

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "control/control_server.h"
#include "tests/support/sockets.h"
#include "tests/support/temp_dir.h"

namespace devproxy {

class ControlStage final {
 public:
  using Exchange = std::shared_ptr<ControlExchange>;
  using Handler = std::function<void(const ControlCall&, const Exchange&)>;

  /// Without a handler every call is answered with its name.
  explicit ControlStage(Handler handler = answer_with_name)
      : tick_(loop.agenda()), handler_(std::move(handler)) {
    begin();
    const auto made = server->listen(path());
    if (!made) give_up(made.error().detail);
    tick();
  }

  static void answer_with_name(const ControlCall& call, const Exchange& exchange) {
    exchange->answer("\"" + call.name + "\"");
  }

  std::string path() const { return folder.file("control-1.sock"); }
  void begin() {
    server = std::make_unique<ControlServer>(
        loop, [this](const ControlCall& call, const Exchange& exchange) {
          calls.push_back(call);
          handler_(call, exchange);
        });
  }
  /// Runs the loop until it is so.
  template <class Condition>
  void run_until(const char* what, Condition is_so) {
    const WaitLimit limit;
    while (!is_so()) {
      if (limit.is_over()) give_up(std::string("never came: ") + what);
      loop.run_once(true);
    }
  }

  TempDir folder;
  Loop loop;
  std::unique_ptr<ControlServer> server;
  std::vector<ControlCall> calls;  ///< as they came

 private:
  /// The server's own handles keep no loop alive, and a limit must be seen.
  void tick() {
    tick_.start(5, [this] { tick(); });
  }

  Timer tick_;
  Handler handler_;
};

/// A client that does not know the protocol.
class RawControl final {
 public:
  explicit RawControl(ControlStage& stage)
      : stage_(stage), socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, stage.path().data(), stage.path().size());
    const auto* const where = reinterpret_cast<const sockaddr*>(&address);
    stage.run_until("a place in the backlog", [&] {
      return ::connect(socket_.fd(), where, sizeof address) == 0 || errno != EAGAIN;
    });
  }

  /// Runs the loop while the server does not read. False: it closed.
  bool send(std::string_view bytes) {
    bool open = true;
    stage_.run_until("room to send", [&] {
      while (open && !bytes.empty()) {
        const ssize_t sent =
            ::send(socket_.fd(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (sent < 0 && errno == EAGAIN) return false;
        open = sent > 0;
        if (open) bytes.remove_prefix(static_cast<std::size_t>(sent));
      }
      return true;
    });
    return open;
  }
  /// The next line, without its end.
  std::string line() {
    stage_.run_until("a line", [this] { return read_some() || has_line() || closed_; });
    stage_.run_until("the rest of a line", [this] {
      read_some();
      return has_line() || closed_;
    });
    if (!has_line()) give_up("the server closed instead of a line, after: " + received_);
    const std::size_t end = received_.find('\n');
    std::string text = received_.substr(0, end);
    received_.erase(0, end + 1);
    return text;
  }
  /// Waits until the server has closed, reading what it still sent.
  bool is_closed() {
    stage_.run_until("the end", [this] {
      while (read_some()) {
      }
      return closed_;
    });
    return true;
  }
  std::size_t received() const { return received_.size(); }
  void close() { socket_.reset(); }
  void end_output() { ::shutdown(socket_.fd(), SHUT_WR); }

 private:
  bool has_line() const { return received_.find('\n') != std::string::npos; }
  bool read_some() {
    std::array<char, 65536> block{};
    const ssize_t got = ::recv(socket_.fd(), block.data(), block.size(), MSG_DONTWAIT);
    if (got > 0) received_.append(block.data(), static_cast<std::size_t>(got));
    if (got == 0 || (got < 0 && errno != EAGAIN)) closed_ = true;
    return got > 0;
  }

  ControlStage& stage_;
  Descriptor socket_;
  std::string received_;
  bool closed_ = false;
};

}  // namespace devproxy
