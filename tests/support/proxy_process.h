// A ProxyProcess is the real program in a folder of its own: `devproxy serve` on a devproxy.toml
// that the test writes, listening on free ports. It is stopped with the object. Tests use it as
// TestProxy (edge.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/process.h"
#include "tests/support/raw_client.h"
#include "tests/support/temp_dir.h"

namespace devproxy {

class ProxyProcess {
 public:
  struct Options {
    bool ipv6 = false;                ///< listen on [::1] too
    std::vector<std::string> listen;  ///< more listeners than these
    bool access_log = false;
    std::string proxy_keys;  ///< more lines of [proxy]
    std::vector<std::pair<std::string, std::string>> environment;
    std::optional<std::size_t> descriptors;
  };

  /// `routes` is the file without `name` and `[proxy]`.
  ProxyProcess(std::string program, std::string_view routes, Options options);
  ProxyProcess(const ProxyProcess&) = delete;
  ProxyProcess& operator=(const ProxyProcess&) = delete;

  std::uint16_t port() const { return port_of(Family::v4); }
  std::uint16_t port_of(Family family) const;
  /// "name:port", as a browser would say it.
  std::string host(std::string_view name) const {
    return std::string(name) + ":" + std::to_string(port());
  }
  /// One exchange on a connection of its own.
  TextMessage ask(std::string_view request) const;

  /// Writes new routes and waits until they are in force.
  void reload(std::string_view routes);
  /// The same with other options of [proxy].
  void reload(std::string_view routes, Options options);
  /// Writes the text as it is, without waiting.
  void write_config(std::string_view text);
  std::string config_text(std::string_view routes) const;
  /// Waits for a line that tells of a reload, or of a refused one, beginning at the `from`-th line
  /// of output.
  std::string wait_for_reload(std::size_t from);
  std::string wait_for_refused_reload(std::size_t from);
  /// Where the next line of output begins.
  std::size_t mark() const { return process_->lines(); }
  /// Ends it with SIGTERM and returns how it ended.
  Exit stop();

  const std::vector<std::pair<std::string, std::uint16_t>>& listeners() const { return listeners_; }
  Process& process() { return *process_; }
  const TempDir& folder() const { return folder_; }

 private:
  void read_ports(const std::string& line);

  TempDir folder_;
  Options options_;
  std::unique_ptr<Process> process_;
  std::vector<std::pair<std::string, std::uint16_t>> listeners_;
};

}  // namespace devproxy
