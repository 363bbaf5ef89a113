// Headers: the fields of one message, as one block of bytes and an index into it. Order and case
// are kept; a field is taken out by a flag and put in by appending, so that a writer copies whole
// runs of lines. Owned by a Request or a Response, recycled with it: a warm one allocates nothing.
// One thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "proxy/http/field_id.h"

namespace devproxy {

/// A piece of a Headers' block, by offset: the block may move while it grows.
struct Piece {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;
};

/// One line "Name: value\r\n" in the block.
struct Field {
  std::uint32_t begin = 0;  ///< of the line
  std::uint32_t end = 0;    ///< behind its CRLF
  Piece value;              ///< without surrounding whitespace
  std::uint16_t name_size = 0;
  FieldId id = FieldId::other;
  bool dropped = false;
  bool is_secret = false;  ///< HTTP/2 wants it in no compression table (RFC 7541 6.2.3)
};

class Headers final {
 public:
  /// Forgets everything, keeps the memory.
  void clear();
  bool empty() const { return fields_.empty(); }

  const std::vector<Field>& fields() const { return fields_; }
  std::string_view name(const Field& field) const { return piece({field.begin, field.name_size}); }
  std::string_view value(const Field& field) const { return piece(field.value); }
  std::string_view piece(Piece piece) const {
    return std::string_view(block_).substr(piece.begin, piece.size);
  }

  /// The first kept field of this name, or null.
  const Field* find(FieldId id) const;
  const Field* find(std::string_view wanted) const;

  void drop(const Field& field) {
    fields_[static_cast<std::size_t>(&field - fields_.data())].dropped = true;
  }
  void drop(FieldId id);
  void drop(std::string_view unwanted);

  /// Appends a field. `value` must hold no CR, LF or NUL.
  void add(std::string_view name, std::string_view value) { add(name, value, field_id(name)); }
  void add(std::string_view name, std::string_view value, FieldId id);

  /// A field whose value is these pieces joined. They may be views of this block's own bytes after
  /// make_room() for all of it.
  void add(std::string_view name, FieldId id, std::initializer_list<std::string_view> pieces);
  /// Appends all fields of `more`, whose block holds nothing else and which has dropped none.
  void append(const Headers& more);
  /// Makes the next `bytes` of appending leave the block where it is.
  void make_room(std::size_t bytes) { block_.reserve(block_.size() + bytes); }

  /// Appends every kept line to `out`, in runs.
  void write_to(std::string& out) const;

  /// The field that was added last must be kept out of compression tables.
  void mark_secret() { fields_.back().is_secret = true; }

  /// For parsers: the bytes as they came (start line included), and the index that they make.
  std::string& block() { return block_; }
  const std::string& block() const { return block_; }
  void index(const Field& field) { fields_.push_back(field); }

  /// Gives back memory beyond what an ordinary message needs.
  void trim();

 private:
  std::string block_;
  std::vector<Field> fields_;
};

/// Calls `each` for every non-empty element of a comma-separated list (RFC 9110 5.6.1); quoted
/// strings stay whole.
template <class F>
void for_each_element(std::string_view list, F&& each) {
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i <= list.size(); ++i) {
    if (i < list.size()) {
      if (quoted && list[i] == '\\' && i + 1 < list.size()) {
        ++i;
        continue;
      }
      if (list[i] == '"') quoted = !quoted;
      if (list[i] != ',' || quoted) continue;
    }
    std::string_view element = list.substr(begin, i - begin);
    while (!element.empty() && (element.front() == ' ' || element.front() == '\t'))
      element.remove_prefix(1);
    while (!element.empty() && (element.back() == ' ' || element.back() == '\t'))
      element.remove_suffix(1);
    if (!element.empty()) each(element);
    begin = i + 1;
  }
}

}  // namespace devproxy
