// The JSON of `init`. Pure; any thread.
#pragma once

#include <string>

#include "cli/init/init_file.h"

namespace devproxy {

/// "devproxy.init/v1"
std::string init_form(const Scan& scan, const std::string& text, bool written);

}  // namespace devproxy
