// The control protocol: one JSON object a line, both ways, over the proxy's unix socket. A client
// asks with a Call; the proxy replies with any number of events and then one answer or one
// failure. docs/control.md describes it for programs. Values and pure functions; any thread.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace devproxy {

/// The protocol's own version: a peer with another one is refused, whatever the program's.
inline constexpr int control_version = 1;
/// A longer line from a client is no call of ours. A project of 10,000 routes takes 3 MiB.
inline constexpr std::size_t longest_call = std::size_t{8} * 1024 * 1024;

/// {"devproxy":1,"call":"url","arguments":{"service":"web"}}
struct ControlCall {
  std::string name;
  std::map<std::string, std::string> arguments;

  /// Empty when it was not given.
  std::string argument(const std::string& name_of_it) const;
};

/// Why a call was not answered; what a command reports as its own failure.
struct ControlFailure {
  int exit = 1;         ///< the exit code of the command that asked
  std::string code;     ///< stable, dotted
  std::string message;  ///< names the thing
  std::string hint;     ///< the next step
};

/// {"event":…}, {"answer":…} or {"failure":{…}}; the last two end the call.
struct ControlReply {
  enum class Kind { event, answer, failure };
  Kind kind = Kind::answer;
  std::string json;  ///< of an event or an answer: an object on one line
  ControlFailure failure;
};

// Lines without their end.
std::string to_line(const ControlCall& call);
std::string to_line(const ControlReply& reply);

/// Errors: invalid (no JSON object, not of this shape), bad_version (of another major number).
Result<ControlCall> read_call(std::string_view line);
Result<ControlReply> read_reply(std::string_view line);

}  // namespace devproxy
