#include "config/env_file.h"

#include <algorithm>
#include <utility>

#include "base/text.h"

namespace devproxy {
namespace {

class EnvParser {
 public:
  explicit EnvParser(std::string_view text) : text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  EnvFile parse() {
    while (at_ < text_.size()) {
      assignment();
      skip_line();
    }
    return std::move(file_);
  }

 private:
  void assignment() {
    skip_blanks();
    if (at_end() || text_[at_] == '#') return;
    std::string_view name = word();
    if (name == "export" && !at_end() && text_[at_] != '=') {
      skip_blanks();
      name = word();
    }
    skip_blanks();
    if (name.empty() || at_end() || text_[at_] != '=') return fault("expected NAME=value");
    if (!is_variable_name(name)) {
      return fault("\"" + std::string(name) + "\" is not the name of a variable");
    }
    ++at_;
    skip_blanks();
    std::string value;
    if (!at_end() && (text_[at_] == '"' || text_[at_] == '\'')) {
      if (!quoted_value(text_[at_], value)) return;
    } else {
      value = plain_value();
    }
    file_.values[std::string(name)] = std::move(value);
  }

  // Up to the end of the line or to a comment, which a blank precedes.
  std::string plain_value() {
    const std::size_t begin = at_;
    while (!at_end() && !(text_[at_] == '#' && (at_ == begin || is_blank(text_[at_ - 1])))) ++at_;
    return std::string(trim(text_.substr(begin, at_ - begin)));
  }

  // May span lines. Escapes work in double quotes only.
  bool quoted_value(char quote, std::string& value) {
    const std::size_t begin = at_++;
    for (; at_ < text_.size() && text_[at_] != quote; ++at_) {
      char c = text_[at_];
      if (c == '\\' && quote == '"' && at_ + 1 < text_.size()) {
        c = text_[++at_];
        constexpr std::string_view letters = "nrt";
        constexpr std::string_view meanings = "\n\r\t";
        const std::size_t letter = letters.find(c);
        if (letter != std::string_view::npos) {
          c = meanings[letter];
        } else if (c != '"' && c != '\\' && c != '$') {
          value += '\\';
        }
      }
      value += c;
    }
    if (at_ >= text_.size()) {
      at_ = begin;
      fault("this quote is never closed");
      return false;
    }
    ++at_;
    skip_blanks();
    if (at_end() || text_[at_] == '#') return true;
    fault("expected the end of the line behind the closing quote");
    return false;
  }

  std::string_view word() {
    const std::size_t begin = at_;
    while (!at_end() && !is_blank(text_[at_]) && text_[at_] != '=') ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void fault(std::string message) {
    const std::string_view before = text_.substr(0, at_);
    const std::size_t begin =
        before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
    file_.faults.push_back(
        {static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1),
         static_cast<std::uint32_t>(at_ - begin + 1), std::move(message)});
  }

  static bool is_blank(char c) { return c == ' ' || c == '\t'; }
  bool at_end() const { return at_ >= text_.size() || text_[at_] == '\n' || text_[at_] == '\r'; }
  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  void skip_line() { at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1; }

  std::string_view text_;
  std::size_t at_ = 0;
  EnvFile file_;
};

}  // namespace

bool is_variable_name(std::string_view text) {
  if (text.empty() || (text[0] >= '0' && text[0] <= '9')) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    const char low = to_lower(c);
    return (low >= 'a' && low <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

EnvFile parse_env_file(std::string_view text) {
  return EnvParser(text).parse();
}

}  // namespace devproxy
