// Versions of devproxy, as `requires` compares them. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

#include "config/values.h"

namespace devproxy {

/// "0.1" of version 0.1.0: how messages name this version.
std::string this_version();

/// Of versions like "0.1.0"; false when either cannot be read.
bool is_newer(std::string_view version, std::string_view than);

/// Whether the version `ours` ("0.1.0") is what `requirement` asks for: ">=0.3", or ">=0.1, <0.4".
Valued<bool> satisfies(std::string_view ours, std::string_view requirement);

}  // namespace devproxy
