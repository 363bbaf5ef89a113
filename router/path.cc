#include "router/path.h"

#include <algorithm>

#include "base/text.h"

namespace devproxy {
namespace {

/// The octet that "%XY" at `at` stands for, or -1.
int decoded_octet(std::string_view text, std::size_t at) {
  if (text.size() - at < 3) return -1;
  const int high = hex_value(text[at + 1]);
  const int low = hex_value(text[at + 2]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

/// RFC 3986 2.3.
bool is_unreserved(int c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

bool is_dot_segment(std::string_view segment) {
  return segment == "." || segment == "..";
}

/// Whether a path may be abnormal: it has '%', "//", "/./", "/.." or ends with "/.". Without
/// branches, so that it vectorises.
bool is_suspicious(std::string_view path) {
  const std::string_view end = path.substr(path.size() < 2 ? 0 : path.size() - 2);
  if (end == "//" || end == "/." || end.find('%') != std::string_view::npos) return true;
  const char* c = path.data();
  unsigned char found = 0;
  for (std::size_t i = 0; i + 2 < path.size(); ++i) {
    const bool dot = (c[i + 1] == '.') & ((c[i + 2] == '/') | (c[i + 2] == '.'));
    found |=
        static_cast<unsigned char>((c[i] == '%') | ((c[i] == '/') & ((c[i + 1] == '/') | dot)));
  }
  return found != 0;
}

std::optional<std::string> decode_unreserved(std::string_view path) {
  std::string out;
  out.reserve(path.size());
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] != '%') {
      out += path[i];
      continue;
    }
    const int octet = decoded_octet(path, i);
    if (octet < 0) return std::nullopt;
    if (is_unreserved(octet)) {
      out += static_cast<char>(octet);
    } else {
      out += path.substr(i, 3);
    }
    i += 2;
  }
  return out;
}

}  // namespace

bool is_normal_path(std::string_view path) {
  if (path.empty() || path[0] != '/') return false;
  if (!is_suspicious(path)) return true;

  for (std::size_t i = 0; i < path.size(); ++i) {
    if (path[i] == '%') {
      const int octet = decoded_octet(path, i);
      if (octet < 0 || is_unreserved(octet)) return false;
    } else if (path[i] == '/' && i + 1 < path.size()) {
      const std::string_view segment = path.substr(i + 1, path.find('/', i + 1) - i - 1);
      const bool last = i + 1 + segment.size() == path.size();
      if (is_dot_segment(segment) || (segment.empty() && !last)) return false;
    }
  }
  return true;
}

std::optional<std::string> normalise_path(std::string_view path) {
  if (path.empty() || path[0] != '/') return std::nullopt;
  const std::optional<std::string> decoded = decode_unreserved(path);
  if (!decoded) return std::nullopt;

  // `out` always ends with '/' between segments.
  std::string out = "/";
  out.reserve(decoded->size());
  std::string_view rest = std::string_view(*decoded).substr(1);
  while (!rest.empty()) {
    const std::size_t slash = rest.find('/');
    const bool last = slash == std::string_view::npos;
    const std::string_view segment = rest.substr(0, slash);
    rest = last ? std::string_view() : rest.substr(slash + 1);
    if (segment.empty() || segment == ".") continue;
    if (segment == "..") {
      if (out.size() == 1) return std::nullopt;
      out.resize(out.rfind('/', out.size() - 2) + 1);
      continue;
    }
    out += segment;
    if (!last) out += '/';
  }
  return out;
}

bool path_has_prefix(std::string_view path, std::string_view prefix) {
  if (!path.starts_with(prefix)) return false;
  return prefix == "/" || path.size() == prefix.size() || path[prefix.size()] == '/';
}

std::string strip_path_prefix(std::string_view original, std::string_view normal,
                              std::string_view prefix) {
  const auto without_prefix = [prefix](std::string_view path) {
    if (path_has_prefix(path, prefix)) path.remove_prefix(prefix.size());
    path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
    return "/" + std::string(path);
  };
  std::string stripped = without_prefix(normal);
  if (original == normal || !path_has_prefix(original, prefix)) return stripped;

  // What is left of "/api/../api/x" would mean something else to the service than to us, and climb
  // above its root.
  std::string raw = without_prefix(original);
  return normalise_path(raw) == stripped ? raw : stripped;
}

}  // namespace devproxy
