// The program's own log: one line per event on stderr, a level, words, then key=value pairs. spdlog
// behind it. The one piece of global state; safe on any thread, and never waits for a reader: lines
// that stderr does not take are dropped, and counted later. Bytes outside printable ASCII are
// escaped.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

namespace devproxy {

enum class LogLevel : std::uint8_t { debug, info, warn, error, off };
enum class LogForm : std::uint8_t { words, json };

struct LogValue {
  std::string_view key;
  std::string value;
};

void set_log_level(LogLevel level);
void set_log_form(LogForm form);
bool log_enabled(LogLevel level);
void log(LogLevel level, std::string_view words, std::initializer_list<LogValue> values = {});

}  // namespace devproxy
