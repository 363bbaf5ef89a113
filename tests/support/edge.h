// TestProxy: the program of this build as a ProxyProcess. For test programs only (they know
// DEVPROXY_BINARY).
#pragma once

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

}  // namespace devproxy
