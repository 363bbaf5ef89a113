// parse_asked_url(): URLs as people type them. See explanation.h.
#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cli/explain/explanation.h"

namespace devproxy {
namespace {

Failure bad_url(std::string_view url, std::string_view why) {
  return {ExitCode::usage,
          "usage.bad_url",
          fmt::format("\"{}\" is no URL that can be asked for: {}", escape(url), why),
          "for example: devproxy explain https://shop.localhost:6289/api",
          {}};
}

/// As a browser does with what people type.
std::string percent_encode(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f && c != '"' && c != '<' && c != '>') {
      encoded += c;
    } else {
      encoded += fmt::format("%{:02X}", byte);
    }
  }
  return encoded;
}

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
}

}  // namespace

std::uint16_t own_port(const AskedUrl& asked) {
  return asked.tls.value_or(false) ? 443 : 80;
}

tl::expected<AskedUrl, Failure> parse_asked_url(std::string_view url) {
  AskedUrl asked;
  std::string_view rest = url;
  const std::size_t scheme_end = url.find("://");
  if (scheme_end != std::string_view::npos) {
    const std::string scheme = lower(url.substr(0, scheme_end));
    asked.tls = scheme == "https" || scheme == "wss";
    if (!*asked.tls && scheme != "http" && scheme != "ws") {
      return tl::unexpected(
          bad_url(url, fmt::format("the scheme {} is not http or https", escape(scheme))));
    }
    asked.port = own_port(asked);
    rest.remove_prefix(scheme_end + 3);
  }
  rest = rest.substr(0, rest.find('#'));
  const std::size_t authority_end = std::min(rest.find_first_of("/?"), rest.size());
  std::string_view host = rest.substr(0, authority_end);
  rest.remove_prefix(authority_end);

  const std::size_t colon = host.rfind(':');
  if (colon != std::string_view::npos && host.find(']', colon) == std::string_view::npos) {
    const auto port = parse_number(host.substr(colon + 1));
    if (!port || *port == 0 || *port > 65'535)
      return tl::unexpected(bad_url(url, "its port is no number from 1 to 65535"));
    asked.port = static_cast<std::uint16_t>(*port);
    host = host.substr(0, colon);
  }
  if (host.starts_with('[') && host.ends_with(']')) {
    asked.host = lower(host.substr(1, host.size() - 2));
  } else {
    asked.host = lower(host);
    if (asked.host.ends_with('.')) asked.host.pop_back();
    if (!std::all_of(asked.host.begin(), asked.host.end(), is_host_character)) {
      return tl::unexpected(bad_url(url, "its host has characters that host names cannot have"));
    }
  }
  if (asked.host.empty()) return tl::unexpected(bad_url(url, "it has no host"));

  const std::size_t question = std::min(rest.find('?'), rest.size());
  asked.raw_path = percent_encode(rest.substr(0, question));
  if (asked.raw_path.empty()) asked.raw_path = "/";
  asked.query = percent_encode(rest.substr(question));
  return asked;
}

}  // namespace devproxy
