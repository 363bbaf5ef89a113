// The generated files, as the systems' own readers see them.
#include "cli/setup/unit_files.h"

#include <filesystem>

#include "certs/command_runner.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

/// A path and a variable with everything that means something to systemd, XML or a shell.
Autostarted awkward() {
  Autostarted what;
  what.project = "shop";
  what.file = "/home/al ice/50% \"off\" & <more>/$HOME/devproxy.toml";
  what.program = DEVPROXY_BINARY;
  what.user = "alice@corp";
  what.uid = 1000;
  what.log = "/home/alice/log";
  what.environment = {{"PATH", "/opt/a b/bin:/usr/bin:/50%/bin"}};
  return what;
}

CommandResult run_words(const Words& words) {
  SystemRunner runner;
  const auto result = runner.run(words, {});
  INFO(shell_quoted(words));
  REQUIRE(result);
  return *result;
}

/// What systemd itself says of a unit; empty: nothing, or it is not here.
void check_by_systemd(const std::vector<std::string>& units) {
  if (!SystemRunner().find("systemd-analyze")) return;
  Words words{"systemd-analyze", "verify", "--man=no", "--recursive-errors=no"};
  words.insert(words.end(), units.begin(), units.end());
  const CommandResult result = run_words(words);
  // It may complain of other units of the machine.
  for (const std::string& unit : units) {
    const std::string name = std::filesystem::path(unit).filename().string();
    CHECK_THAT(result.errors + result.output, !ContainsSubstring(name + ":"));
  }
}

/// A value of a plist, as python reads it.
std::string of_plist(const std::string& file, const std::string& expression) {
  return run_words({"python3", "-c",
                    "import plistlib,sys; p=plistlib.load(open(sys.argv[1],'rb')); print(" +
                        expression + ",end='')",
                    file})
      .output;
}

}  // namespace

TEST_CASE("unit files: a user's unit is one that systemd reads", "[cli]") {
  const Autostarted what = awkward();
  const TempDir folder;
  const std::string text = user_unit(what);
  CHECK(is_ours(text));
  CHECK_THAT(text, ContainsSubstring("Type=notify\n"));
  CHECK_THAT(text, ContainsSubstring("ExecReload=/bin/kill -HUP $MAINPID\n"));
  CHECK_THAT(text, ContainsSubstring(" serve -c \"/home/al ice/50%% \\\"off\\\" & "
                                     "<more>/$$HOME/devproxy.toml\"\n"));
  CHECK_THAT(text, ContainsSubstring("Environment=\"PATH=/opt/a b/bin:/usr/bin:/50%%/bin\"\n"));
  check_by_systemd({folder.write(user_unit_name(what), text)});
}

TEST_CASE("unit files: a socket unit and its service are ones that systemd reads", "[cli]") {
  const Autostarted what = awkward();
  const TempDir folder;
  CHECK(socket_unit_name(what) == "devproxy-alice-corp.socket");
  const std::string socket = socket_unit(what, true);
  CHECK_THAT(socket, ContainsSubstring("ListenStream=127.0.0.1:80\nListenStream=[::1]:80\n"
                                       "ListenStream=127.0.0.1:443\nListenStream=[::1]:443\n"));
  CHECK_THAT(socket_unit(what, false), !ContainsSubstring("::1"));
  const std::string service = socket_service(what);
  CHECK_THAT(service, ContainsSubstring("\nUser=1000\n"));
  CHECK_THAT(service, ContainsSubstring("\nRequires=devproxy-alice-corp.socket "));
  check_by_systemd({folder.write(socket_unit_name(what), socket),
                    folder.write(socket_service_name(what), service)});
}

TEST_CASE("unit files: an agent is a property list", "[cli]") {
  const Autostarted what = awkward();
  const TempDir folder;
  const std::string file = folder.write("agent.plist", launch_agent(what, true));
  CHECK(is_ours(launch_agent(what, false)));
  CHECK(of_plist(file, "p['Label']") == "dev.devproxy.shop");
  CHECK(of_plist(file, "'|'.join(p['ProgramArguments'])") ==
        what.program + "|serve|-c|" + what.file);
  CHECK(of_plist(file, "p['EnvironmentVariables']['PATH']") == what.environment[0].second);
  CHECK(of_plist(file,
                 "' '.join(s['SockNodeName']+' '+s['SockServiceName']+' '+s['SockFamily'] for s in "
                 "p['Sockets']['Listeners'])") ==
        "127.0.0.1 80 IPv4 ::1 80 IPv6 127.0.0.1 443 IPv4 ::1 443 IPv6");
  const std::string plain = folder.write("plain.plist", launch_agent(what, false));
  CHECK(of_plist(plain, "'Sockets' in p") == "False");
}

}  // namespace devproxy
