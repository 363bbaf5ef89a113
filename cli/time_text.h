// Points in time as people read them: "11:03", with the day when that is not today. Asks the
// system for the time zone; any thread.
#pragma once

#include <ctime>
#include <string>

namespace devproxy {

/// "11:03", "2026-11-21 11:03"
std::string time_text(std::time_t then);
/// "11:03:12", "2026-11-21 11:03:12"
std::string exact_time_text(std::time_t then);

}  // namespace devproxy
