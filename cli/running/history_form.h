// The forms of `devproxy history` and `devproxy rollback`, as a running devproxy answers them and
// as the commands show them. Pure; any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/running/history.h"
#include "config/config.h"

namespace devproxy {

/// "devproxy.history/v1" with this one project.
std::string history_form(const Config& config, const History& history);
/// Several answers of that form as one. Error: invalid.
Result<std::string> join_histories(const std::vector<std::string>& answers);
/// For people; nothing to show where it is none.
std::string history_text(std::string_view form, bool colour);

/// "devproxy.rollback/v1"
std::string rollback_form(const ReloadReport& report);
std::string rollback_text(std::string_view form, bool colour);

/// "generation 2 of 11:05"
std::string generation_words(std::uint64_t generation, History::Clock::time_point since);

}  // namespace devproxy
