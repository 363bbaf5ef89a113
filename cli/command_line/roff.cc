#include "cli/command_line/roff.h"

#include <fmt/format.h>

#include <cstdint>

#include "base/text.h"
#include "base/version.h"

namespace devproxy {
namespace {

/// The code point that begins at `at`, and how many bytes it takes; our own texts are valid UTF-8.
struct CodePoint {
  std::uint32_t value;
  std::size_t bytes;
};

CodePoint code_point(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return static_cast<std::uint32_t>(
        static_cast<unsigned char>(i < text.size() ? text[i] : '\x80'));
  };
  const std::uint32_t first = byte(at);
  const std::size_t bytes = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  std::uint32_t value = bytes == 1 ? first : first & (0x7fU >> bytes);
  for (std::size_t i = 1; i < bytes; ++i) value = (value << 6U) | (byte(at + i) & 0x3fU);
  return {value, bytes};
}

std::string escaped(std::string_view text) {
  std::string result;
  bool bold = false;
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint point = code_point(text, i);
    const char c = text[i];
    i += point.bytes;
    if (point.bytes > 1) {
      result += fmt::format("\\[u{:04X}]", point.value);
    } else if (c == '`') {
      bold = !bold;
      result += bold ? "\\fB" : "\\fR";
    } else if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else if (c == '\'') {
      result += "\\(aq";
    } else if (c == '"') {
      result += "\\(dq";
    } else if (c == '~') {
      result += "\\(ti";
    } else if (c == '^') {
      result += "\\(ha";
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace

std::string roff(std::string_view text) {
  std::string line = escaped(text);
  // A point at the beginning of a line would be a request.
  return line.starts_with('.') ? "\\&" + line : line;
}

ManPage::ManPage(std::string_view name, int section, std::string_view volume, std::string_view what)
    : text_(fmt::format(".TH \"{}\" {} \"\" \"devproxy {}\" \"{}\"\n", roff(name), section,
                        program_version, roff(volume))) {
  text_ += ".nh\n.ad l\n";  // names and options stay whole
  heading("NAME");
  text_ += fmt::format("{} \\- {}\n", roff(name), roff(what));
}

void ManPage::heading(std::string_view title) {
  text_ += fmt::format(".SH \"{}\"\n", roff(title));
}

void ManPage::subheading(std::string_view title) {
  text_ += fmt::format(".SS \"{}\"\n", roff(title));
}

void ManPage::paragraph(std::string_view text) {
  text_ += ".PP\n" + roff(text) + "\n";
}

void ManPage::item(std::string_view term, std::string_view text) {
  text_ += fmt::format(".TP\n\\fB{}\\fR\n{}\n", escaped(term), roff(text));
}

void ManPage::more(std::string_view text) {
  text_ += ".IP\n" + roff(text) + "\n";
}

void ManPage::code(std::string_view lines) {
  text_ += ".PP\n.RS 4\n.nf\n";
  for (const std::string_view line : split(lines, '\n')) text_ += roff(line) + "\n";
  text_ += ".fi\n.RE\n";
}

}  // namespace devproxy
