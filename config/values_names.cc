#include <algorithm>
#include <array>

#include "base/text.h"
#include "config/values.h"

namespace devproxy {
namespace {

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x21 && c <= 0x7e; });
}

// Underscores are not for DNS, but browsers and compose files use them.
Valued<void> check_host_label(std::string_view label, std::string_view host) {
  if (label.empty()) {
    return complain("the host " + in_quotes(host) + " has an empty label",
                    "put one dot between two labels and none in front");
  }
  if (label.size() > label_max) {
    return complain("the host " + in_quotes(host) + " has a label of " +
                        std::to_string(label.size()) + " letters",
                    "a label has at most 63");
  }
  if (label.find('*') != std::string_view::npos) {
    return complain("the host " + in_quotes(host) + " has a wildcard in the wrong place",
                    "\"*\" stands only as the whole first label, as in \"*.shop.localhost\"");
  }
  if (label.front() == '-' || label.back() == '-') {
    return complain("the host " + in_quotes(host) + " has a label that begins or ends with \"-\"",
                    "write letters or digits there");
  }
  for (const char c : label) {
    if (is_letter(c) || is_digit(c) || c == '-' || c == '_') continue;
    return complain("the host " + in_quotes(host) + " holds " + in_quotes(std::string_view(&c, 1)),
                    "a host is made of letters, digits, \"-\" and dots");
  }
  return {};
}

}  // namespace

std::string in_quotes(std::string_view text) {
  return "\"" + std::string(text) + "\"";
}

bool is_label(std::string_view text) {
  if (text.empty() || text.size() > label_max || text.front() == '-' || text.back() == '-') {
    return false;
  }
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-'; });
}

std::string make_label(std::string_view text, std::string_view otherwise) {
  std::string label;
  for (const char c : text) {
    if (is_letter(c) || is_digit(c)) {
      label += to_lower(c);
    } else if (!label.empty() && label.back() != '-') {
      label += '-';
    }
    if (label.size() == label_max) break;
  }
  while (!label.empty() && label.back() == '-') label.pop_back();
  return label.empty() ? std::string(otherwise) : label;
}

Valued<std::string> parse_host(std::string_view text) {
  if (text.empty()) {
    return complain("the host is empty", "leave host out for the default, or write a name");
  }
  if (text.find("://") != std::string_view::npos) {
    return complain("the host " + in_quotes(text) + " holds a scheme",
                    "write the name alone: \"shop.localhost\"");
  }
  if (text.front() == '[' || std::count(text.begin(), text.end(), ':') > 1) {
    return complain("the host " + in_quotes(text) + " is an IPv6 address",
                    "write a name; addresses belong in [proxy] listen");
  }
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    return complain("the host " + in_quotes(text) + " holds a path",
                    "write host = " + in_quotes(text.substr(0, slash)) +
                        " and path = " + in_quotes(text.substr(slash)));
  }
  if (const std::size_t colon = text.find(':'); colon != std::string_view::npos) {
    return complain("the host " + in_quotes(text) + " holds a port",
                    "write " + in_quotes(text.substr(0, colon)) +
                        "; the proxy's own port belongs in [proxy] listen");
  }
  if (!is_ascii(text)) {
    return complain("the host " + in_quotes(text) + " holds a letter outside ASCII, or a space",
                    "write the form that browsers send: \"xn--…\"");
  }
  std::string host = lower(text);
  if (host == "*") return host;
  if (host.size() > 1 && host.back() == '.') host.pop_back();
  if (host.size() > name_max) {
    return complain("the host is " + std::to_string(host.size()) + " letters long",
                    "a name has at most 253");
  }
  std::string_view rest = host;
  if (rest.starts_with("*.")) rest.remove_prefix(2);
  for (;;) {
    const std::size_t dot = rest.find('.');
    if (auto good = check_host_label(rest.substr(0, dot), text); !good) {
      return tl::unexpected(good.error());
    }
    if (dot == std::string_view::npos) return host;
    rest.remove_prefix(dot + 1);
  }
}

Valued<std::string> parse_method(std::string_view text) {
  static constexpr std::array<std::string_view, 9> known = {
      "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"};
  if (!is_token(text)) {
    return complain(in_quotes(text) + " is not a method", "write one like \"GET\"");
  }
  for (const std::string_view method : known) {
    if (method != text && iequals(method, text)) {
      return complain("the method " + in_quotes(text) + " never comes: methods are case-sensitive",
                      "write " + in_quotes(method));
    }
  }
  return std::string(text);
}

bool is_localhost(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost");
}

}  // namespace devproxy
