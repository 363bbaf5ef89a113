// Upstream: a service that moves, since it is followed or uses another port than it was given.
#include <algorithm>
#include <utility>
#include <vector>

#include "proxy/context.h"
#include "proxy/upstream.h"

namespace devproxy {

void Upstream::move(const std::optional<LoopbackPlace>& place) {
  if (place == place_) return;
  place_ = place;
  ++generation_;
  const bool is_followed = home_.kind == Endpoint::Kind::followed;
  std::vector<sockaddr_storage> addresses;
  const std::uint16_t port = place ? place->port : home_.port;
  if (place ? place->ipv4 : !is_followed) addresses.push_back(loopback_address(AF_INET, port));
  if (place ? place->ipv6 : !is_followed) addresses.push_back(loopback_address(AF_INET6, port));
  if (place && place->ipv6_first) std::reverse(addresses.begin(), addresses.end());
  endpoint_ =
      place ? Endpoint{Endpoint::Kind::loopback, {}, port, UrlScheme::http, false, {}, {}} : home_;
  connector_.move(std::move(addresses));
  close_idle();
  if (!place) return;
  // What was waited for in vain before says nothing about this place.
  refused_since_ = 0;
  expected_since_ = context_.agenda.now();
  if (is_followed) comes_ = true;
}

void Upstream::note_refused() const {
  if (context_.options.on_refused) context_.options.on_refused(home_.port);
}

}  // namespace devproxy
