// What a string of the configuration may say: names, hosts, paths, addresses, durations. Each
// function gives the value as Config holds it, or a complaint with the next step. Pure; any thread.
#pragma once

#include <tl/expected.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "config/config.h"

namespace devproxy {

struct Complaint {
  std::string message;
  std::string hint;
};

template <class T>
using Valued = tl::expected<T, Complaint>;

inline tl::unexpected<Complaint> complain(std::string message, std::string hint) {
  return tl::unexpected(Complaint{std::move(message), std::move(hint)});
}

constexpr std::size_t name_max = 253;  ///< letters of a DNS name (RFC 1035 2.3.4)
constexpr std::size_t label_max = 63;  ///< and of each part between its dots

/// `text` in double quotes, for messages.
std::string in_quotes(std::string_view text);

// ---- values_names.cc

/// Lower-case letters, digits and inner hyphens, 1 to 63 of them (RFC 1123 2.1).
bool is_label(std::string_view text);
/// The nearest DNS label to any text; `otherwise` when nothing of it can be used.
std::string make_label(std::string_view text, std::string_view otherwise);
/// A host pattern of a route, as RouteRule::hosts holds it.
Valued<std::string> parse_host(std::string_view text);
Valued<std::string> parse_method(std::string_view text);
/// localhost or a name below it, as parse_host() gives it: always this machine (RFC 6761 6.3).
bool is_localhost(std::string_view host);

// ---- values_domain.cc

/// An entry of `domains`, as ProxySettings::domains holds it.
Valued<std::string> parse_domain(std::string_view text);

// ---- values_url.cc

/// The path of a route, as RouteRule::path holds it.
Valued<std::string> parse_path(std::string_view text);
/// `url` of a service: http://, https:// or h2c:// and host:port, or unix:/path.
Valued<Target> parse_url(std::string_view text);
/// "http", "https", "h2c".
std::string_view scheme_text(UrlScheme scheme);
/// product section 3: preserve for loopback and sockets, upstream for any other url.
HostHeader default_host_header(const Target& target);
/// 80 or 443.
std::uint16_t default_port(UrlScheme scheme);
/// `redirect` of a service.
Valued<std::string> parse_redirect(std::string_view text);
struct HostPort {
  std::string host;  ///< lower-case; IPv6 without brackets
  std::uint16_t port = 0;
};
/// Host and port of an http:// or https:// address that was accepted before.
HostPort authority_of(std::string_view address);

// ---- values_address.cc

/// The address in its canonical form, or empty when `text` is no IP literal (no brackets, no zone).
std::string canonical_address(std::string_view text);
bool is_ipv6(std::string_view address);
bool is_loopback(std::string_view address);
bool is_any(std::string_view address);
/// An entry of `listen`; `at` and `is_default` are left to the caller.
Valued<ListenAddress> parse_listen(std::string_view text);
/// An address or a CIDR block.
Valued<std::string> parse_network(std::string_view text);

// ---- values_time.cc

/// "250ms", "10s", "2m", "1h", "0"; at most a day.
Valued<Milliseconds> parse_duration(std::string_view text);

}  // namespace devproxy
