// Paths as routes see them, and as services get them. Pure functions; product section 5 and RFC
// 3986 section 6.2.2.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace devproxy {

/// True when `path` is already what normalise_path() would make of it: the common case, one pass,
/// no copy.
bool is_normal_path(std::string_view path);

/// Percent-encoded unreserved octets decoded, "//" collapsed, dot segments removed; %2F, %5C, '\'
/// and ';' stay as they are (hex digits of what stays are not changed). `path` begins with '/' and
/// has no query. Nothing when it climbs above the root or a '%' is not followed by two hex digits.
std::optional<std::string> normalise_path(std::string_view path);

/// Whether `prefix` (a route's path) covers `path`: "/api" covers "/api" and "/api/x", never
/// "/apix". Both normalised.
bool path_has_prefix(std::string_view path, std::string_view prefix);

/// The path for the service when `prefix` is stripped: from the original bytes when they begin with
/// the literal prefix, else from the normalised path; always begins with exactly one '/'. Neither
/// has a query.
std::string strip_path_prefix(std::string_view original, std::string_view normal,
                              std::string_view prefix);

}  // namespace devproxy
