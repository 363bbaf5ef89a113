// TestProxy: the program of this build as a ProxyProcess. For test programs only (they know
// DEVPROXY_BINARY).
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "tests/support/fake_upstream.h"
#include "tests/support/proxy_process.h"
#include "tests/support/test.h"

namespace devproxy {

class TestProxy final : public ProxyProcess {
 public:
  explicit TestProxy(std::string_view routes, Options options = {})
      : ProxyProcess(DEVPROXY_BINARY, routes, std::move(options)) {}
};

/// Time enough for the proxy to have met several refusals (it tries every 50 ms).
inline constexpr std::chrono::milliseconds some_refusals{300};

/// What a service answers when it does not matter.
inline const std::string plain_ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/// The service `a` at a.localhost.
inline std::string routes_to(const FakeUpstream& upstream, const std::string& more = "") {
  return "[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n" + more;
}

}  // namespace devproxy
