#include "services/output_lines.h"

namespace devproxy {
namespace {

constexpr char escape_byte = '\x1B';

/// The end of the escape sequence that begins at `at` (ECMA-48 5.4; OSC and its like end with BEL
/// or ESC \).
std::size_t end_of_escape(std::string_view text, std::size_t at) {
  if (at + 1 >= text.size()) return text.size();
  const char kind = text[at + 1];
  if (kind == '[') {
    std::size_t end = at + 2;
    while (end < text.size() && text[end] >= 0x20 && text[end] <= 0x3F) ++end;
    return end < text.size() ? end + 1 : end;
  }
  if (kind == ']' || kind == 'P' || kind == '_' || kind == '^' || kind == 'X') {
    for (std::size_t end = at + 2; end < text.size(); ++end) {
      if (text[end] == '\a') return end + 1;
      if (text[end] == escape_byte && end + 1 < text.size() && text[end + 1] == '\\')
        return end + 2;
    }
    return text.size();
  }
  std::size_t end = at + 1;
  while (end < text.size() && text[end] >= 0x20 && text[end] <= 0x2F) ++end;
  return end < text.size() ? end + 1 : end;
}

bool is_colour(std::string_view sequence) {
  return sequence.size() > 2 && sequence[1] == '[' && sequence.back() == 'm' &&
         sequence.find_first_not_of("0123456789;:", 2) == sequence.size() - 1;
}

/// Back to the first column, or the whole line erased: what a spinner does between its pictures.
bool begins_anew(std::string_view sequence) {
  return sequence == "\x1B[G" || sequence == "\x1B[0G" || sequence == "\x1B[1G" ||
         sequence == "\x1B[2K";
}

std::string filtered(std::string_view line, bool colours) {
  while (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (const std::size_t over = line.rfind('\r'); over != std::string_view::npos)
    line.remove_prefix(over + 1);
  std::string text;
  text.reserve(line.size());
  for (std::size_t at = 0; at < line.size();) {
    if (line[at] == escape_byte) {
      const std::size_t end = end_of_escape(line, at);
      const std::string_view sequence = line.substr(at, end - at);
      if (colours && is_colour(sequence)) text += sequence;
      if (begins_anew(sequence)) text.clear();
      at = end;
      continue;
    }
    const auto byte = static_cast<unsigned char>(line[at]);
    if ((byte >= 0x20 && byte != 0x7F) || byte == '\t') text += line[at];
    ++at;
  }
  return text;
}

}  // namespace

std::string visible_text(std::string_view line) {
  return filtered(line, true);
}

std::string plain_text(std::string_view line) {
  return filtered(line, false);
}

void OutputLines::take(std::string_view bytes, const OnLine& on_line) {
  while (!bytes.empty()) {
    const std::size_t end = bytes.find('\n');
    const std::size_t room = longest - line_.size();
    const std::string_view piece = bytes.substr(0, end);
    if (piece.size() > room) {
      line_.append(piece.substr(0, room));
      bytes.remove_prefix(room);
      end_line(on_line);
      continue;
    }
    line_.append(piece);
    if (end == std::string_view::npos) return;
    bytes.remove_prefix(end + 1);
    end_line(on_line);
  }
}

void OutputLines::finish(const OnLine& on_line) {
  if (!line_.empty()) end_line(on_line);
}

void OutputLines::end_line(const OnLine& on_line) {
  on_line(line_);
  line_.clear();
}

}  // namespace devproxy
