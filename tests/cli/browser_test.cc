#include "cli/terminal/browser.h"

#include <map>

#include "tests/support/fake_runner.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

const std::string url = "https://shop.localhost:6289";

/// A machine with these variables.
Variables with(std::map<std::string, std::string, std::less<>> variables) {
  return [variables = std::move(variables)](std::string_view name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    if (found == variables.end()) return std::nullopt;
    return found->second;
  };
}

TEST_CASE("browser: BROWSER comes first, and its words are kept", "[cli]") {
  FakeRunner runner;
  runner.install("firefox");
  runner.install("xdg-open");
  const auto variables = with({{"BROWSER", "gone:firefox --new-tab %s --x"}, {"DISPLAY", ":0"}});
  const auto opened = open_in_browser(url, runner, variables);
  REQUIRE(opened.has_value());
  CHECK(*opened == "firefox");
  CHECK(runner.commands() == std::vector<std::string>{"firefox --new-tab " + url + " --x"});
}

TEST_CASE("browser: without a place for it the URL comes last", "[cli]") {
  FakeRunner runner;
  runner.install("w");
  CHECK(open_in_browser(url, runner, with({{"BROWSER", ":w  -a"}})) == "w");
  CHECK(runner.commands() == std::vector<std::string>{"w -a " + url});
}

TEST_CASE("browser: BROWSER=none starts nothing", "[cli]") {
  FakeRunner runner;
  runner.install("none");
  CHECK(open_in_browser(url, runner, with({{"BROWSER", "none"}})) == "");
  CHECK(runner.commands().empty());
}

TEST_CASE("browser: the next one is tried when one fails", "[cli]") {
  FakeRunner runner;
  runner.install("bad", [](const Words&) { return FakeRunner::failed("no display"); });
  runner.install("good");
  CHECK(open_in_browser(url, runner, with({{"BROWSER", "bad:good"}})) == "good");
}

TEST_CASE("browser: when all fail it is said why, and what to do", "[cli]") {
  FakeRunner runner;
  runner.install("bad", [](const Words&) { return FakeRunner::failed("no display"); });
  const auto opened = open_in_browser(url, runner, with({{"BROWSER", "bad"}}));
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().exit == ExitCode::failed);
  CHECK(opened.error().message == url + " is not opened: bad could not: no display");
  CHECK_THAT(opened.error().hint, ContainsSubstring("BROWSER="));
}

TEST_CASE("browser: where there is none, nothing is started", "[cli]") {
  FakeRunner runner;
  CHECK(open_in_browser(url, runner, with({{"DISPLAY", ":0"}})) == "");
  CHECK(runner.commands().empty());
}

TEST_CASE("browser: on Linux wslview, then xdg-open, which needs a desktop", "[cli]") {
  CHECK(browser_openers(with({})) == std::vector<std::string>{"wslview"});
  CHECK(browser_openers(with({{"DISPLAY", ""}})) == std::vector<std::string>{"wslview"});
  const std::vector<std::string> both{"wslview", "xdg-open"};
  CHECK(browser_openers(with({{"DISPLAY", ":0"}})) == both);
  CHECK(browser_openers(with({{"WAYLAND_DISPLAY", "wayland-0"}})) == both);
}

}  // namespace
}  // namespace devproxy
