// Routes, TCP ports, listeners and the checkout in our JSON forms. Pure; any thread.
#pragma once

#include <vector>

#include "base/json.h"
#include "cli/project/url_table.h"
#include "config/config.h"
#include "proxy/server.h"

namespace devproxy {

Json rows_json(const std::vector<UrlRow>& rows);
/// The tables of a route's service_when.
Json whens_json(const RouteRule& rule);
/// The stable TCP ports of services.
Json tcp_json(const Config& config);
Json listeners_json(const std::vector<BoundAddress>& listeners);
/// Null: the main checkout.
Json worktree_json(const Worktree& worktree);

}  // namespace devproxy
