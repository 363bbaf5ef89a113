// The checks that need the whole configuration: routes that cannot be told apart or reached,
// services that are the proxy itself, hosts with two certificates. Linear in the number of routes
// and hosts. One thread at a time.
#pragma once

#include "config/build.h"
#include "config/report.h"

namespace devproxy {

void check_routes(const Draft& draft, const Sources& sources, Report& report);
void check_loops(const Draft& draft, const Sources& sources, Report& report);
void check_certificates(const Draft& draft, const Sources& sources, Report& report);

}  // namespace devproxy
