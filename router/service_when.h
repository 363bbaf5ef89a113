// Which service of a route a request goes to: the first of its `service_when` that it meets, else
// the route's own. Pure and without allocation; any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "router/route_table.h"

namespace devproxy {

/// What the request has under the name that `when` looks at, as it was sent: with the quotes of a
/// cookie, with the %-sequences of a query. Of several the first, as services read them. None: it
/// is missing.
std::optional<std::string_view> sent_value(const ServiceWhen& when, const Lookup& lookup);

bool is_met(const ServiceWhen& when, const Lookup& lookup);

/// Into RouteRule::service_when; none: the route's own service answers.
std::optional<std::size_t> chosen_of(const RouteRule& rule, const Lookup& lookup);

}  // namespace devproxy
