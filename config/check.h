// The checks that need the whole configuration: routes that cannot be told apart or reached,
// services that are the proxy itself, TCP ports that are taken twice, hosts with two certificates.
// Linear in the number of routes and hosts. One thread at a time.
#pragma once

#include <cstddef>
#include <string>

#include "config/build.h"
#include "config/report.h"

namespace devproxy {

void check_routes(const Draft& draft, const Sources& sources, Report& report);
void check_loops(const Draft& draft, const Sources& sources, Report& report);
/// "127.0.0.1:6289 by default", "[::1]:7000 (devproxy.toml:4:11)".
std::string listener_place(const Draft& draft, const Sources& sources, std::size_t listener);
void check_tcp(const Draft& draft, const Sources& sources, Report& report);
void check_certificates(const Draft& draft, const Sources& sources, Report& report);

}  // namespace devproxy
