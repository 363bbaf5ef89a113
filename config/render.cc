#include <algorithm>
#include <string>
#include <string_view>

#include "base/text.h"
#include "config/problem.h"

namespace devproxy {
namespace {

struct Point {
  char32_t value = 0;
  std::size_t length = 1;
  bool good = false;
};

Point decode(std::string_view text) {
  const auto octet = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = octet(0);
  if (first < 0x80) return {first, 1, true};
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return {};
  char32_t value = first & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((octet(i) & 0xC0U) != 0x80U) return {};
    value = (value << 6) | (octet(i) & 0x3FU);
  }
  return {value, length, true};
}

struct Range {
  char32_t first;
  char32_t last;
};

template <std::size_t size>
bool in(const Range (&ranges)[size], char32_t value) {
  return std::any_of(std::begin(ranges), std::end(ranges), [&](const Range& range) {
    return value >= range.first && value <= range.last;
  });
}

// C0, DEL, C1, and what turns the direction of text: a terminal obeys them, and a reader is
// deceived.
constexpr Range dangerous[] = {{0x00, 0x08},     {0x0A, 0x1F},     {0x7F, 0x9F},
                               {0x061C, 0x061C}, {0x200E, 0x200F}, {0x2028, 0x202E},
                               {0x2066, 0x2069}};
constexpr Range no_columns[] = {
    {0x0300, 0x036F}, {0x200B, 0x200D}, {0xFE00, 0xFE0F}, {0xFEFF, 0xFEFF}};
constexpr Range two_columns[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
                                 {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
                                 {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
                                 {0x1F680, 0x1F6FF}, {0x1F900, 0x1FAFF}, {0x20000, 0x3FFFD}};

/// One code point (or stray octet) as a terminal may see it, and its width there.
struct Shown {
  std::string text;
  std::size_t width = 1;
};

Shown show(std::string_view octets, const Point& point) {
  if (!point.good || in(dangerous, point.value)) {
    std::string escaped = escape(octets);
    const std::size_t width = escaped.size();
    return {std::move(escaped), width};
  }
  const std::size_t width = in(no_columns, point.value) ? 0 : in(two_columns, point.value) ? 2 : 1;
  return {std::string(octets), width};
}

std::string safe(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const Point point = decode(text);
    out += point.value == '\t' && point.good ? " " : show(text.substr(0, point.length), point).text;
    text.remove_prefix(point.length);
  }
  return out;
}

/// The source line and, below it, blanks and carets of the same width.
struct Excerpt {
  std::string line;
  std::string carets;
};

Excerpt excerpt(std::string_view text, std::uint32_t column, std::uint32_t length) {
  Excerpt result;
  std::uint32_t at = 1;
  for (; !text.empty(); ++at) {
    const Point point = decode(text);
    const std::string_view octets = text.substr(0, point.length);
    text.remove_prefix(point.length);
    const bool tab = point.good && point.value == '\t';
    const Shown shown = tab ? Shown{"\t", 1} : show(octets, point);
    result.line += shown.text;
    if (at < column) {
      result.carets += tab ? "\t" : std::string(shown.width, ' ');
    } else if (at < column + length) {
      result.carets += std::string(std::max<std::size_t>(shown.width, 1), '^');
    }
  }
  if (at <= column) result.carets += std::string(column - at, ' ') + "^";  // behind the line's end
  return result;
}

class Painter {
 public:
  explicit Painter(bool colour) : colour_(colour) {}
  std::string bold(const std::string& text) const { return paint("\x1b[1m", text); }
  std::string red(const std::string& text) const { return paint("\x1b[1;31m", text); }
  std::string blue(const std::string& text) const { return paint("\x1b[34m", text); }
  std::string green(const std::string& text) const { return paint("\x1b[32m", text); }

 private:
  std::string paint(const char* code, const std::string& text) const {
    return colour_ ? code + text + "\x1b[0m" : text;
  }
  bool colour_;
};

}  // namespace

std::string render(const Problem& problem, bool colour) {
  const Painter paint(colour);
  std::string place = safe(problem.at.file);
  if (problem.at.line > 0) {
    place += ":" + std::to_string(problem.at.line) + ":" + std::to_string(problem.at.column);
  }
  std::string out = place.empty() ? "" : paint.bold(place + ":") + " ";
  out += paint.red(safe(problem.message)) + "\n";

  const std::string number = std::to_string(problem.at.line);
  std::string margin = "  ";
  if (problem.at.line > 0 && !problem.source_line.empty()) {
    margin += std::string(number.size(), ' ');
    const Excerpt shown = excerpt(problem.source_line, problem.at.column, problem.length);
    out += "  " + paint.blue(number + " |") + " " + shown.line + "\n";
    out += margin + paint.blue(" |") + " " + paint.red(shown.carets) + "\n";
  }
  if (!problem.hint.empty()) {
    out += margin + paint.blue(" =") + " " + paint.green("hint:") + " " + safe(problem.hint) + "\n";
  }
  return out;
}

}  // namespace devproxy
