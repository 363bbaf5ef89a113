// ServiceNews is what there is to tell about a service that devproxy runs: the state it came into
// and why. Made by ServiceRun, told to a ServiceWatcher (the composition root) on the loop thread.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

enum class ServiceState : std::uint8_t {
  stopped,   ///< it does not run and is not about to: it ended well, or was asked to end
  waiting,   ///< for the services that it depends on
  starting,  ///< its program runs and does not answer yet
  ready,
  stopping,
  failed,  ///< its program ended badly, or could not be started
};
/// "stopped", "waiting", …
std::string_view state_text(ServiceState state);

struct ServiceNews {
  std::string_view service;
  ServiceState state = ServiceState::stopped;
  std::uint16_t port = 0;
  pid_t pid = 0;       ///< of its program, while there is one
  std::string detail;  ///< why, in words: "exited with code 1 after 0.3s"; may be empty
  std::chrono::milliseconds took{0};  ///< ready: since its start
  std::optional<std::chrono::milliseconds>
      again_in;  ///< failed, stopped: it is started again then; zero: with another port
  std::optional<int> exit_code;  ///< of its program, as a shell has it; none: it has not ended
  std::vector<std::string> last_lines;  ///< failed: what it printed last
};

class ServiceWatcher {
 public:
  virtual void on_state(const ServiceNews& news) = 0;
  /// Something worth a line that changes no state.
  virtual void on_note(std::string_view service, std::string_view words) = 0;
  /// A line of its output, as visible_text() left it.
  virtual void on_line(std::string_view service, std::string_view line) = 0;
  /// Somebody else listens on its port: it needs another one.
  virtual void on_port_lost(std::string_view service) = 0;

 protected:
  ~ServiceWatcher() = default;
};

}  // namespace devproxy
