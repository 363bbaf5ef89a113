// The JSON of `explain`. Pure; any thread.
#pragma once

#include <string>

#include "cli/explain/explanation.h"

namespace devproxy {

/// "devproxy.explain/v1"
std::string explain_form(const Explanation& explanation);

}  // namespace devproxy
