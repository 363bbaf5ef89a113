// The URL at which a service of the running project is reached, for `url` and `open`. Asks the
// running devproxy and the system; main thread.
#pragma once

#include <tl/expected.hpp>

#include <string>

#include "cli/command_line/invocation.h"
#include "cli/terminal/failure.h"

namespace devproxy {

struct ServiceUrl {
  std::string service;
  std::string url;
};

/// That of `invocation.argument`; when it is empty, the project's first. Fails with the next step
/// when there is none, or when it cannot be reached.
tl::expected<ServiceUrl, Failure> reachable_url(const Invocation& invocation);

}  // namespace devproxy
