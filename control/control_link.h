// A ControlLink is a connection to another devproxy that lasts: what that one says comes as it is
// said, and nothing blocks. Loop thread; owned by whoever attached, destroyed before the Loop.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/agenda.h"
#include "base/loop.h"
#include "control/control_client.h"
#include "control/protocol.h"

namespace devproxy {

class ControlLink final {
 public:
  struct Events {
    std::function<void(const ControlReply& reply)> reply;
    /// Once, in a turn of its own; nothing is said after it.
    std::function<void()> closed;
  };

  ControlLink(Loop& loop, ControlClient::Connection connection, Events events);
  ~ControlLink();
  ControlLink(const ControlLink&) = delete;
  ControlLink& operator=(const ControlLink&) = delete;

  void send(const ControlCall& call);

 private:
  void take(std::string_view bytes);
  void look_for_replies();
  void close();

  Loop& loop_;
  Events events_;
  Handle<uv_pipe_t> socket_;
  std::string block_;
  std::string received_;
  Timer later_;  ///< what was received before us; that it is closed
  bool closed_ = false;
};

}  // namespace devproxy
