// Small functions on text that every folder needs. Pure; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

inline bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
/// ASCII letters only, whatever the locale.
inline char to_lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
}
/// What a hexadecimal digit of either case stands for; -1: it is none.
inline int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}
std::string lower(std::string_view text);
bool iequals(std::string_view a, std::string_view b);

/// Without leading and trailing spaces and tabs.
std::string_view trim(std::string_view text);
std::vector<std::string_view> split(std::string_view text, char separator);

/// Decimal digits only: no sign, no space, nothing after it, no overflow.
std::optional<std::uint64_t> parse_number(std::string_view text);

/// A token of RFC 9110 5.6.2.
bool is_token(std::string_view text);

/// Every byte outside printable ASCII, and the backslash, as \xNN (or \\): safe for terminals and
/// logs.
std::string escape(std::string_view text);
/// For what is the user's own, paths and branches: letters of all scripts stay as they are. What a
/// terminal would obey or hide (controls, marks of direction, bytes that are no UTF-8) becomes
/// \xNN.
std::string escape_own(std::string_view text);
/// For text and attribute values of HTML; bytes outside printable ASCII become a visible \xNN.
std::string escape_html(std::string_view text);
/// For the inside of a JSON string; invalid UTF-8 becomes U+FFFD.
std::string escape_json(std::string_view text);

/// Insertions, deletions, replacements and swaps of neighbours between two words.
std::size_t edit_distance(std::string_view a, std::string_view b);
/// The nearest of `known`, when it is near enough to be a typing slip.
std::optional<std::string_view> nearest(std::string_view word,
                                        const std::vector<std::string_view>& known);

}  // namespace devproxy
