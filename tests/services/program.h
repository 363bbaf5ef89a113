// Services of tests: the events that `serve --json` prints about them, and the processes that they
// are. Test thread.
#pragma once

#include <signal.h>

#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "base/json.h"
#include "services/run_mark.h"
#include "tests/support/proxy_process.h"
#include "tests/support/temp_dir.h"

namespace devproxy {

/// A proxy with services of its own.
class ServicesProxy final : public ProxyProcess {
 public:
  explicit ServicesProxy(std::string_view routes, Options options = {})
      : ProxyProcess(DEVPROXY_BINARY, routes, std::move(options)) {}

  /// Waits for an event that satisfies `wanted`, beginning at the `from`-th line.
  Json wait_for_event(const std::function<bool(const Json&)>& wanted, std::size_t from = 0,
                      std::string_view begin = "{", WaitLimit deadline = WaitLimit()) {
    return parse_json(process().wait_for_line(
        [&](const std::string& line) {
          // Long output is read again and again: only what may be it is looked at closely.
          if (line.find(begin) == std::string::npos) return false;
          const Json event = parse_json(line);
          return event.is_object() && wanted(event);
        },
        from, deadline));
  }
  Json wait_for_state(const std::string& service, const std::string& state, std::size_t from = 0,
                      WaitLimit deadline = WaitLimit()) {
    return wait_for_event(
        [&](const Json& event) {
          return event.value("event", "") == "service" && event.value("service", "") == service &&
                 event.value("state", "") == state;
        },
        from, R"("event":"service")", deadline);
  }
  Json wait_for_output(const std::string& service, const std::string& part, std::size_t from = 0) {
    return wait_for_event(
        [&](const Json& event) {
          return event.value("event", "") == "output" && event.value("service", "") == service &&
                 event.value("line", "").find(part) != std::string::npos;
        },
        from);
  }
  bool has_event(const std::function<bool(const Json&)>& wanted) {
    const std::string output = process().output();
    for (std::size_t at = 0; at < output.size();) {
      const std::size_t end = std::min(output.find('\n', at), output.size());
      const Json event = parse_json(output.substr(at, end - at));
      if (event.is_object() && wanted(event)) return true;
      at = end + 1;
    }
    return false;
  }

  /// Another command, run by this user in this project: `status`, `logs -f`, …
  Command command(std::vector<std::string> words) const {
    words.insert(words.begin(), DEVPROXY_BINARY);
    Command command;
    command.arguments = std::move(words);
    command.folder = folder().path();
    for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"})
      command.environment.emplace_back(name, folder().path());
    return command;
  }
  Finished run(std::vector<std::string> words) const {
    return devproxy::run(command(std::move(words)));
  }

  std::string get(const std::string& service, const std::string& path = "/") {
    return ask(devproxy::get(service + ".t.localhost", path)).body;
  }
  int status(const std::string& service, const std::string& path = "/") {
    return ask(devproxy::get(service + ".t.localhost", path)).status();
  }
};

/// Asks again and again, for as long as it takes.
template <class Ask>
void wait_until(const Ask& ask, WaitLimit deadline = WaitLimit()) {
  while (!ask()) {
    if (deadline.is_over()) give_up("what was waited for has not come");
    std::this_thread::yield();
  }
}

inline bool is_alive(pid_t pid) {
  return ::kill(pid, 0) == 0;
}

/// Every process of this user whose environment has this folder as HOME: the proxy, what it
/// started, and what that started, however far it went.
inline std::vector<pid_t> processes_of(const TempDir& folder) {
  std::vector<pid_t> found;
  std::string text = "HOME=" + folder.path();
  text.push_back('\0');
  visit_environments([&](pid_t pid, std::string_view environment) {
    if (environment.find(text) != std::string_view::npos) found.push_back(pid);
  });
  return found;
}

/// Waits until there is none left, or gives up with the pids.
inline void wait_until_gone(const TempDir& folder, WaitLimit deadline = WaitLimit()) {
  for (;;) {
    const std::vector<pid_t> left = processes_of(folder);
    if (left.empty()) return;
    if (deadline.is_over()) {
      std::string pids;
      for (const pid_t pid : left) pids += " " + std::to_string(pid);
      give_up("still there:" + pids);
    }
    std::this_thread::yield();
  }
}

}  // namespace devproxy
