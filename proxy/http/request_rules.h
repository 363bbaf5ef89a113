// What every version of HTTP asks of a request-target, so that a service meets the same rules
// whatever its client speaks. Pure; any thread.
#pragma once

#include <string_view>

#include "proxy/http/http1_head.h"

namespace devproxy {

/// Length and bytes (RFC 9112 3.2, RFC 9113 8.3.1); not empty.
HeadFault check_target(std::string_view target);
/// What the target "*" asks of the method (RFC 9110 9.3.7).
HeadFault check_asterisk(std::string_view method);

/// The answer to CONNECT that opens a tunnel to anywhere (RFC 9110 9.3.6).
HeadFault refuse_tunnel();

}  // namespace devproxy
