// Signals by name, for files and messages. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace devproxy {

/// "SIGTERM"; "signal 34" for those without a name.
std::string signal_name(int number);
/// Of "SIGTERM" or "TERM", in any case.
std::optional<int> signal_number(std::string_view name);

}  // namespace devproxy
