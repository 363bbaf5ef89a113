#include "tests/support/http_text.h"

#include <algorithm>
#include <cctype>

#include "base/text.h"
#include "tests/support/wait.h"

namespace devproxy {
namespace {

bool is_strict_token(std::string_view text) {
  static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 ||
           marks.find(c) != std::string_view::npos;
  });
}

bool is_visible_text(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte == '\t' || (byte >= 0x20 && byte != 0x7f);
  });
}

bool is_version(std::string_view text) {
  return text == "HTTP/1.1" || text == "HTTP/1.0";
}

void check_start(const std::string& line) {
  const std::vector<std::string_view> words = split(line, ' ');
  if (line.rfind("HTTP/", 0) == 0) {
    const bool status_ok =
        words.size() >= 2 && words[1].size() == 3 && parse_number(words[1]).has_value();
    if (words.size() < 3 || !is_version(words[0]) || !status_ok || !is_visible_text(line)) {
      give_up("not a status line: " + visible(line));
    }
  } else if (words.size() != 3 || !is_strict_token(words[0]) || words[1].empty() ||
             !is_version(words[2]) || !is_visible_text(line)) {
    give_up("not a request line: " + visible(line));
  }
}

}  // namespace

bool TextMessage::is_response() const {
  return start.rfind("HTTP/", 0) == 0;
}
int TextMessage::status() const {
  return is_response() ? std::stoi(start.substr(9, 3)) : 0;
}
std::string TextMessage::method() const {
  return std::string(split(start, ' ').front());
}
std::string TextMessage::target() const {
  return std::string(split(start, ' ').at(1));
}

std::size_t TextMessage::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(fields.begin(), fields.end(),
                    [name](const TextField& field) { return iequals(field.name, name); }));
}

std::string TextMessage::field(std::string_view name) const {
  std::string joined;
  bool first = true;
  for (const TextField& field : fields) {
    if (!iequals(field.name, name)) continue;
    joined += first ? field.value : ", " + field.value;
    first = false;
  }
  return joined;
}

std::string TextMessage::head() const {
  std::string text = start + "\n";
  for (const TextField& field : fields) text += field.name + ": " + field.value + "\n";
  return text;
}

TextField parse_field(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_strict_token(line.substr(0, colon)) ||
      !is_visible_text(line)) {
    give_up("not a field line: " + visible(line));
  }
  return {std::string(line.substr(0, colon)), std::string(trim(line.substr(colon + 1)))};
}

TextMessage parse_head(std::string_view text) {
  TextMessage message;
  bool first = true;
  while (!text.empty()) {
    const std::size_t end = text.find("\r\n");
    if (end == std::string_view::npos) give_up("a line without its end: " + visible(text));
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end + 2);
    if (first) {
      message.start = std::string(line);
      check_start(message.start);
      first = false;
    } else if (line.empty()) {
      if (!text.empty()) give_up("bytes behind the head: " + visible(text));
      return message;
    } else {
      message.fields.push_back(parse_field(line));
    }
  }
  give_up("a head without its end: " + message.head());
}

TextMessage::Framing framing_of(const TextMessage& head, bool to_head) {
  using Framing = TextMessage::Framing;
  const bool chunked = head.has("transfer-encoding");
  const bool counted = head.has("content-length");
  if (chunked && counted) give_up("both Transfer-Encoding and Content-Length:\n" + head.head());
  if (chunked && (!iequals(head.field("transfer-encoding"), "chunked") ||
                  head.start.find("HTTP/1.0") != std::string::npos)) {
    give_up("a Transfer-Encoding that nobody asked for:\n" + head.head());
  }
  if (counted) counted_length(head);
  if (head.is_response()) {
    const int status = head.status();
    const bool bodiless = status < 200 || status == 204;
    if (bodiless && (chunked || counted)) give_up("framing where none may be:\n" + head.head());
    if (bodiless || status == 304 || to_head) return Framing::none;
    return chunked ? Framing::chunked : counted ? Framing::counted : Framing::until_close;
  }
  return chunked ? Framing::chunked : counted ? Framing::counted : Framing::none;
}

std::size_t counted_length(const TextMessage& head) {
  const auto length = parse_number(head.field("content-length"));
  if (!length) give_up("not a Content-Length:\n" + head.head());
  return *length;
}

std::string visible(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  for (const char c : bytes.substr(0, 4000)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n\n";
    } else if (byte >= 0x20 && byte < 0x7f) {
      text += c;
    } else {
      text += "\\x";
      text += digits[byte >> 4];
      text += digits[byte & 15];
    }
  }
  if (bytes.size() > 4000) text += "… (" + std::to_string(bytes.size()) + " bytes)";
  return text;
}

}  // namespace devproxy
