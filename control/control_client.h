// ControlClient asks one running proxy, call by call. Blocks, with a limit of time; for commands
// that print and end. Owned by its command; main thread.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "control/protocol.h"

namespace devproxy {

class ControlClient final {
 public:
  /// Owns `descriptor`, a connected socket.
  explicit ControlClient(int descriptor) : descriptor_(descriptor) {}
  ~ControlClient();
  ControlClient(ControlClient&& other) noexcept;
  ControlClient& operator=(ControlClient&& other) noexcept;

  /// What comes from now on is read by somebody else: the descriptor is theirs.
  struct Connection {
    int descriptor = -1;
    std::string received;  ///< read already, behind the last reply
  };
  Connection release() &&;

  /// Sees the JSON of an event; false: no more is wanted.
  using OnEvent = std::function<bool(const std::string& json)>;

  /// Until the other process has ended. Error: timed_out.
  Result<void> wait_for_end(std::chrono::milliseconds limit);

  /// The two halves of ask(): several clients may be asked before the first is waited for, and
  /// after timed_out one may be waited for again.
  Result<void> begin(const ControlCall& call);
  Result<ControlReply> finish(std::chrono::milliseconds limit, const OnEvent& on_event = {});

  /// The reply that ended the call: an answer or a failure. `limit` is the longest silence; zero:
  /// none. Errors: timed_out, closed (the proxy went away, or on_event wanted no more), invalid.
  Result<ControlReply> ask(const ControlCall& call, std::chrono::milliseconds limit,
                           const OnEvent& on_event = {});

  /// The first reply, which comes with open files: they are appended, closed on exec, and the
  /// caller's to close, whatever is returned.
  Result<ControlReply> ask_with_descriptors(const ControlCall& call,
                                            std::chrono::milliseconds limit,
                                            std::vector<int>& descriptors);

 private:
  Result<void> send(std::string_view bytes);
  Result<std::string> read_line(std::chrono::milliseconds limit,
                                std::vector<int>* descriptors = nullptr);

  int descriptor_;
  std::string received_;
};

}  // namespace devproxy
