// Which host, path or TCP port two projects both claim. Pure; any thread.
#pragma once

#include <optional>
#include <string>

#include "config/config.h"

namespace devproxy {

struct Claim {
  std::string what;  ///< "shop.localhost/api", "TCP port 5432"
  Position first;    ///< where `first` claims it
  Position second;
};

/// The first thing that both claim under the same conditions.
std::optional<Claim> common_claim(const Config& first, const Config& second);

}  // namespace devproxy
