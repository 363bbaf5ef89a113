// The JSON of `help` and `version`. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace devproxy {

/// "devproxy.help/v1": of one command, or of the whole program when `command` is empty.
std::string help_form(std::string_view command);
/// "devproxy.version/v1"
std::string version_form();

}  // namespace devproxy
