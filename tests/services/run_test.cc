// `devproxy run`: one command without a file.
#include <csignal>

#include "base/signal_names.h"
#include "tests/services/program.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

/// A folder whose file names the listener of `proxy`, so that no fixed port is needed.
class RunFolder {
 public:
  explicit RunFolder(const ServicesProxy& proxy) : proxy_(proxy) {
    folder_.write("devproxy.toml", "name = \"app\"\n[proxy]\nlisten = \"127.0.0.1:" +
                                       std::to_string(proxy.port()) + "\"\n");
  }
  Command command(std::vector<std::string> words) const {
    Command command = proxy_.command(std::move(words));
    command.folder = folder_.path();
    return command;
  }
  Finished run(std::vector<std::string> words) const {
    return devproxy::run(command(std::move(words)));
  }

 private:
  const ServicesProxy& proxy_;
  TempDir folder_;
};

constexpr const char* redirect_file =
    "[services.r]\nhost = \"r.localhost\"\nredirect = \"https://x.example\"\n";

TEST_CASE("run: the exit code is the command's", "[services]") {
  ServicesProxy proxy(redirect_file);
  const RunFolder folder(proxy);
  const Finished three = folder.run({"run", "--", "sh", "-c", "echo out; echo err >&2; exit 3"});
  CHECK(three.exit.code == 3);
  CHECK(three.output == "out\n");
  CHECK_THAT(three.errors, ContainsSubstring("err\n"));
  CHECK_THAT(three.errors, ContainsSubstring("devproxy: https://app.localhost:"));
  CHECK(folder.run({"run", "--", "true"}).exit.code == 0);
  CHECK(folder.run({"run", "--", "sh", "-c", "kill -KILL $$"}).exit.code == 137);
  const Finished missing = folder.run({"run", "--", "/no/such/program"});
  CHECK(missing.exit.code == 127);
  CHECK_THAT(missing.errors, ContainsSubstring("/no/such/program"));
}

TEST_CASE("run: on a terminal the command has it, is stopped and goes on as a job", "[services]") {
  ServicesProxy proxy(redirect_file);
  const RunFolder folder(proxy);
  Command shell = folder.command({});
  shell.arguments = {"/usr/bin/env", "python3",
                     std::string(DEVPROXY_SOURCE_DIR) + "/tests/services/job_control.py",
                     DEVPROXY_BINARY};
  const Finished done = devproxy::run(shell);
  INFO(done.output << done.errors);
  CHECK(done.exit.code == 0);
}

TEST_CASE("run: wrong usage says what to write", "[services]") {
  ServicesProxy proxy(redirect_file);
  const RunFolder folder(proxy);
  const Finished none = folder.run({"run"});
  CHECK(none.exit.code == 2);
  CHECK_THAT(none.errors, ContainsSubstring("devproxy run -- npm run dev"));
  const Finished bare = folder.run({"run", "npm", "start"});
  CHECK(bare.exit.code == 2);
  CHECK_THAT(bare.errors, ContainsSubstring("devproxy run -- npm"));
  const Finished name = folder.run({"run", "--name", "My App", "--", "true"});
  CHECK(name.exit.code == 2);
  CHECK_THAT(name.errors, ContainsSubstring("--name my-app"));
}

TEST_CASE("run: the command has a port, and its URL leads there", "[services]") {
  ServicesProxy proxy(redirect_file);
  const RunFolder folder(proxy);
  Process process(
      folder.command({"run", "--name", "api", "--", "python3", "-u", "-m", "http.server"}));
  const auto ask = [&] {
    return proxy.ask("GET / HTTP/1.1\r\nHost: api.app.localhost\r\nConnection: close\r\n\r\n")
        .status();
  };
  process.wait_for_line([](const std::string& line) { return line.find("Serving") == 0; });
  CHECK(ask() == 200);
  // A second one of that name is refused, another name is not.
  const Finished again = folder.run({"run", "--name", "api", "--", "true"});
  CHECK(again.exit.code == 4);
  CHECK_THAT(again.errors, ContainsSubstring("api.app.localhost"));
  CHECK_THAT(again.errors, ContainsSubstring("devproxy run, pid " + std::to_string(process.pid())));
  CHECK(folder.run({"run", "--name", "other", "--", "true"}).exit.code == 0);
  process.signal(SIGINT);
  process.wait();
  wait_until([&] { return ask() == 404; });
}

TEST_CASE("run: without another devproxy it listens itself", "[services]") {
  ServicesProxy proxy(redirect_file);
  const RunFolder folder(proxy);
  const std::string host = "GET / HTTP/1.1\r\nHost: app.localhost\r\nConnection: close\r\n\r\n";
  proxy.stop();
  Process process(folder.command({"run", "--", "python3", "-u", "-m", "http.server"}));
  process.wait_for_line([](const std::string& line) { return line.find("Serving") == 0; });
  CHECK(proxy.ask(host).status() == 200);
  process.signal(SIGTERM);
  const Exit exit = process.wait();
  CHECK(exit.signal == 0);
}

TEST_CASE("run: a signal right behind the first line is obeyed like a later one", "[services]") {
  ServicesProxy proxy(redirect_file);
  const RunFolder folder(proxy);
  for (int i = 0; i < 4; ++i) {
    Process runs(folder.command({"run", "--", "sleep", "1000"}));
    runs.wait_for_error_line([](const std::string&) { return true; });
    runs.signal(SIGTERM);
    CHECK(runs.wait().code == 143);
  }
}

TEST_CASE("run: its command gets the signal that it got itself", "[services]") {
  ServicesProxy proxy(redirect_file);
  const RunFolder folder(proxy);
  const int number = GENERATE(SIGINT, SIGTERM, SIGHUP);
  const std::string name = signal_name(number);
  CAPTURE(name);
  const std::string program =
      "import os, signal, sys\n"
      // print() of the line below may not be over yet.
      "def told(number, frame):\n"
      "    os.write(1, (signal.Signals(number).name + '\\n').encode())\n"
      "    sys.exit(3)\n"
      "for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP): signal.signal(number, told)\n"
      "print('waits', flush=True)\n"
      "while True: signal.pause()\n";
  Process process(folder.command({"run", "--", "python3", "-c", program}));
  process.wait_for_line([](const std::string& line) { return line == "waits"; });
  process.signal(number);
  process.wait_for_line([&name](const std::string& line) { return line == name; });
  CHECK(process.wait().code == 3);
}

}  // namespace
}  // namespace devproxy
