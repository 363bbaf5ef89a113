// The one door to Catch2, 2.13 or 3. Tests include this and nothing of Catch2 itself.
#pragma once

#if __has_include(<catch2/catch_test_macros.hpp>)
#include <catch2/catch_session.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <catch2/matchers/catch_matchers_all.hpp>
namespace devproxy {
using Catch::Matchers::ContainsSubstring;
}
#else
#include <catch2/catch.hpp>
namespace devproxy {
inline auto ContainsSubstring(const std::string& text) {
  return Catch::Matchers::Contains(text);
}
}  // namespace devproxy
#endif

#include "base/json.h"

/// Else each comparison of JSON brings nlohmann's writer into the test, which costs seconds.
template <>
struct Catch::StringMaker<devproxy::Json> {
  static std::string convert(const devproxy::Json& json) { return devproxy::json_line(json); }
};
