#include "proxy/forwarding_lines.h"

#include <functional>

#include "proxy/http/host.h"

namespace devproxy {

const Headers& ForwardingLines::of(std::string_view client_ip, std::string_view scheme,
                                   std::uint16_t listener_port, std::string_view authority) {
  Entry& entry = entries_[std::hash<std::string_view>()(authority) % kept];
  if (!entry.lines.empty() && entry.authority == authority && entry.client_ip == client_ip &&
      entry.scheme == scheme && entry.listener_port == listener_port)
    return entry.lines;
  entry.client_ip.assign(client_ip);
  entry.scheme.assign(scheme);
  entry.authority.assign(authority);
  entry.listener_port = listener_port;
  Headers& lines = entry.lines;
  lines.clear();
  lines.add("X-Forwarded-For", client_ip, FieldId::x_forwarded_for);
  lines.add("X-Forwarded-Proto", scheme, FieldId::x_forwarded_proto);
  if (!authority.empty()) lines.add("X-Forwarded-Host", authority, FieldId::x_forwarded_host);
  lines.add("X-Forwarded-Port", forwarded_port(authority, listener_port),
            FieldId::x_forwarded_port);
  add_forwarded(lines, {}, client_ip, scheme, authority);
  return lines;
}

/// A valid authority holds neither quotes nor backslashes.
void add_forwarded(Headers& headers, std::string_view before, std::string_view client_ip,
                   std::string_view scheme, std::string_view host) {
  const bool is_v6 = client_ip.find(':') != std::string_view::npos;
  headers.add("Forwarded", FieldId::forwarded,
              {before, before.empty() ? "" : ", ", is_v6 ? "for=\"[" : "for=", client_ip,
               is_v6 ? "]\"" : "", host.empty() ? "" : ";host=\"", host, host.empty() ? "" : "\"",
               ";proto=", scheme});
}

std::string forwarded_port(std::string_view authority, std::uint16_t listener_port) {
  const std::string_view port = port_text(authority);
  return port.empty() ? std::to_string(listener_port) : std::string(port);
}

}  // namespace devproxy
