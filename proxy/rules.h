// Rules: what a reverse proxy must do to heads on their way (RFC 9110 section 7.6, RFC 7239,
// product section 5). Functions on messages alone; any thread, with lines of its own.
#pragma once

#include <cstdint>
#include <string_view>

#include "proxy/forwarding_lines.h"
#include "proxy/http/message.h"
#include "router/route_table.h"

namespace devproxy {

/// What the rules have to know about the client and about us.
struct ForwardFacts {
  std::string_view client_ip;  ///< without brackets
  std::string_view scheme;     ///< "http", "https"
  std::uint16_t listener_port = 0;
  bool trusted =
      false;  ///< the client is a proxy whose own forwarding fields are kept and extended
  std::string_view via;                           ///< our member of Via: "1.1 devproxy-0123abcd"
  std::string_view request_id;                    ///< used when the request has none
  HostHeader host_header = HostHeader::preserve;  ///< for the service that answers
};

/// How often our own member stands in the request's Via fields: five times is a loop.
int times_passed(const Headers& headers, std::string_view via);

/// Takes out what belongs to the client's connection, writes the forwarding fields, and sets
/// forward_target and forward_host as the route asks. `upstream_authority`: for host_header =
/// "upstream"; `normal_path`: see router/path.h.
void prepare_request(Request& request, const RouteRule& rule, std::string_view upstream_authority,
                     std::string_view normal_path, const ForwardFacts& facts,
                     ForwardingLines& lines);

/// The same for a response; `date` is added where the service sent none.
void prepare_response(Response& response, std::string_view date);

/// RFC 9110 9.2.2: may be sent twice.
bool is_idempotent(std::string_view method);

/// Max-Forwards of an OPTIONS or TRACE request (RFC 9110 7.6.2), counted down. False: it was zero,
/// answer here.
bool count_down_max_forwards(Request& request);

}  // namespace devproxy
