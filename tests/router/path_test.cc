#include "router/path.h"

#include "tests/support/test.h"

namespace devproxy {
namespace {

TEST_CASE("path: normalising decodes, collapses and removes dot segments", "[router]") {
  struct Row {
    const char* path;
    const char* normal;  ///< null: refused
  };
  const Row rows[] = {
      {"/", "/"},
      {"/api", "/api"},
      {"/api/", "/api/"},
      {"/api/users/7", "/api/users/7"},
      // Octets that need no encoding are decoded, once.
      {"/%61pi", "/api"},
      {"/%7Euser/%2D%5f", "/~user/-_"},
      {"/a%2Eb", "/a.b"},
      {"/%252e%252e/x", "/%252e%252e/x"},
      {"/%2561", "/%2561"},
      // What means something else when decoded stays, and so does its case.
      {"/a%2Fb", "/a%2Fb"},
      {"/a%2fb", "/a%2fb"},
      {"/a%5Cb", "/a%5Cb"},
      {"/a%5cb", "/a%5cb"},
      {"/a\\..\\b", "/a\\..\\b"},
      {"/a;v=1/b;c", "/a;v=1/b;c"},
      {"/..;/x", "/..;/x"},
      {"/%20%00%C3%A9", "/%20%00%C3%A9"},
      {"/a%3Fb%23c", "/a%3Fb%23c"},
      // Slashes.
      {"//", "/"},
      {"//a", "/a"},
      {"/a//b", "/a/b"},
      {"/a///b//", "/a/b/"},
      // Dot segments, also written in hex, also at the end.
      {"/.", "/"},
      {"/./", "/"},
      {"/./a", "/a"},
      {"/a/.", "/a/"},
      {"/a/./b", "/a/b"},
      {"/a/..", "/"},
      {"/a/../", "/"},
      {"/a/b/..", "/a/"},
      {"/a/b/../c", "/a/c"},
      {"/a/%2e%2e/b", "/b"},
      {"/a/%2E./b", "/b"},
      {"/a/.%2e", "/"},
      {"/a/%2e/b", "/a/b"},
      {"/a//../b", "/b"},
      {"/a/b//..//c", "/a/c"},
      {"/a/..%2Fb", "/a/..%2Fb"},
      {"/...", "/..."},
      {"/.well-known/x", "/.well-known/x"},
      {"/a./.b/..c", "/a./.b/..c"},
      // Above the root.
      {"/..", nullptr},
      {"/../", nullptr},
      {"/../a", nullptr},
      {"/a/../..", nullptr},
      {"/a/../../b", nullptr},
      {"/%2e%2e/a", nullptr},
      {"//..//a", nullptr},
      {"/./../a", nullptr},
      // Bad percent-encoding.
      {"/%", nullptr},
      {"/a%", nullptr},
      {"/a%2", nullptr},
      {"/a%2/", nullptr},
      {"/a%zz", nullptr},
      {"/a%2g", nullptr},
      {"/a%g2", nullptr},
      {"/%%41", nullptr},
      {"/a/%/b", nullptr},
      // Not a path.
      {"", nullptr},
      {"a", nullptr},
      {"*", nullptr},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path);
    const auto normal = normalise_path(row.path);
    CHECK(normal.value_or("refused") == (row.normal == nullptr ? "refused" : row.normal));
    CHECK(is_normal_path(row.path) == (normal == row.path));
    if (normal) CHECK(is_normal_path(*normal));
  }
}

TEST_CASE("path: is_normal_path is true exactly for what normalising would not change",
          "[router]") {
  // All words of up to six letters over what normalising looks at.
  const std::string alphabet = "/.%2eF";
  std::size_t checked = 0;
  std::size_t normal_ones = 0;
  for (std::size_t length = 1; length <= 6; ++length) {
    std::vector<std::size_t> digits(length, 0);
    for (bool more = true; more;) {
      std::string path = "/";
      for (const std::size_t digit : digits) path += alphabet[digit];
      const auto normal = normalise_path(path);
      const bool is_normal = is_normal_path(path);
      if (is_normal != (normal == path)) FAIL_CHECK("wrong for " << path);
      if (normal && !is_normal_path(*normal))
        FAIL_CHECK("not normal yet: " << path << " -> " << *normal);
      ++checked;
      normal_ones += is_normal ? 1 : 0;

      more = false;
      for (std::size_t& digit : digits) {
        if (++digit < alphabet.size()) {
          more = true;
          break;
        }
        digit = 0;
      }
    }
  }
  CHECK(checked == 55986);
  CHECK(normal_ones > 1000);
}

TEST_CASE("path: long paths are seen to their last octet", "[router]") {
  const std::string base = "/" + std::string(100, 'a');
  for (const char* tail : {"/..", "/.", "//", "%", "%4", "%41", "/./", "/../x"}) {
    for (std::size_t cut = 0; cut < 40; ++cut) {
      const std::string path = base.substr(0, 20 + cut) + tail;
      CAPTURE(path);
      CHECK_FALSE(is_normal_path(path));
    }
  }
  CHECK(is_normal_path(base));
  CHECK(is_normal_path(base + "/%2F/.x/x.."));
}

TEST_CASE("path: a prefix covers itself and what is below it", "[router]") {
  struct Row {
    const char* path;
    const char* prefix;
    bool covers;
  };
  const Row rows[] = {
      {"/", "/", true},        {"/x", "/", true},           {"/api", "/api", true},
      {"/api/", "/api", true}, {"/api/x", "/api", true},    {"/apix", "/api", false},
      {"/ap", "/api", false},  {"/", "/api", false},        {"/api;v=1", "/api", false},
      {"/API", "/api", false}, {"/api%2Fx", "/api", false}, {"/x/api", "/api", false},
      {"/a/b", "/a/b", true},  {"/a/bc", "/a/b", false},    {"/a", "/a/b", false},
  };
  for (const Row& row : rows) {
    CAPTURE(row.path, row.prefix);
    CHECK(path_has_prefix(row.path, row.prefix) == row.covers);
  }
}

TEST_CASE("path: stripping a prefix leaves one slash and the original bytes where they are safe",
          "[router]") {
  struct Row {
    const char* original;
    const char* prefix;
    const char* stripped;
  };
  const Row rows[] = {
      {"/api/users", "/api", "/users"},
      {"/api", "/api", "/"},
      {"/api/", "/api", "/"},
      {"/api/users/", "/api", "/users/"},
      {"/a/b/c", "/a/b", "/c"},
      {"/x", "/", "/x"},
      {"/", "/", "/"},
      // The original bytes of what is left are kept.
      {"/api/%41%2f%20", "/api", "/%41%2f%20"},
      {"/api/a/../b", "/api", "/a/../b"},
      {"/api/a//b", "/api", "/a//b"},
      {"/api/./b", "/api", "/./b"},
      {"/api/a;v=1", "/api", "/a;v=1"},
      {"//x//y", "/", "/x//y"},
      // Exactly one slash begins it: "//host" would be another origin.
      {"/api//evil.test", "/api", "/evil.test"},
      {"/api///", "/api", "/"},
      {"//evil.test", "/", "/evil.test"},
      // The prefix is not there literally: what is left of the normal path.
      {"/%61pi/%41", "/api", "/A"},
      {"//api/x//y", "/api", "/x/y"},
      {"/x/../api/y", "/api", "/y"},
      {"/./api", "/api", "/"},
      // Literally there, but not what was matched: the service must not see a climb.
      {"/api/../api/x", "/api", "/x"},
      {"/api/x/../../api/y", "/api", "/y"},
      {"/api/%2e%2e/api/x", "/api", "/x"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.original, row.prefix);
    const auto normal = normalise_path(row.original);
    REQUIRE(normal.has_value());
    REQUIRE(path_has_prefix(*normal, row.prefix));
    CHECK(strip_path_prefix(row.original, *normal, row.prefix) == row.stripped);
  }
}

}  // namespace
}  // namespace devproxy
