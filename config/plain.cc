#include "config/plain.h"

#include <algorithm>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/text.h"

namespace devproxy {
namespace {

constexpr int depth_max = 16;
constexpr std::size_t scanned_max = 16;  ///< tables with more members have an index
constexpr std::size_t digits_max = 18;   ///< always fit 64 bits

bool is_bare(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

/// Columns are bytes, and nothing is invisible. A carriage return stands before a line feed only.
bool is_plain_text(std::string_view text) {
  const bool plain = std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 0x20 && c < 0x7f) || c == '\n' || c == '\t' || c == '\r';
  });
  if (!plain) return false;
  for (std::size_t i = text.find('\r'); i != std::string_view::npos; i = text.find('\r', i + 1)) {
    if (i + 1 >= text.size() || text[i + 1] != '\n') return false;
  }
  return true;
}

constexpr std::size_t nowhere = SIZE_MAX;

/// A table, or list of tables, that later headers may still add to. A Member leads to one by its
/// node's number.
struct Open {
  std::vector<Member> members;
  bool defined = false;  ///< by a header of its own
  /// By key, once there are many members.
  std::unique_ptr<std::unordered_map<std::string_view, std::size_t>> index;
};

struct Name {
  std::string_view text;
  Where where;
};

class PlainParser {
 public:
  PlainParser(std::string_view text, std::uint32_t file) : text_(text), file_(file) {}

  std::optional<Node> parse() {
    opens_.emplace_back();
    opens_[0].defined = true;
    while (at_ < text_.size()) {
      if (!line()) return std::nullopt;
    }
    Node root;
    root.where = Where{Spot{file_, 1, 1}, 1};
    root.members = finish(0);
    return root;
  }

 private:
  // ---- lines

  bool line() {
    skip_blanks();
    if (peek() == '[') {
      if (!header()) return false;
    } else if (!at_line_end()) {
      if (!pair(opens_[current_].members, &opens_[current_])) return false;
    }
    return end_line();
  }

  bool end_line() {
    skip_blanks();
    if (!at_line_end()) return false;
    at_ = std::min(text_.find('\n', at_), text_.size() - 1) + 1;
    ++line_;
    line_begin_ = at_;
    return true;
  }

  bool header() {
    const std::size_t begin = at_++;
    const bool list = take('[');
    std::vector<Name>& path = path_;
    path.clear();
    do {
      skip_blanks();
      Name part;
      if (!name(part)) return false;
      path.push_back(part);
      skip_blanks();
    } while (take('.'));
    if (!take(']') || (list && !take(']'))) return false;
    const Where where = where_of(begin);

    std::size_t table = 0;
    for (std::size_t i = 0; i + 1 < path.size(); ++i) {
      const std::size_t next = step_into(table, path[i], where);
      if (next == nowhere) return false;
      table = next;
    }
    return list ? open_list(table, path.back(), where) : open_table(table, path.back(), where);
  }

  /// The table that `name` leads to from `table`, made when it is not there.
  std::size_t step_into(std::size_t table, const Name& name, Where where) {
    const std::size_t found = find(opens_[table].members, &opens_[table], name.text);
    if (found == nowhere) return add_open(table, name, NodeKind::table, where);
    const Node& value = opens_[table].members[found].value;
    const std::size_t open = open_of(value);
    if (open == nowhere || value.kind == NodeKind::table) return open;
    return static_cast<std::size_t>(opens_[open].members.back().value.number);
  }

  bool open_table(std::size_t table, const Name& name, Where where) {
    const std::size_t found = find(opens_[table].members, &opens_[table], name.text);
    if (found == nowhere) {
      current_ = add_open(table, name, NodeKind::table, where);
    } else {
      Node& value = opens_[table].members[found].value;
      const std::size_t open = open_of(value);
      if (open == nowhere || value.kind != NodeKind::table || opens_[open].defined) return false;
      current_ = open;
      value.where = where;
    }
    opens_[current_].defined = true;
    return true;
  }

  bool open_list(std::size_t table, const Name& name, Where where) {
    std::size_t found = find(opens_[table].members, &opens_[table], name.text);
    if (found == nowhere) {
      add_open(table, name, NodeKind::array, where);
      found = opens_[table].members.size() - 1;
    }
    const Node& value = opens_[table].members[found].value;
    const std::size_t open = open_of(value);
    if (open == nowhere || value.kind != NodeKind::array) return false;
    current_ = add_open(open, Name{}, NodeKind::table, where);
    opens_[current_].defined = true;
    return true;
  }

  /// The Open that a member leads to; nowhere for values that are whole.
  static std::size_t open_of(const Node& value) {
    const bool container = value.kind == NodeKind::table || value.kind == NodeKind::array;
    return container && value.number != 0 ? static_cast<std::size_t>(value.number) : nowhere;
  }

  std::size_t add_open(std::size_t parent, const Name& name, NodeKind kind, Where where) {
    const std::size_t number = opens_.size();
    Node value;
    value.kind = kind;
    value.where = where;
    value.number = static_cast<std::int64_t>(number);
    add(opens_[parent].members, &opens_[parent], Member{name.text, name.where, std::move(value)});
    opens_.emplace_back();
    return number;
  }

  // ---- pairs and values

  bool pair(std::vector<Member>& members, Open* open) {
    Name key;
    if (!name(key)) return false;
    skip_blanks();
    if (!take('=')) return false;  // a dotted key, for one
    skip_blanks();
    if (find(members, open, key.text) != nowhere) return false;
    Member member{key.text, key.where, {}};
    if (!value(member.value, 0)) return false;
    add(members, open, std::move(member));
    return true;
  }

  bool name(Name& name) {
    const std::size_t begin = at_;
    if (peek() == '"' || peek() == '\'') {
      if (!quoted(name.text) || name.text.empty()) return false;
    } else {
      while (at_ < text_.size() && is_bare(text_[at_])) ++at_;
      if (at_ == begin) return false;
      name.text = text_.substr(begin, at_ - begin);
    }
    name.where = where_of(begin);
    return true;
  }

  bool value(Node& node, int depth) {
    const std::size_t begin = at_;
    const std::uint32_t begin_line = line_;
    const std::size_t begin_of_line = line_begin_;
    const char first = peek();
    if (first == '"' || first == '\'') {
      node.kind = NodeKind::string;
      if (!quoted(node.text)) return false;
    } else if (first == '[') {
      node.kind = NodeKind::array;
      if (depth >= depth_max || !list(node, depth)) return false;
    } else if (first == '{') {
      node.kind = NodeKind::table;
      if (depth >= depth_max || !braces(node, depth)) return false;
    } else if (first == 't' || first == 'f') {
      node.kind = NodeKind::boolean;
      if (!boolean(node)) return false;
    } else {
      node.kind = NodeKind::integer;
      if (!integer(node)) return false;
    }
    node.where.spot =
        Spot{file_, begin_line, static_cast<std::uint32_t>(begin - begin_of_line + 1)};
    if (line_ == begin_line) node.where.length = static_cast<std::uint32_t>(at_ - begin);
    return true;
  }

  bool quoted(std::string_view& text) {
    const char quote = text_[at_++];
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n' && text_[at_] != '\r') {
      if (text_[at_] == '\\' && quote == '"') return false;
      ++at_;
    }
    if (peek() != quote) return false;
    text = text_.substr(begin, at_ - begin);
    ++at_;
    return !(text.empty() && peek() == quote);  // of several lines
  }

  bool list(Node& node, int depth) {
    ++at_;
    for (;;) {
      if (!skip_lines()) return false;
      if (take(']')) return true;
      Member item;
      if (!value(item.value, depth + 1)) return false;
      node.members.push_back(std::move(item));
      if (!skip_lines()) return false;
      if (take(',')) continue;
      return take(']');
    }
  }

  bool braces(Node& node, int depth) {
    ++at_;
    skip_blanks();
    if (take('}')) return true;
    for (;;) {
      Name key;
      if (!name(key) || find(node.members, nullptr, key.text) != nowhere) return false;
      skip_blanks();
      if (!take('=')) return false;
      skip_blanks();
      Member member{key.text, key.where, {}};
      if (!value(member.value, depth + 1)) return false;
      node.members.push_back(std::move(member));
      skip_blanks();
      if (take('}')) return true;
      if (!take(',')) return false;
      skip_blanks();
    }
  }

  bool boolean(Node& node) {
    const std::string_view rest = text_.substr(at_);
    node.number = rest.starts_with("true") ? 1 : 0;
    if (node.number == 0 && !rest.starts_with("false")) return false;
    at_ += node.number != 0 ? 4 : 5;
    return at_value_end();
  }

  bool integer(Node& node) {
    const bool negative = peek() == '-';
    if (negative || peek() == '+') ++at_;
    const std::size_t begin = at_;
    while (is_digit(peek())) {
      // What does not fit is left to the whole parser and its message.
      if (at_ - begin == digits_max) return false;
      node.number = node.number * 10 + (text_[at_++] - '0');
    }
    const std::size_t digits = at_ - begin;
    if (digits == 0 || (digits > 1 && text_[begin] == '0')) return false;
    if (negative) node.number = -node.number;
    return at_value_end();
  }

  // ---- members

  static std::size_t find(const std::vector<Member>& members, const Open* open,
                          std::string_view key) {
    if (open != nullptr && open->index) {
      const auto found = open->index->find(key);
      return found == open->index->end() ? nowhere : found->second;
    }
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (members[i].key == key) return i;
    }
    return nowhere;
  }

  static void add(std::vector<Member>& members, Open* open, Member member) {
    const bool named = !member.key.empty();
    members.push_back(std::move(member));
    if (open == nullptr || !named || members.size() <= scanned_max) return;
    if (open->index) {
      open->index->emplace(members.back().key, members.size() - 1);
      return;
    }
    open->index = std::make_unique<std::unordered_map<std::string_view, std::size_t>>();
    for (std::size_t i = 0; i < members.size(); ++i) open->index->emplace(members[i].key, i);
  }

  std::vector<Member> finish(std::size_t open) {
    std::vector<Member> members = std::move(opens_[open].members);
    for (Member& member : members) {
      const std::size_t inner = open_of(member.value);
      if (inner == nowhere) continue;
      member.value.number = 0;
      member.value.members = finish(inner);
    }
    return members;
  }

  // ---- letters

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    if (peek() != c) return false;
    ++at_;
    return true;
  }
  bool at_line_end() const {
    const char c = peek();
    return c == '\0' || c == '\n' || c == '\r' || c == '#';
  }
  bool at_value_end() const {
    const char c = peek();
    return at_line_end() || c == ' ' || c == '\t' || c == ',' || c == ']' || c == '}';
  }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t') ++at_;
  }
  /// Inside a list: line ends and comments too. False at the end of the file.
  bool skip_lines() {
    for (;;) {
      skip_blanks();
      if (!at_line_end()) return true;
      if (text_.find('\n', at_) == std::string_view::npos) return false;
      end_line();
    }
  }
  Where where_of(std::size_t begin) const {
    return {Spot{file_, line_, static_cast<std::uint32_t>(begin - line_begin_ + 1)},
            static_cast<std::uint32_t>(at_ - begin)};
  }

  std::string_view text_;
  std::uint32_t file_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1;
  std::size_t line_begin_ = 0;
  std::vector<Open> opens_;  ///< 0 is the root
  std::size_t current_ = 0;  ///< where pairs go
  std::vector<Name> path_;   ///< of the header that is read; kept for its memory
};

}  // namespace

std::optional<Node> parse_plain(const Sources& sources, std::uint32_t file) {
  const std::string_view text = sources.text(file);
  if (!is_plain_text(text)) return std::nullopt;
  return PlainParser(text, file).parse();
}

}  // namespace devproxy
