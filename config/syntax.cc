#include "config/syntax.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "base/text.h"
#include "config/values.h"

namespace devproxy {
namespace {

bool contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

std::uint32_t columns(std::string_view text) {
  return static_cast<std::uint32_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U;
  }));
}

/// The header of a table without blanks, "[services.web]"; empty for other lines.
std::string header_of(std::string_view line) {
  line = trim(line);
  if (!line.starts_with('[')) return "";
  const std::size_t end = line.find(']');
  if (end == std::string_view::npos) return "";
  std::string header;
  for (const char c : line.substr(0, line.substr(end).starts_with("]]") ? end + 2 : end + 1)) {
    if (c != ' ' && c != '\t') header += c;
  }
  return header;
}

std::string_view without_brackets(std::string_view header) {
  const std::size_t count = header.starts_with("[[") ? 2 : 1;
  return header.substr(count, header.size() - 2 * count);
}

/// What stands before the "=", else nothing.
std::string_view key_of(std::string_view line) {
  const std::size_t equals = line.find('=');
  if (equals == std::string_view::npos) return {};
  return trim(line.substr(0, equals));
}

/// What other languages write for true and false.
const char* boolean_for(std::string_view token) {
  const std::string word = lower(token);
  if (word == "yes" || word == "on" || word == "true") return "true";
  if (word == "no" || word == "off" || word == "false") return "false";
  return nullptr;
}

class Diagnosis {
 public:
  Diagnosis(const Sources& sources, Spot at, std::string_view description, Report& report)
      : sources_(sources), at_(at), line_(sources.line(at)), report_(report) {
    constexpr std::string_view opening = "Error while parsing ";
    if (description.starts_with(opening)) {
      description.remove_prefix(opening.size());
      const std::size_t colon = description.find(": ");
      if (colon != std::string_view::npos) {
        what_ = description.substr(0, colon);
        description.remove_prefix(colon + 2);
      }
    }
    detail_ = description;
  }

  void run() {
    if (twice() || encoding() || open_string() || open_list() || escape_sequence() || value() ||
        empty_name() || header() || pair()) {
      return;
    }
    add(at_, 1, "this is not TOML: " + std::string(detail_), "");
  }

 private:
  bool twice() {
    if (!contains(detail_, "redefine")) return false;
    const std::string header = header_of(line_);
    const std::string name = header.empty() ? std::string(key_of(line_)) : header;
    const Spot here = first_column();
    const auto first = header.empty() ? first_key(name) : first_header(name);
    const bool list = first && line_at(first->line).find("[[") != std::string_view::npos;
    const std::string hint = header.empty() ? "keep one of them"
                             : list         ? "write it with two brackets there too"
                                            : "put the keys of both below one header";
    const std::string place = first ? " (first at " + sources_.place(*first) + ")" : "";
    add(here, columns(trim(name)), name + " stands twice" + place, hint);
    return true;
  }

  bool encoding() {
    if (!contains(detail_, "utf-8")) return false;
    // The parser names the last place that was good.
    std::size_t byte = 0;
    for (std::uint32_t left = at_.column; left > 0 && byte < line_.size(); ++byte)
      left -= columns(line_.substr(byte, 1));
    while (byte < line_.size() && static_cast<unsigned char>(line_[byte]) < 0x80) ++byte;
    const std::string_view good = line_.substr(0, byte);
    add({at_.file, at_.line, columns(good) + 1}, 1, "this is not UTF-8",
        "save the file in the encoding UTF-8");
    return true;
  }

  bool open_string() {
    const bool ended = contains(detail_, "control character") || contains(detail_, "end-of-file");
    if (!contains(what_, "string") || !ended) return false;
    const auto quote = unclosed_quote();
    if (!quote) {
      const bool end = contains(detail_, "end-of-file");
      add(at_, 1, end ? "this string is never closed" : "a control character stands in this string",
          end ? "close it with the quotes that it began with" : "write it as \\uXXXX");
      return true;
    }
    const std::uint32_t column = columns(line_.substr(0, *quote)) + 1;
    add({at_.file, at_.line, column}, columns(line_.substr(*quote)),
        "this string is not closed on its line",
        "add the closing " + std::string(1, line_[*quote]));
    return true;
  }

  bool open_list() {
    if (what_ != "array" && what_ != "inline table") return false;
    if (what_ == "inline table" && contains(detail_, "saw '\\n'")) {
      add(at_, 1, "a table in braces has to end on its line",
          "write a [header] and one key a line");
      return true;
    }
    if (!contains(detail_, "end-of-file")) {
      add(at_, 1,
          contains(detail_, "comma") ? "there is a comma too many"
                                     : "expected a \",\" or the end here",
          "separate values by one comma");
      return true;
    }
    const Spot open = last_line_with('[', "= [");
    add(open, 1, "this list is never closed", "add the closing ]");
    return true;
  }

  bool escape_sequence() {
    if (!contains(detail_, "escape sequence")) return false;
    add(at_, 1, std::string(detail_), "write '…' in single quotes for a text with backslashes");
    return true;
  }

  bool value() {
    static constexpr std::array<std::string_view, 8> kinds = {
        "value", "boolean", "integer", "float", "floating-point", "date", "time", "infinity"};
    const bool some = std::any_of(kinds.begin(), kinds.end(),
                                  [&](std::string_view kind) { return contains(what_, kind); });
    if (!some || contains(what_, "pair")) return false;
    const std::size_t equals = line_.find('=');
    const std::size_t begin =
        line_.find_first_not_of(" \t[{", equals == std::string_view::npos ? 0 : equals + 1);
    if (begin == std::string_view::npos) return false;
    const std::string_view token =
        trim(line_.substr(begin, line_.find_first_of(",]}#", begin) - begin));
    const Spot spot{at_.file, at_.line, columns(line_.substr(0, begin)) + 1};
    if (contains(detail_, "leading zero")) {
      add(spot, columns(token), "the number " + std::string(token) + " begins with a zero",
          "write it without, or in quotes");
    } else if (contains(detail_, "representable")) {
      add(spot, columns(token), "the number " + std::string(token) + " is too large",
          "write a smaller one");
    } else if (const auto* const word = boolean_for(token)) {
      add(spot, columns(token), std::string(token) + " is not a value",
          "write " + std::string(word));
    } else {
      add(spot, columns(token), std::string(token) + " is not a value",
          "write texts in quotes: " + in_quotes(token));
    }
    return true;
  }

  // [.web], a..b = 1, = 1
  bool empty_name() {
    if (what_ != "key" && what_ != "key-value pair" && what_ != "table header" &&
        what_ != "root table") {
      return false;
    }
    const std::string header = header_of(line_);
    const std::string name = header.empty() ? std::string(key_of(line_)) : header;
    if (trim(line_).starts_with('=')) {
      add(first_column(), 1, "there is no key in front of the =", "write key = value");
      return true;
    }
    const std::string_view bare = header.empty() ? std::string_view(name) : without_brackets(name);
    const bool dangling = bare.starts_with('.') || bare.ends_with('.') || contains(bare, "..");
    if (!dangling || contains(bare, "\"") || contains(bare, "'")) return false;
    add(first_column(), columns(trim(header.empty() ? key_of(line_) : line_)),
        name + " has a dot without a name on each side",
        "write a name before and behind each dot, like " +
            std::string(header.empty() ? "tls.cert = \"x.pem\"" : "[services.web]"));
    return true;
  }

  bool header() {
    if (what_ != "table header") return false;
    if (contains(detail_, "blank")) {
      add(first_column(), columns(trim(line_)), "this header has no name",
          "write one like [services.web]");
    } else if (contains(detail_, "expected ']'")) {
      const std::string close = trim(line_).starts_with("[[") ? "]]" : "]";
      add(first_column(), columns(trim(line_)), "this header is not closed",
          "end it with " + close);
    } else {
      add(at_, 1, "a header stands alone on its line", "take out what is not part of it");
    }
    return true;
  }

  bool pair() {
    if (what_ != "key-value pair" && what_ != "root table" && what_ != "key") return false;
    const std::string_view text = trim(line_);
    if (contains(detail_, "expected a comment or whitespace")) {
      add(at_, 1, "there is something behind the value",
          "write one key = value a line; # begins a comment");
    } else if (text.ends_with('=')) {
      add(first_column(), columns(text), std::string(text) + " has no value", "write key = value");
    } else {
      add(first_column(), columns(text), "expected key = value",
          "write texts in quotes, and headers in [brackets]");
    }
    return true;
  }

  // ---- places

  Spot first_column() const {
    const std::size_t begin = std::min(line_.find_first_not_of(" \t"), line_.size());
    return {at_.file, at_.line, static_cast<std::uint32_t>(begin + 1)};
  }

  std::optional<std::size_t> unclosed_quote() const {
    std::optional<std::size_t> open;
    for (std::size_t i = 0; i < line_.size(); ++i) {
      const char c = line_[i];
      if (open) {
        if (c == '\\' && line_[*open] == '"')
          ++i;
        else if (c == line_[*open])
          open.reset();
      } else if (c == '"' || c == '\'') {
        open = i;
      } else if (c == '#') {
        break;
      }
    }
    return open;
  }

  std::string_view line_at(std::uint32_t line) const { return sources_.line({at_.file, line, 1}); }

  Spot last_line_with(char mark, std::string_view shape) const {
    for (std::uint32_t line = at_.line; line >= 1; --line) {
      const std::size_t found = line_at(line).find(shape);
      if (found == std::string_view::npos) continue;
      const std::size_t column = line_at(line).find(mark, found);
      return {at_.file, line, columns(line_at(line).substr(0, column)) + 1};
    }
    return at_;
  }

  Spot begin_of(std::uint32_t line) const {
    const std::size_t begin = line_at(line).find_first_not_of(" \t");
    return {at_.file, line, static_cast<std::uint32_t>(begin + 1)};
  }

  // The same header, or what made its name a list or a value.
  std::optional<Spot> first_header(const std::string& header) const {
    const std::string name(without_brackets(header));
    for (std::uint32_t line = 1; line < at_.line; ++line) {
      const std::string other = header_of(line_at(line));
      if (other == "[" + name + "]" || other == "[[" + name + "]]") return begin_of(line);
    }
    const std::size_t dot = name.rfind('.');
    const std::string key = dot == std::string::npos ? name : name.substr(dot + 1);
    for (std::uint32_t line = 1; line < at_.line; ++line) {
      const std::string_view other = key_of(line_at(line));
      if (other == key || other == name || other.starts_with(key + ".")) return begin_of(line);
    }
    return std::nullopt;
  }

  // Not beyond the header that the key stands below.
  std::optional<Spot> first_key(std::string_view key) const {
    std::optional<Spot> first;
    for (std::uint32_t line = at_.line - 1; line >= 1; --line) {
      if (!header_of(line_at(line)).empty()) break;
      if (key_of(line_at(line)) == key) first = begin_of(line);
    }
    return first;
  }

  void add(Spot spot, std::uint32_t length, std::string message, std::string hint) {
    report_.add("config.syntax", Where{spot, length}, std::move(message), std::move(hint));
  }

  const Sources& sources_;
  Spot at_;
  std::string_view line_;
  Report& report_;
  std::string_view what_;  ///< "table header", "string", …
  std::string_view detail_;
};

}  // namespace

void report_syntax(const Sources& sources, Spot at, std::string_view description, Report& report) {
  Diagnosis(sources, at, description, report).run();
}

}  // namespace devproxy
