// A project as it travels to the proxy that carries its routes: what a Config says of services,
// routes and TCP ports, as one JSON object, with every port known. Pure functions; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/loopback_place.h"
#include "base/result.h"
#include "cli/running/running_proxy.h"
#include "config/config.h"

namespace devproxy {

/// On one line. A service with a command is a server on its port.
std::string project_form(const Config& config);
/// Error: invalid. Of the Config only what project_form() wrote is filled.
Result<Config> read_project(std::string_view text);

/// That a service was found somewhere: Server::move().
struct Move {
  Target target;
  std::optional<LoopbackPlace> place;
};
std::string move_form(const Move& move);
Result<Move> read_move(std::string_view text);

/// A list, for `status` and for the project that falls back.
std::string fallbacks_form(const std::vector<Fallback>& fallbacks);
/// What cannot be read is left out.
std::vector<Fallback> read_fallbacks(std::string_view text);

}  // namespace devproxy
