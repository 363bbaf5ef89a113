#include <algorithm>
#include <optional>
#include <vector>

#include "base/text.h"
#include "config/values.h"

namespace devproxy {
namespace {

constexpr std::size_t socket_path_max = 107;  // sun_path of Linux, without its NUL; macOS has 103

bool is_plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

std::optional<unsigned> hex(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  const char low = to_lower(c);
  if (low >= 'a' && low <= 'f') return static_cast<unsigned>(low - 'a') + 10;
  return std::nullopt;
}

bool is_unreserved(unsigned c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

/// Whether every '%' of `path` is an escape that has to stay one.
Valued<void> check_escapes(std::string_view path) {
  for (std::size_t i = path.find('%'); i != std::string_view::npos; i = path.find('%', i + 1)) {
    const auto high = i + 1 < path.size() ? hex(path[i + 1]) : std::nullopt;
    const auto low = i + 2 < path.size() ? hex(path[i + 2]) : std::nullopt;
    if (!high || !low) {
      return complain("the path " + in_quotes(path) + " has a \"%\" without two hex digits",
                      "write \"%25\" for a percent sign");
    }
    const unsigned octet = *high * 16 + *low;
    if (is_unreserved(octet)) {
      const char plain = static_cast<char>(octet);
      return complain("the path " + in_quotes(path) +
                          " would never match: requests are compared with " +
                          in_quotes(path.substr(i, 3)) + " decoded",
                      "write " + in_quotes(std::string_view(&plain, 1)) + " instead of " +
                          in_quotes(path.substr(i, 3)));
    }
  }
  return {};
}

/// "host", "host:port", "[::1]:port"; `fallback` when there is no port.
Valued<HostPort> parse_authority(std::string_view text, std::uint16_t fallback,
                                 std::string_view whole) {
  HostPort authority;
  authority.port = fallback;
  std::string_view host = text;
  std::optional<std::string_view> port;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    host = text.substr(1, end == std::string_view::npos ? end : end - 1);
    const std::string_view after =
        end == std::string_view::npos ? std::string_view("x") : text.substr(end + 1);
    authority.host = canonical_address(host);
    if (!is_ipv6(authority.host) || (!after.empty() && after.front() != ':')) {
      return complain(in_quotes(whole) + " has a bad IPv6 address",
                      "write it like \"http://[::1]:3000\"");
    }
    if (!after.empty()) port = after.substr(1);
  } else {
    if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
      host = text.substr(0, colon);
      port = text.substr(colon + 1);
    }
    const auto name = parse_host(host);
    if (!name || name->front() == '*') {
      return complain(in_quotes(whole) + " has a bad host: " + in_quotes(host),
                      "write a name or an address, as in \"http://127.0.0.1:3000\"");
    }
    authority.host = *name;
  }
  if (port) {
    const auto number = parse_number(*port);
    if (!number || *number == 0 || *number > 65535) {
      return complain(in_quotes(whole) + " has a bad port: " + in_quotes(*port),
                      "a port is a number from 1 to 65535");
    }
    authority.port = static_cast<std::uint16_t>(*number);
  }
  return authority;
}

struct Split {
  std::string_view scheme;  ///< without "://"; empty when there is none
  std::string_view authority;
  std::string_view rest;  ///< from '/', '?' or '#' on
};

Split split_address(std::string_view text) {
  Split parts;
  const std::size_t mark = text.find("://");
  if (mark != std::string_view::npos) {
    parts.scheme = text.substr(0, mark);
    text.remove_prefix(mark + 3);
  }
  const std::size_t end = std::min(text.find_first_of("/?#"), text.size());
  parts.authority = text.substr(0, end);
  parts.rest = text.substr(end);
  return parts;
}

std::optional<UrlScheme> parse_scheme(std::string_view name) {
  for (const UrlScheme scheme : {UrlScheme::http, UrlScheme::https, UrlScheme::h2c}) {
    if (scheme_text(scheme) == name) return scheme;
  }
  return std::nullopt;
}

Valued<Target> parse_unix(std::string_view text) {
  std::string_view path = text.substr(5);
  if (!path.starts_with('/')) {
    return complain("the socket in " + in_quotes(text) + " is not an absolute path",
                    "write it like \"unix:/run/user/1000/web.sock\"");
  }
  while (path.starts_with("//")) path.remove_prefix(1);
  if (path.size() > socket_path_max) {
    return complain("the socket's path is " + std::to_string(path.size()) + " bytes long",
                    "a socket's path has at most 107: put it in a shorter folder");
  }
  if (path.find('\0') != std::string_view::npos) {
    return complain("the socket's path holds a NUL byte", "take it out");
  }
  return UnixTarget{std::string(path)};
}

}  // namespace

Valued<std::string> parse_path(std::string_view text) {
  if (text.empty() || text.front() != '/') {
    return complain("the path " + in_quotes(text) + " does not begin with \"/\"",
                    "write " + in_quotes("/" + std::string(text)));
  }
  if (const std::size_t mark = text.find_first_of("?#"); mark != std::string_view::npos) {
    return complain("the path " + in_quotes(text) + " holds " + in_quotes(text.substr(mark, 1)),
                    "routes look at the path alone: write " + in_quotes(text.substr(0, mark)));
  }
  if (text.find('*') != std::string_view::npos) {
    return complain("the path " + in_quotes(text) + " holds \"*\"",
                    "a path is a prefix already: \"/api\" matches \"/api\" and all below it");
  }
  if (!is_plain(text)) {
    return complain(
        "the path " + in_quotes(text) + " holds a space, a control or a letter outside ASCII",
        "write it percent-encoded, as requests carry it: \"%20\"");
  }
  if (const auto good = check_escapes(text); !good) return tl::unexpected(good.error());
  std::string normal;
  const std::vector<std::string_view> segments = split(text.substr(1), '/');
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string_view segment = segments[i];
    if (segment == "." || segment == "..") {
      return complain(
          "the path " + in_quotes(text) + " holds the dot segment " + in_quotes(segment),
          "requests are compared without dot segments: write the path they lead to");
    }
    if (segment.empty() && i + 1 < segments.size()) {
      return complain("the path " + in_quotes(text) + " holds \"//\"",
                      "requests are compared with \"/\" in its place: write one");
    }
    if (!segment.empty()) normal.append("/").append(segment);
  }
  return normal.empty() ? "/" : normal;
}

std::string_view scheme_text(UrlScheme scheme) {
  switch (scheme) {
    case UrlScheme::http:
      return "http";
    case UrlScheme::https:
      return "https";
    case UrlScheme::h2c:
      return "h2c";
  }
  return "";
}

HostHeader default_host_header(const Target& target) {
  const auto* const url = std::get_if<UrlTarget>(&target);
  const bool is_here = url == nullptr || is_localhost(url->host) || is_loopback(url->host);
  return is_here ? HostHeader::preserve : HostHeader::upstream;
}

std::uint16_t default_port(UrlScheme scheme) {
  return scheme == UrlScheme::https ? 443 : 80;
}

Valued<Target> parse_url(std::string_view text) {
  if (text.starts_with("unix:")) return parse_unix(text);
  const Split parts = split_address(text);
  const std::string scheme = lower(parts.scheme);
  if (scheme.empty()) {
    return complain("the url " + in_quotes(text) + " has no scheme",
                    "write " + in_quotes("http://" + std::string(text)) + " or \"unix:/path\"");
  }
  const auto spoken = parse_scheme(scheme);
  if (!spoken) {
    return complain("the url " + in_quotes(text) + " has the scheme " + in_quotes(parts.scheme),
                    "a service is reached by http://, https://, h2c:// (gRPC) or unix:/");
  }
  if (!is_plain(text)) {
    return complain(
        "the url " + in_quotes(text) + " holds a space, a control or a letter outside ASCII",
        "write it like \"http://127.0.0.1:3000\"");
  }
  if (parts.authority.find('@') != std::string_view::npos) {
    return complain("the url " + in_quotes(text) + " holds a user name",
                    "take it out: devproxy sends no passwords");
  }
  if (!parts.rest.empty() && parts.rest != "/") {
    return complain("the url " + in_quotes(text) + " holds a path: " + in_quotes(parts.rest),
                    "a url names a server: write \"" + scheme + "://" +
                        std::string(parts.authority) +
                        "\"; path and strip_prefix say which requests go there");
  }
  auto authority = parse_authority(parts.authority, default_port(*spoken), text);
  if (!authority) return tl::unexpected(authority.error());
  UrlTarget target;
  target.scheme = *spoken;
  target.host = std::move(authority->host);
  target.port = authority->port;
  return target;
}

Valued<std::string> parse_redirect(std::string_view text) {
  const Split parts = split_address(text);
  const std::string scheme = lower(parts.scheme);
  if (scheme != "http" && scheme != "https") {
    return complain("the redirect " + in_quotes(text) + " is not an http:// or https:// address",
                    "write the whole address, like \"http://shop.localhost:6289\"");
  }
  if (!is_plain(text) || text.find_first_of("\"<>\\^`{|}") != std::string_view::npos) {
    return complain("the redirect " + in_quotes(text) + " holds a character that no address has",
                    "write it percent-encoded");
  }
  if (parts.authority.find('@') != std::string_view::npos) {
    return complain("the redirect " + in_quotes(text) + " holds a user name", "take it out");
  }
  const auto authority = parse_authority(parts.authority, 80, text);
  if (!authority) return tl::unexpected(authority.error());
  return scheme + "://" + std::string(parts.authority) + std::string(parts.rest);
}

HostPort authority_of(std::string_view address) {
  const Split parts = split_address(address);
  const std::uint16_t fallback = lower(parts.scheme) == "https" ? 443 : 80;
  return parse_authority(parts.authority, fallback, address).value_or(HostPort{});
}

}  // namespace devproxy
