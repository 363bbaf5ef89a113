#include "proxy/http/headers.h"

#include <algorithm>

#include "base/text.h"

namespace devproxy {

void Headers::clear() {
  block_.clear();
  fields_.clear();
}

void Headers::trim() {
  constexpr std::size_t ordinary_bytes = 8 * 1024;
  constexpr std::size_t ordinary_fields = 64;
  if (block_.capacity() > ordinary_bytes) std::string().swap(block_);
  if (fields_.capacity() > ordinary_fields) std::vector<Field>().swap(fields_);
}

const Field* Headers::find(FieldId id) const {
  for (const Field& field : fields_) {
    if (field.id == id && !field.dropped) return &field;
  }
  return nullptr;
}

const Field* Headers::find(std::string_view wanted) const {
  for (const Field& field : fields_) {
    if (field.name_size == wanted.size() && !field.dropped && iequals(name(field), wanted)) {
      return &field;
    }
  }
  return nullptr;
}

void Headers::drop(FieldId id) {
  for (Field& field : fields_) {
    if (field.id == id) field.dropped = true;
  }
}

void Headers::drop(std::string_view unwanted) {
  for (Field& field : fields_) {
    if (field.name_size == unwanted.size() && iequals(name(field), unwanted)) field.dropped = true;
  }
}

void Headers::add(std::string_view name, std::string_view value, FieldId id) {
  add(name, id, {value});
}

void Headers::add(std::string_view name, FieldId id,
                  std::initializer_list<std::string_view> pieces) {
  std::size_t value_size = 0;
  for (const std::string_view piece : pieces) value_size += piece.size();
  const std::size_t begin = block_.size();
  Field field;
  field.begin = static_cast<std::uint32_t>(begin);
  field.name_size = static_cast<std::uint16_t>(name.size());
  field.value.begin = static_cast<std::uint32_t>(begin + name.size() + 2);
  field.value.size = static_cast<std::uint32_t>(value_size);
  field.end = field.value.begin + field.value.size + 2;
  field.id = id;
  fields_.push_back(field);

  // One growth for all pieces: this is done a dozen times in each exchange.
  block_.resize(field.end);
  char* at = block_.data() + begin;
  const auto put = [&at](std::string_view text) { at = std::copy(text.begin(), text.end(), at); };
  put(name);
  put(": ");
  for (const std::string_view piece : pieces) put(piece);
  put("\r\n");
}

void Headers::append(const Headers& more) {
  const auto behind = static_cast<std::uint32_t>(block_.size());
  block_.append(more.block_);
  for (Field field : more.fields_) {
    field.begin += behind;
    field.end += behind;
    field.value.begin += behind;
    fields_.push_back(field);
  }
}

void Headers::write_to(std::string& out) const {
  std::size_t i = 0;
  while (i < fields_.size()) {
    if (fields_[i].dropped) {
      ++i;
      continue;
    }
    const std::uint32_t begin = fields_[i].begin;
    std::uint32_t end = fields_[i].end;
    for (++i; i < fields_.size() && !fields_[i].dropped && fields_[i].begin == end; ++i) {
      end = fields_[i].end;
    }
    out.append(block_, begin, end - begin);
  }
}

}  // namespace devproxy
