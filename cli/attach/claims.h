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

/// "/home/ann/shop/devproxy.toml:3"
std::string place_text(const Position& at);

/// Two routes with the same key would answer the same requests of `host`.
std::string claim_key(const RouteRule& rule, const std::string& host);

}  // namespace devproxy
