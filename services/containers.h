// Which ports the containers of this machine publish, as Docker or podman says over its socket.
// Asking blocks, for a second at most for each engine: off the loop, or in commands that print and
// end. The rest is pure; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/follow.h"
#include "services/follow_match.h"

namespace devproxy {

struct PublishedPort {
  std::string host;  ///< the address outside: "0.0.0.0", "127.0.0.1", "::"; may be empty
  std::uint16_t inside = 0;
  std::uint16_t outside = 0;
};

struct Container {
  std::string id;
  std::vector<std::string> names;  ///< without the slash that Docker writes
  std::string compose_service;     ///< what docker compose calls it; mostly empty
  std::vector<PublishedPort> ports;
};

/// Where engines listen: DOCKER_HOST alone if it is set, else the usual paths.
struct EngineSockets {
  std::vector<std::string> paths;
  std::string why_not;  ///< DOCKER_HOST is none that is asked
};
EngineSockets engine_sockets(
    const std::function<std::optional<std::string>(const std::string& name)>& variable);

/// The running containers of all engines that answer. Error: none did, in words.
Result<std::vector<Container>> ask_containers(const EngineSockets& engines);

/// The body of `GET /containers/json`. Error: invalid.
Result<std::vector<Container>> parse_containers(std::string_view text);

/// Where the container that the rule names is. Error: why it is nowhere.
Result<Found> find_container(const FollowTarget& rule,
                             const Result<std::vector<Container>>& containers);

}  // namespace devproxy
