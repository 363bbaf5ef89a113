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

struct RunningProxy {
  std::int64_t pid = 0;
  std::string version;
  std::string project;
  std::string file;        ///< absolute path of its devproxy.toml
  std::int64_t since = 0;  ///< seconds of the Unix epoch
  std::vector<BoundAddress> listeners;
  std::string invalid_file;  ///< why the last reload changed nothing; empty: it did not fail
};

/// An object on one line.
std::string to_json(const RunningProxy& proxy);
/// Error: invalid.
Result<RunningProxy> read_running_proxy(std::string_view json);

}  // namespace devproxy
