#include "base/json.h"

namespace devproxy {

Json parse_json(std::string_view text) {
  return Json::parse(text, nullptr, false);
}

Json parse_commented_json(std::string_view text) {
  return Json::parse(text, nullptr, false, true);
}

std::string json_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace devproxy
