#include "base/json.h"

#include <array>
#include <cstddef>

namespace devproxy {

namespace {

/// Nothing of ours is deeper, or has more members in one object. What comes over a socket may be
/// anything: nested deeper it takes the parser seconds, and members are looked for one by one.
constexpr std::size_t most_depth = 64;
constexpr std::size_t most_members = 2'000;

bool is_plain(std::string_view text) {
  std::array<std::size_t, most_depth + 1> members{};
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      if (++depth > most_depth) return false;
      members[depth] = 0;
    } else if (c == '}' || c == ']') {
      if (depth > 0) --depth;
    } else if (c == ':' && ++members[depth] > most_members) {
      return false;
    }
  }
  return true;
}

}  // namespace

Json parse_json(std::string_view text) {
  if (!is_plain(text)) return Json(Json::value_t::discarded);
  return Json::parse(text, nullptr, false);
}

Json parse_commented_json(std::string_view text) {
  return Json::parse(text, nullptr, false, true);
}

std::string string_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::int64_t number_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_number_integer() ? found->get<std::int64_t>() : 0;
}

bool flag_of(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_boolean() && found->get<bool>();
}

std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace devproxy
