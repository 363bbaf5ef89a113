#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "config/keys.h"
#include "tests/config/temp_project.h"

namespace devproxy {
namespace {

std::string page() {
  std::ifstream stream(std::string(DEVPROXY_SOURCE_DIR) + "/docs/config.md", std::ios::binary);
  REQUIRE(stream.good());
  return {std::istreambuf_iterator<char>(stream), {}};
}

/// The row of docs/config.md that belongs to a key.
std::string row_of(const KeyInfo& key) {
  const std::string fallback(key.fallback.empty() ? "–" : key.fallback);
  return "| `" + std::string(key.name) + "` | " + std::string(describe(key.type)) + " | " +
         fallback + " | " + std::string(keys_since) + " | " + std::string(key.meaning) + " |";
}

/// The part of the page that the table of a place stands in.
std::string section(Place place) {
  const std::string text = page();
  const auto from = [&](const char* heading) {
    const std::size_t begin = text.find(heading);
    REQUIRE(begin != std::string::npos);
    return text.substr(begin, text.find("\n## ", begin + 1) - begin);
  };
  switch (place) {
    case Place::root:
      return from("## At the top of the file");
    case Place::service:
    case Place::ready:
    case Place::follow:
      return from("## Services");
    case Place::route:
    case Place::when:
      return from("## Routes");
    case Place::proxy:
    case Place::listen:
      return from("## The proxy");
    case Place::tls:
      return from("## HTTPS");
  }
  return "";
}

TEST_CASE("docs: every key has its row, and no other key has one", "[config]") {
  std::size_t expected = 0;
  for (const Place place : {Place::root, Place::service, Place::route, Place::proxy, Place::listen,
                            Place::tls, Place::ready, Place::follow, Place::when}) {
    const std::string text = section(place);
    for (const KeyInfo& key : all_keys()) {
      if (key.key == Key::none || !key.stands_in(place)) continue;
      INFO(row_of(key));
      CHECK(text.find(row_of(key)) != std::string::npos);
      ++expected;
    }
  }
  const std::string text = page();
  std::size_t rows = 0;
  for (std::size_t at = text.find("\n| `"); at != std::string::npos;
       at = text.find("\n| `", at + 1)) {
    ++rows;
  }
  CHECK(rows == expected);
}

TEST_CASE("docs: every name that is refused is listed", "[config]") {
  const std::string text = page();
  const std::size_t begin = text.find("## Names that this version refuses");
  REQUIRE(begin != std::string::npos);
  const std::string list = text.substr(begin);
  for (const KeyInfo& key : all_keys()) {
    if (key.key != Key::none) continue;
    INFO(key.name);
    CHECK(list.find("`" + std::string(key.name) + "`") != std::string::npos);
  }
}

TEST_CASE("docs: every toml snippet loads without problems", "[config]") {
  const std::string text = page();
  const std::string fence = "```toml\n";
  std::size_t count = 0;
  for (std::size_t at = text.find(fence); at != std::string::npos; at = text.find(fence, at)) {
    at += fence.size();
    const std::string snippet = text.substr(at, text.find("```", at) - at);
    const TempProject project;
    project.write("devproxy.toml", snippet);
    project.write("admin/server", "");
    INFO(snippet);
    CHECK(project.problems().empty());
    ++count;
  }
  CHECK(count >= 8);
}

TEST_CASE("docs: the reference example loads without problems", "[config]") {
  LoadRequest request;
  request.working_directory = std::string(DEVPROXY_SOURCE_DIR) + "/examples/reference";
  request.environment = [](std::string_view) { return std::nullopt; };
  const LoadOutcome outcome = load(request);
  INFO(TempProject::rendered(outcome));
  REQUIRE(outcome.result);
  CHECK(outcome.result->project == "shop");
  CHECK(outcome.result->services.size() == 9);
}

}  // namespace
}  // namespace devproxy
