// What a proxy says to a project that is attached to it, as events of the call "attach"
// (docs/control.md). Exchanges are in exchange_form.h. Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/running/running_proxy.h"
#include "cli/terminal/failure.h"
#include "control/protocol.h"
#include "proxy/server.h"

namespace devproxy {

std::string listeners_event(const std::vector<BoundAddress>& listeners);
/// The oldest update without an answer is in force; or it changed nothing.
std::string updated_event();
std::string refusal_event(const Failure& why);
/// Worth a line to the user.
std::string note_event(const std::string& words);
/// The project is asked to end.
std::string stop_event();
std::string refused_port_event(std::uint16_t port);
/// Which services of the project the main checkout answers for now.
std::string fallbacks_event(const std::vector<Fallback>& fallbacks);

struct AttachNote {
  std::string words;
};
struct AttachStop {};
struct AttachUpdated {};
struct RefusedPort {
  std::uint16_t port = 0;  ///< 0: of a followed service that is nowhere
};
using AttachEvent = std::variant<std::monostate, std::vector<BoundAddress>, Failure, AttachNote,
                                 AttachStop, AttachUpdated, RefusedPort, std::vector<Fallback>>;
/// Nothing: it is none of them.
AttachEvent read_attach_event(std::string_view text);

/// As the failure of a call, with the problems of a file in its words.
ControlFailure to_control(const Failure& failure);

}  // namespace devproxy
