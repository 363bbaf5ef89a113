#include "cli/running/history.h"

#include "base/json.h"
#include "cli/running/history_form.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using Lines = std::vector<std::string>;
std::shared_ptr<const Config> config(const std::string& project = "shop") {
  auto made = std::make_shared<Config>();
  made->project = project;
  made->file = "/home/ann/shop/devproxy.toml";
  return made;
}

History::Clock::time_point at(int minute) {
  return History::Clock::time_point(std::chrono::minutes(minute));
}

TEST_CASE("history: what changes something is a generation, what does not is none", "[cli]") {
  History history;
  history.begin(config(), false, at(1));
  CHECK(history.current() == 1);
  CHECK_FALSE(history.before());
  history.add(Cause::file, config(), {"+ a"}, at(2));
  const auto newest = config();
  history.add(Cause::reload, newest, {}, at(3));
  CHECK(history.current() == 2);
  CHECK(history.current_since() == at(2));
  // Positions in it may be others.
  CHECK(history.find(2) == newest);
  CHECK(history.before() == 1);
  CHECK(history.is_file());
  const auto entries = history.entries();
  REQUIRE(entries.size() == 2);
  CHECK(entries[0].cause == Cause::start);
  CHECK(entries[1].changes == Lines{"+ a"});
  CHECK(entries[1].is_kept);
}

TEST_CASE("history: a rollback is an entry, and its generation counts until the file does",
          "[cli]") {
  History history;
  history.begin(config(), true, at(1));
  history.add(Cause::file, config(), {"+ a"}, at(2));
  history.add(Cause::file, config(), {"+ b"}, at(3));
  const auto with_ports = config();
  history.go_back(1, with_ports, {"- a", "- b"}, at(4));
  CHECK(history.current() == 1);
  CHECK(history.current_since() == at(1));
  CHECK(history.find(1) == with_ports);
  CHECK(history.is_rolled_back());
  CHECK_FALSE(history.is_file());
  CHECK_FALSE(history.before());
  CHECK(history.entries().back().generation == 1);
  CHECK(history.entries().back().cause == Cause::rollback);
  CHECK_FALSE(history.entries().back().is_kept);

  SECTION("forth again is what the file says") {
    history.go_back(3, config(), {"+ a", "+ b"}, at(5));
    CHECK(history.is_file());
  }
  SECTION("another file is the next generation") {
    history.add(Cause::file, config(), {"+ c"}, at(5));
    CHECK(history.current() == 4);
    CHECK(history.before() == 3);
    CHECK(history.is_file());
  }
  SECTION("a file that says the same as what counts is no other one") {
    history.add(Cause::reload, config(), {}, at(5));
    CHECK(history.current() == 1);
    CHECK(history.is_file());
  }
}

TEST_CASE("history: what was refused is told once, and never counts", "[cli]") {
  History history;
  history.begin(config(), false, at(1));
  history.refuse(Cause::file, "devproxy.toml:1:1: wrong", at(2));
  history.refuse(Cause::reload, "devproxy.toml:1:1: wrong", at(3));
  CHECK(history.current() == 1);
  CHECK_FALSE(history.is_file());
  CHECK_FALSE(history.is_rolled_back());
  REQUIRE(history.entries().size() == 2);
  CHECK(history.entries()[1].generation == 0);
  CHECK(history.entries()[1].time == at(3));
  history.add(Cause::file, config(), {}, at(4));
  CHECK(history.is_file());
  // A rollback that is refused says nothing of the file.
  history.refuse(Cause::rollback, "claimed", at(5));
  CHECK(history.is_file());
}

TEST_CASE("history: is bounded, but keeps what counts and what was before it", "[cli]") {
  SECTION("in entries") {
    History history({3, std::size_t{1} << 20U, 10});
    history.begin(config(), false);
    for (int i = 0; i < 5; ++i) history.add(Cause::file, config(), {"~ a"});
    CHECK(history.entries().size() == 3);
    CHECK(history.kept_words() == "4 to 6");
    CHECK(history.find(3) == nullptr);
    history.go_back(4, config(), {"~ a"});
    for (int i = 0; i < 5; ++i) history.refuse(Cause::file, "wrong " + std::to_string(i));
    CHECK(history.entries().size() == 3);
    CHECK(history.find(4) != nullptr);
    CHECK(history.current_since() <= History::Clock::now());
  }
  SECTION("in bytes") {
    auto large = std::make_shared<Config>();
    large->routes.resize(100);
    History history({50, 2 * sizeof(RouteRule) * 100, 10});
    history.begin(large, false);
    for (int i = 0; i < 5; ++i) history.add(Cause::file, large, {"~ a"});
    CHECK(history.entries().size() == 6);
    CHECK(history.kept_words() == "5 to 6");
    CHECK_FALSE(history.entries()[0].is_kept);
  }
  SECTION("in lines") {
    History history({50, std::size_t{1} << 20U, 2});
    history.begin(config(), false);
    history.add(Cause::file, config(), {"+ a", "+ b", "+ c"});
    CHECK(history.entries().back().changes == Lines{"+ a", "+ b"});
    CHECK(history.entries().back().more_changes == 1);
  }
}

TEST_CASE("history: names what can be gone back to", "[cli]") {
  History history({4, std::size_t{1} << 20U, 10});
  history.begin(config(), false);
  CHECK(history.kept_words() == "1");
  history.add(Cause::file, config(), {"~ a"});
  CHECK(history.kept_words() == "1 to 2");
  history.go_back(1, config(), {"~ a"});
  history.add(Cause::file, config(), {"~ b"});
  history.add(Cause::file, config(), {"~ c"});
  CHECK(history.kept_words() == "2 to 4");
}

TEST_CASE("history: as JSON, and as people read it", "[cli]") {
  History history;
  Config shop = *config();
  shop.worktree.label = "fix-ui";
  shop.worktree.origin = "branch fix/ui";
  history.begin(config(), false, at(1));
  history.add(Cause::file, config(), {"~ /api :4001 -> :4312"}, at(2));
  history.refuse(Cause::signal, "devproxy.toml:7:1: unknown key", at(3));
  history.go_back(1, config(), {"~ /api :4312 -> :4001"}, at(4));
  const std::string form = history_form(shop, history);
  const Json json = parse_json(form);
  CHECK(json["schema"] == "devproxy.history/v1");
  const Json& project = json["projects"][0];
  CHECK(project["worktree"]["label"] == "fix-ui");
  CHECK(project["generation"] == 1);
  CHECK(project["rolled_back"] == true);
  REQUIRE(project["entries"].size() == 4);
  CHECK(project["entries"][1]["generation"] == 2);
  CHECK(project["entries"][1]["cause"] == "file");
  CHECK(project["entries"][1]["at"] == 120);
  CHECK(project["entries"][2]["generation"].is_null());
  CHECK(project["entries"][2]["refused"] == "devproxy.toml:7:1: unknown key");
  CHECK(project["entries"][3]["cause"] == "rollback");

  const std::string text = history_text(form, false);
  CAPTURE(text);
  CHECK(text.starts_with("shop, worktree fix-ui, /home/ann/shop/devproxy.toml\n\n*   1  "));
  CHECK_THAT(text,
             ContainsSubstring("  file changed\n                 ~ /api :4001 -> :4312\n    -  "));
  CHECK_THAT(text, ContainsSubstring("  SIGHUP: refused, nothing changed\n"
                                     "                 devproxy.toml:7:1: unknown key\n"));
  CHECK_THAT(text, ContainsSubstring("  devproxy rollback to 1\n"));
  CHECK(
      text.ends_with("generation 1 is in force, not the file: its next change, or devproxy "
                     "reload, takes it again\n"));

  const auto both = join_histories({form, form});
  REQUIRE(both);
  CHECK(parse_json(*both)["projects"].size() == 2);
  CHECK_FALSE(join_histories({"no JSON"}));
  CHECK(history_text("no JSON", false).empty());
}

TEST_CASE("history: what another version answers is shown as far as it is known", "[cli]") {
  const std::string text = history_text(
      R"({"projects":[{"project":7,"entries":[{"at":"?","words":"new cause","generation":3}]},{}]})",
      false);
  CHECK_THAT(text, ContainsSubstring("  3  ") && ContainsSubstring("new cause"));
}

TEST_CASE("history: a rollback tells what runs now", "[cli]") {
  ReloadReport report{{"~ /api :2 -> :1"}, std::chrono::microseconds(1500), 1, at(1), false,
                      Cause::rollback};
  const std::string form = rollback_form(report);
  const Json json = parse_json(form);
  CHECK(json["schema"] == "devproxy.rollback/v1");
  CHECK(json["generation"] == 1);
  CHECK(json["since"] == 60);
  CHECK(json["runs_file"] == false);
  CHECK_THAT(
      rollback_text(form, false),
      ContainsSubstring("runs generation 1 of ") &&
          ContainsSubstring(", not the file\n  its next change, or devproxy reload, takes it "
                            "again\n  ~ /api :2 -> :1\n"));
  report.is_file = true;
  report.changes.clear();
  CHECK(rollback_text(rollback_form(report), false)
            .ends_with(" now, as the file says\n  nothing became different\n"));
}

}  // namespace
}  // namespace devproxy
