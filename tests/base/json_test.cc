#include "base/json.h"

#include <string>

#include "tests/support/test.h"

namespace devproxy {
namespace {

std::string nested(std::size_t depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

std::string object_of(std::size_t members) {
  std::string text = "{";
  for (std::size_t i = 0; i < members; ++i)
    text += (i == 0 ? "\"" : ",\"") + std::to_string(i) + "\":1";
  return text + "}";
}

TEST_CASE("json: what is none is discarded", "[base]") {
  for (const char* text : {"", "{", "[1", "{\"a\"}", "\"\\", "]", "\xff", "{} {}"}) {
    CAPTURE(text);
    CHECK(parse_json(text).is_discarded());
  }
  CHECK(parse_json(R"({"b":1,"a":"[{:\"{"})")["a"] == "[{:\"{");
}

TEST_CASE("json: nested far deeper than anybody means it is refused before it is read", "[base]") {
  CHECK_FALSE(parse_json(nested(64)).is_discarded());
  CHECK(parse_json(nested(65)).is_discarded());
  CHECK(parse_json(std::string(8U << 20U, '[')).is_discarded());
  CHECK(parse_json("{\"a\":\"" + std::string(1000, '[') + "\"}").size() == 1);
}

TEST_CASE("json: an object of more members than are looked for one by one is refused", "[base]") {
  CHECK(parse_json(object_of(2'000)).size() == 2'000);
  CHECK(parse_json(object_of(2'001)).is_discarded());
  CHECK(parse_json("[" + object_of(1'500) + "," + object_of(1'500) + "]").size() == 2);
}

TEST_CASE("json: a line has no break, and what is no UTF-8 is replaced", "[base]") {
  CHECK(json_line(Json{{"b", "x\ny"}, {"a", 1}}) == R"({"b":"x\ny","a":1})");
  CHECK(json_line(Json("\xff")) == "\"\xEF\xBF\xBD\"");
  CHECK(parse_commented_json("{ // why\n \"a\": 1 }")["a"] == 1);
}

}  // namespace
}  // namespace devproxy
