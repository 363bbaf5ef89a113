// JSON, read and written in one place: what nlohmann's parser and writer are made of takes a
// compiler seconds wherever it is used. Values and pure functions; any thread.
#pragma once

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace devproxy {

/// Its members stay in the order in which they were put.
using Json = nlohmann::ordered_json;

/// Discarded, see is_discarded(), when it is none, or nested far deeper than anybody means.
Json parse_json(std::string_view text);
/// The same with comments, which people write into package.json.
Json parse_commented_json(std::string_view text);

// A member of what somebody else wrote: when it is missing or of another kind, nothing.
std::string string_of(const Json& object, const char* name);
std::int64_t number_of(const Json& object, const char* name);
bool flag_of(const Json& object, const char* name);

/// What is no UTF-8 is replaced: programs print what they like.
std::string json_line(const Json& json);

}  // namespace devproxy
