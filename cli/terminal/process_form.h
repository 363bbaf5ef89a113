// Processes and times in our JSON forms. Pure; any thread.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/json.h"
#include "base/process_facts.h"

namespace devproxy {

/// Null for one that is not visible.
Json process_json(const std::optional<ProcessFacts>& process);

/// "2026-11-22T13:39:02Z"
std::string utc_text(std::chrono::system_clock::time_point at);

}  // namespace devproxy
