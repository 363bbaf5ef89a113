#include "proxy/http/host.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "base/text.h"

namespace devproxy {
namespace {

bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_hex(char c) {
  return hex_value(c) >= 0;
}

/// unreserved / pct-encoded / sub-delims, but no comma: X-Forwarded-Host would read as a list.
bool is_registered_name(std::string_view host) {
  for (std::size_t i = 0; i < host.size(); ++i) {
    const char c = host[i];
    if (is_alphanumeric(c) || c == '-' || c == '.' || c == '_') continue;
    if (c == '%') {
      if (i + 2 >= host.size() || !is_hex(host[i + 1]) || !is_hex(host[i + 2])) return false;
      continue;
    }
    if (std::string_view("~!$&'()*+;=").find(c) == std::string_view::npos) return false;
  }
  return true;
}

/// Where the host ends and ":port" begins, or the size.
std::size_t host_end(std::string_view authority) {
  if (!authority.empty() && authority.front() == '[') {
    const std::size_t bracket = authority.find(']');
    return bracket == std::string_view::npos ? authority.size() : bracket + 1;
  }
  return std::min(authority.find(':'), authority.size());
}

}  // namespace

bool is_valid_authority(std::string_view authority) {
  const std::size_t end = host_end(authority);
  const std::string_view host = authority.substr(0, end);
  if (end < authority.size()) {
    const std::string_view port = authority.substr(end + 1);
    if (authority[end] != ':') return false;
    if (!port.empty() && parse_number(port).value_or(65'536) > 65'535) return false;
  }
  if (!host.empty() && host.front() == '[') {
    in6_addr address;
    return host.back() == ']' &&
           inet_pton(AF_INET6, std::string(host.substr(1, host.size() - 2)).c_str(), &address) == 1;
  }
  return is_registered_name(host);
}

std::string_view host_name(std::string_view authority, std::string& storage) {
  std::string_view host = authority.substr(0, host_end(authority));
  if (host.size() >= 2 && host.front() == '[') host = host.substr(1, host.size() - 2);
  if (!host.empty() && host.back() == '.') host.remove_suffix(1);
  if (std::none_of(host.begin(), host.end(), [](char c) { return c >= 'A' && c <= 'Z'; }))
    return host;
  storage = lower(host);
  return storage;
}

std::string_view host_part(std::string_view authority) {
  return authority.substr(0, host_end(authority));
}

std::string_view port_text(std::string_view authority) {
  const std::size_t end = host_end(authority);
  return end < authority.size() ? authority.substr(end + 1) : std::string_view();
}

bool is_loopback_name(std::string_view host) {
  if (host == "localhost" || host == "::1") return true;
  if (host.substr(0, 4) != "127.") return false;
  return std::all_of(host.begin(), host.end(),
                     [](char c) { return c == '.' || (c >= '0' && c <= '9'); });
}

}  // namespace devproxy
