// Processes and times in our JSON forms. Pure; any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <chrono>
#include <optional>
#include <string>

#include "base/process_facts.h"

namespace devproxy {

/// Null for one that is not visible.
nlohmann::ordered_json process_json(const std::optional<ProcessFacts>& process);

/// "2026-11-22T13:39:02Z"
std::string utc_text(std::chrono::system_clock::time_point at);

}  // namespace devproxy
