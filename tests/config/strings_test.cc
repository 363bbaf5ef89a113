#include "config/env_file.h"
#include "tests/config/temp_project.h"

namespace devproxy {
namespace {

std::string host_for(TempProject& project, const std::string& host) {
  project.write("devproxy.toml", "[services.web]\nport = 3000\nhost = '" + host + "'\n");
  return project.config().routes.at(0).hosts.at(0);
}

TEST_CASE("strings: variables come from the environment, then from .env", "[config]") {
  TempProject project;
  project.environment = {{"NAME", "outside"}, {"EMPTY", ""}};
  project.write(".env", "NAME=inside\nONLY=file\nexport QUOTED='a.b'\n");
  CHECK(host_for(project, "${NAME}.localhost") == "outside.localhost");
  CHECK(host_for(project, "${ONLY}.localhost") == "file.localhost");
  CHECK(host_for(project, "${QUOTED}.localhost") == "a.b.localhost");
  CHECK(host_for(project, "${ONLY}-${NAME}") == "file-outside");
  CHECK(host_for(project, "${NOTHING:-fallback}.localhost") == "fallback.localhost");
  CHECK(host_for(project, "${EMPTY:-fallback}.localhost") == "fallback.localhost");
  CHECK(host_for(project, "x${EMPTY}.localhost") == "x.localhost");
  CHECK(host_for(project, "x${NOTHING:-}.localhost") == "x.localhost");
}

TEST_CASE("strings: a dollar alone, or two, is a dollar", "[config]") {
  TempProject project;
  project.environment["NAME"] = "x";
  project.write("devproxy.toml", R"(
[services.web]
port = 3000
headers = { a = "$NAME", b = "$${NAME}", c = "5$$", d = "$" }
)");
  const auto headers = project.config().routes.at(0).headers;
  CHECK(headers.at(0).second == "$NAME");
  CHECK(headers.at(1).second == "${NAME}");
  CHECK(headers.at(2).second == "5$");
  CHECK(headers.at(3).second == "$");
}

TEST_CASE("strings: a value is not expanded again", "[config]") {
  TempProject project;
  project.environment = {{"A", "${B}"}, {"B", "x"}};
  project.write("devproxy.toml", "[services.web]\nport = 3000\nheaders = { a = \"${A}\" }\n");
  CHECK(project.config().routes.at(0).headers.at(0).second == "${B}");
}

TEST_CASE("strings: numbers and booleans may come from variables", "[config]") {
  TempProject project;
  project.environment = {{"PORT", "4000"}, {"ON", "false"}};
  project.write("devproxy.toml", R"(
[services.web]
port = "${PORT}"
strip_prefix = "${STRIP:-true}"
hold = "${HOLD:-2s}"
[services.off]
port = 1
enabled = "${ON}"
[proxy]
access_log = "${LOG:-false}"
)");
  const Config config = project.config();
  CHECK(std::get<PortTarget>(config.services.at(0).target).port == 4000);
  CHECK(config.services.size() == 1);
  CHECK(config.routes.at(0).strip_prefix);
  CHECK(config.routes.at(0).hold == Milliseconds(2000));
  CHECK(config.proxy.access_log == AccessLogMode::off);
}

TEST_CASE("strings: variables work in include", "[config]") {
  TempProject project;
  project.environment["STAGE"] = "dev";
  project.write("dev.toml", "[services.web]\nport = 1\n");
  project.write("devproxy.toml", "include = [\"${STAGE}.toml\"]\n");
  CHECK(project.config().services.size() == 1);
}

TEST_CASE("strings: an overridden string need not expand", "[config]") {
  const TempProject project;
  project.write("devproxy.toml", "[services.web]\nurl = \"http://${REMOTE}\"\n");
  project.write("devproxy.local.toml", "[services.web]\nport = 3000\n");
  CHECK(project.problems().empty());
}

TEST_CASE("strings: placeholders", "[config]") {
  const TempProject project;
  project.write(".git/HEAD", "");
  project.write("devproxy.toml", R"(
name = "store"
[services.web]
host = "{service}.{project}.{worktree}.localhost"
port = 3000
path = "/p{port}"
[services.api]
url = "http://127.0.0.1:{services.web.port}"
[services.old]
redirect = "http://example.com:{services.web.port}/{service}"
[[routes]]
service = "web"
host = "r{port}.{service}.localhost"
)");
  const Config config = project.config();
  CHECK(config.routes.at(0).hosts.at(0) == "web.store.shop.localhost");
  CHECK(config.routes.at(0).path == "/p3000");
  CHECK(std::get<UrlTarget>(config.services.at(1).target).port == 3000);
  CHECK(std::get<RedirectTarget>(config.services.at(2).target).to == "http://example.com:3000/old");
  CHECK(config.routes.at(3).hosts.at(0) == "r3000.web.localhost");
}

TEST_CASE("env file: the rules of dotenv", "[config]") {
  const EnvFile file = parse_env_file(
      "\xEF\xBB\xBF"
      "PLAIN=value\r\n"
      "\n"
      "# a comment\n"
      "  SPACED = some words  # and a comment\n"
      "export EXPORTED=yes\n"
      "HASH=a#b\n"
      "EMPTY=\n"
      "COMMENTED=# nothing\n"
      "SINGLE='a \\n $X \"b\" # c'\n"
      "DOUBLE=\"a\\n\\t\\\"b\\\" \\\\ \\$X \\q\" # comment\n"
      "LINES=\"one\n"
      "two\"\n"
      "TWICE=first\n"
      "TWICE=second\n"
      "export=named\n"
      "LAST=end");
  CHECK(file.faults.empty());
  const std::unordered_map<std::string, std::string> expected = {{"PLAIN", "value"},
                                                                 {"SPACED", "some words"},
                                                                 {"EXPORTED", "yes"},
                                                                 {"HASH", "a#b"},
                                                                 {"EMPTY", ""},
                                                                 {"COMMENTED", ""},
                                                                 {"SINGLE", "a \\n $X \"b\" # c"},
                                                                 {"DOUBLE", "a\n\t\"b\" \\ $X \\q"},
                                                                 {"LINES", "one\ntwo"},
                                                                 {"TWICE", "second"},
                                                                 {"export", "named"},
                                                                 {"LAST", "end"}};
  CHECK(file.values == expected);
}

TEST_CASE("env file: bad lines are named when a variable is not found", "[config]") {
  TempProject project;
  project.write(".env", "GOOD=x\nBAD LINE\n2ND=y\nOPEN=\"never\n");
  CHECK(host_for(project, "${GOOD}.localhost") == "x.localhost");

  project.write("devproxy.toml", "[services.web]\nport = 3000\nhost = \"${OTHER}\"\n");
  CHECK(project.problems() ==
        R"(devproxy.toml:3:9: OTHER is not set, neither in the environment nor in .env
  3 | host = "${OTHER}"
    |         ^^^^^^^^
    = hint: set it, or write ${OTHER:-default}
.env:2:5: expected NAME=value
  2 | BAD LINE
    |     ^
    = hint: write NAME=value, NAME="value" or # and a comment
.env:3:4: "2ND" is not the name of a variable
  3 | 2ND=y
    |    ^
    = hint: write NAME=value, NAME="value" or # and a comment
.env:4:6: this quote is never closed
  4 | OPEN="never
    |      ^
    = hint: write NAME=value, NAME="value" or # and a comment
)");
}

}  // namespace
}  // namespace devproxy
