#include "tests/config/temp_project.h"

namespace devproxy {
namespace {

namespace fs = std::filesystem;

TEST_CASE("search: upwards to the first devproxy.toml", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", "name = \"outer\"\n");
  project.write("services/api/src/main.js", "");
  LoadRequest request = project.request();
  request.working_directory = project.path("services/api/src");
  LoadOutcome outcome = load(request);
  REQUIRE(outcome.result);
  CHECK(outcome.result->project == "outer");
  CHECK(outcome.result->root == project.folder());

  project.write("services/devproxy.toml", "name = \"inner\"\n");
  outcome = load(request);
  REQUIRE(outcome.result);
  CHECK(outcome.result->project == "inner");
}

TEST_CASE("search: ends at the root of the git work tree", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", "");
  const bool linked = GENERATE(false, true);
  if (linked) {
    project.write("repo/.git", "gitdir: elsewhere\n");
  } else {
    project.write("repo/.git/HEAD", "");
  }
  project.write("repo/src/main.js", "");
  LoadRequest request = project.request();
  request.working_directory = project.path("repo/src");
  const LoadOutcome outcome = load(request);
  REQUIRE_FALSE(outcome.result);
  const Problem& problem = outcome.result.error().at(0);
  CHECK(problem.code == "config.missing");
  CHECK(problem.message == "there is no devproxy.toml in " + project.path("repo/src") +
                               " or in the folders above it, up to " + project.path("repo") +
                               ", the root of the git repository");
  CHECK(outcome.files == std::vector<std::string>{project.path("repo/src/devproxy.toml"),
                                                  project.path("repo/devproxy.toml")});
}

TEST_CASE("search: a git root may hold the file itself", "[config]") {
  const TempProject project;
  project.write(".git/HEAD", "");
  project.write("devproxy.toml", "");
  project.write("src/main.js", "");
  LoadRequest request = project.request();
  request.working_directory = project.path("src");
  CHECK(load(request).result.has_value());
}

TEST_CASE("search: not for a file that is named", "[config]") {
  TempProject project;
  project.write("devproxy.toml", "name = \"found\"\n");
  project.write("other/proxy.toml", "name = \"named\"\n");
  project.write("other/devproxy.local.toml", "[services.web]\nport = 1\n");
  project.write("env.toml", "name = \"variable\"\n");

  LoadRequest request = project.request();
  request.file = "other/proxy.toml";
  LoadOutcome outcome = load(request);
  REQUIRE(outcome.result);
  CHECK(outcome.result->project == "named");
  CHECK(outcome.result->root == project.path("other"));
  CHECK(outcome.result->services.size() == 1);

  request.file = project.path("other/../env.toml");
  outcome = load(request);
  REQUIRE(outcome.result);
  CHECK(outcome.result->file == project.path("env.toml"));

  project.environment["DEVPROXY_CONFIG"] = "env.toml";
  CHECK(project.config().project == "variable");
  project.environment["DEVPROXY_CONFIG"] = "";
  CHECK(project.config().project == "found");
}

TEST_CASE("search: a named file that cannot be read", "[config]") {
  const TempProject project;
  LoadRequest request = project.request();
  request.file = "nothing.toml";
  LoadOutcome outcome = load(request);
  CHECK(TempProject::rendered(outcome) ==
        "nothing.toml: cannot be read: there is no such file\n"
        "   = hint: name another file with --config, or run: devproxy init\n");
  CHECK(outcome.files.at(0) == project.path("nothing.toml"));

  request.file = ".";
  outcome = load(request);
  CHECK_THAT(TempProject::rendered(outcome), ContainsSubstring("cannot be read: it is a folder"));
}

TEST_CASE("search: positions are printed relative where that is shorter", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", "x = 1\n");
  project.write("a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z/file", "");
  LoadRequest request = project.request();
  request.working_directory = project.path("a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r/s/t/u/v/w/x/y/z");
  LoadOutcome outcome = load(request);
  REQUIRE_FALSE(outcome.result);
  CHECK(outcome.result.error().at(0).at.file == project.path("devproxy.toml"));

  request.working_directory = project.path("a");
  outcome = load(request);
  REQUIRE_FALSE(outcome.result);
  CHECK(outcome.result.error().at(0).at.file == "../devproxy.toml");
}

TEST_CASE("search: the folder's name becomes a label", "[config]") {
  struct Row {
    const char* folder;
    const char* project;
  };
  const auto row = GENERATE(Row{"My Shop_2", "my-shop-2"}, Row{"--x--", "x"},
                            Row{"\xE6\x9D\xB1", "project"}, Row{"a.b", "a-b"});
  const TempProject project;
  const std::string file = std::string(row.folder) + "/devproxy.toml";
  project.write(file, "");
  LoadRequest request = project.request();
  request.file = file;
  const LoadOutcome outcome = load(request);
  REQUIRE(outcome.result);
  CHECK(outcome.result->project == row.project);
}

}  // namespace
}  // namespace devproxy
