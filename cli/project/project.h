// How commands find and read the configuration. Any thread.
#pragma once

#include <tl/expected.hpp>

#include <string>

#include "cli/command_line/invocation.h"
#include "cli/terminal/failure.h"
#include "config/load.h"

namespace devproxy {

/// -c, else what load() finds by itself: DEVPROXY_CONFIG, then the search upwards.
LoadRequest load_request(const Invocation& invocation);

/// As people would write it: relative to the working directory where that does not lead upwards.
std::string shown_path(const std::string& absolute);

/// Problems as a Failure: exit 2, and words that fit one problem or many.
Failure invalid_file(Problems problems);

/// load() for commands that end with it.
tl::expected<Config, Failure> load_project(const Invocation& invocation);

}  // namespace devproxy
