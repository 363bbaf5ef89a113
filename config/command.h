// What `command` and the keys that belong to it ask for: a program to run, how to know that it
// answers, and what to do when it ends. Part of Config; plain values, any thread.
#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace devproxy {

enum class ReadyWhen : std::uint8_t {
  listening,  ///< its port accepts connections
  http,       ///< a request for `text` is answered with a status below 500
  log,        ///< it printed a line that contains `text`
  started,    ///< at once: it listens nowhere (`ready = { port = false }`)
};

struct Readiness {
  ReadyWhen when = ReadyWhen::listening;
  std::string text;
  bool operator==(const Readiness&) const = default;
};

enum class RestartPolicy : std::uint8_t { on_failure, always, never };

/// `command = "npm run dev"`, or a list. Placeholders in `words` and `env` stand as they were
/// written: their values are known when the ports are.
struct CommandTarget {
  std::vector<std::string> words;  ///< the text for the shell alone, or the program and its words
  bool shell = false;
  std::string dir;                                       ///< absolute
  std::vector<std::pair<std::string, std::string>> env;  ///< of env_file, then of env: later wins
  std::vector<std::string> depends_on;                   ///< names in Config::services; no circle
  Readiness ready;
  RestartPolicy restart = RestartPolicy::on_failure;
  int stop_signal = SIGTERM;
  std::chrono::milliseconds stop_timeout{10'000};
  bool adapter = true;     ///< flags for frameworks that ignore PORT are added
  std::uint16_t port = 0;  ///< that it was given; 0 until somebody did
  /// Where it listens instead, not part of the file: as its running devproxy says; 0: on `port`.
  std::uint16_t listens_on = 0;
};

}  // namespace devproxy
