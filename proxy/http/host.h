// The authority of a request: syntax (RFC 3986 section 3.2) and the name that routes are asked for.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace devproxy {

/// uri-host [":" port], where the host may be empty (RFC 9110 7.2); no user information.
bool is_valid_authority(std::string_view authority);

/// The host without port, brackets and trailing dot, lower-cased into `storage` only when it has to
/// be.
std::string_view host_name(std::string_view authority, std::string& storage);

/// The digits behind the last colon outside brackets; empty when there are none.
std::string_view port_text(std::string_view authority);
/// What stands before the port; an IPv6 literal keeps its brackets.
std::string_view host_part(std::string_view authority);

/// localhost, 127.0.0.0/8 and ::1, as host_name() gives them.
bool is_loopback_name(std::string_view host);

}  // namespace devproxy
