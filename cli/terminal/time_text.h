// Points in time as people read them: "11:03", with the day when that is not today; and how long
// something took. Asks the system for the time zone; any thread.
#pragma once

#include <chrono>
#include <ctime>
#include <string>

namespace devproxy {

/// "11:03", "2026-11-21 11:03"
std::string time_text(std::time_t then);
/// "11:03:12", "2026-11-21 11:03:12"
std::string exact_time_text(std::time_t then);

/// "0.4 ms", "12 ms", "12.3 s", "4m 05s", "3h 02m"
std::string duration_text(std::chrono::microseconds took);

}  // namespace devproxy
