// RunningProxy is what a running devproxy says of itself over its control socket: the `status`
// call. Made by Edge, read by the commands. Values; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "proxy/server.h"

namespace devproxy {

/// A service that this devproxy runs itself.
struct RunningService {
  std::string name;
  std::string state;       ///< as state_text() has it: "ready", "failed", …
  bool comes = false;      ///< it answers, or will without anybody's help
  bool completed = false;  ///< its work is done
  std::string detail;      ///< why; may be empty
  std::uint16_t port = 0;
  std::int64_t process = 0;  ///< its pid; 0: it does not run
  std::string url;           ///< empty: it has none
};

struct RunningProxy {
  std::int64_t pid = 0;
  std::string version;
  std::string project;
  std::string file;              ///< absolute path of its devproxy.toml; empty: it has none (`run`)
  std::int64_t since = 0;        ///< seconds of the Unix epoch
  std::int64_t attached_to = 0;  ///< pid of the devproxy whose proxy carries its routes; 0: its own
  std::string run;               ///< the mark that what it started carries
  std::vector<BoundAddress> listeners;
  std::vector<RunningService> services;
  std::string invalid_file;  ///< why the last reload changed nothing; empty: it did not fail
};

/// Null: it is not run there.
const RunningService* find_running(const RunningProxy& proxy, std::string_view service);

/// An object on one line.
std::string to_json(const RunningProxy& proxy);
/// Error: invalid.
Result<RunningProxy> read_running_proxy(std::string_view text);

}  // namespace devproxy
