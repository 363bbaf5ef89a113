// Many services, and one that prints without end.
#include <filesystem>

#include "services/log_file.h"
#include "tests/services/program.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

using Clock = std::chrono::steady_clock;

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Each line costs ten times as much under a sanitizer.
constexpr int megabytes = 20;
constexpr std::size_t most_memory = std::size_t{250} << 20U;
#else
constexpr int megabytes = 100;
constexpr std::size_t most_memory = std::size_t{48} << 20U;
#endif

/// Only a failing test waits so long.
constexpr std::chrono::milliseconds long_patience{180'000};

TEST_CASE("load: one that prints 100 MB costs neither memory nor disk nor anybody's turn",
          "[services][soak]") {
  ServicesProxy project("");
  project.stop();
  // Then it answers, so that its end can be waited for.
  project.write_config(project.config_text(
      R"toml(
[services.loud]
command = "head -c )toml" +
      std::to_string(megabytes) +
      R"toml(000000 /dev/zero | tr '\\0' x | fold -w 99; exec python3 -m http.server {port} --bind 127.0.0.1"
[services.calm]
command = ["node", "-e", "require('http').createServer((q, s) => s.end('calm')).listen(process.env.PORT, process.env.HOST)"]
)toml"));
  Command command = project.command({"serve"});
  // What ASan keeps of freed memory is not devproxy's.
  command.environment.emplace_back("ASAN_OPTIONS", "quarantine_size_mb=1");
  command.arguments = {"/bin/sh", "-c", "exec \"$0\" serve > out", DEVPROXY_BINARY};
  Process serve(command);
  const Finished calm =
      run(project.command({"wait", "calm", "--timeout", "2m"}), WaitLimit(long_patience));
  INFO(calm.errors);
  REQUIRE(calm.exit.code == 0);
  const Json status = parse_json(project.run({"status", "--json"}).output);
  REQUIRE(status["proxies"].size() == 1);
  const std::uint16_t port = status["proxies"][0]["listeners"][0]["port"];
  std::size_t most = 0;
  std::chrono::milliseconds longest{0};
  Process waiting(project.command({"wait", "loud", "--timeout", "3m"}));
  int asked = 0;
  for (; waiting.is_running(); ++asked) {
    const auto began = Clock::now();
    REQUIRE(RawClient(port).ask(get("calm.t.localhost")).body == "calm");
    longest = std::max(longest,
                       std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - began));
    most = std::max(most, serve.resident_bytes());
  }
  CHECK(waiting.wait(WaitLimit(long_patience)).code == 0);
  INFO(megabytes << " MB: " << asked << " requests beside it, the slowest " << longest.count()
                 << " ms; " << most / 1024 << " KiB resident at most");
  CHECK(asked > 10);
  // Were it all read first, they would wait for all of it.
  CHECK(longest < std::chrono::seconds(10));
  CHECK(most < most_memory);
  std::size_t kept = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(project.folder().file("devproxy/logs"))) {
    if (entry.is_regular_file()) kept += entry.file_size();
  }
  CHECK(kept > LogFile::most_bytes);
  CHECK(kept < 3 * LogFile::most_bytes);
  CHECK_THAT(project.run({"logs", "loud", "-n", "1"}).output, ContainsSubstring("loud | xxxx"));
}

TEST_CASE("load: fifty servers start, are shown and stop", "[services][soak]") {
  std::string routes;
  for (int i = 0; i < 50; ++i) {
    routes += "[services.s" + std::to_string(i) + "]\n" +
              "command = [\"python3\", \"-S\", \"-E\", \"server.py\"]\n";
  }
  ServicesProxy proxy("");
  proxy.folder().write("server.py", R"py(
import os, socket
server = socket.create_server((os.environ["HOST"], int(os.environ["PORT"])))
while True:
    client = server.accept()[0]
    client.recv(65536)
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
    client.close()
)py");
  const auto began = Clock::now();
  const auto passed = [](Clock::time_point since) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - since).count();
  };
  proxy.reload(routes);
  const Finished waited = run(proxy.command({"wait", "--timeout", "2m"}), WaitLimit(long_patience));
  INFO(waited.errors);
  REQUIRE(waited.exit.code == 0);
  const auto started = passed(began);
  for (int i = 0; i < 50; ++i) CHECK(proxy.get("s" + std::to_string(i)) == "ok");
  const auto asked = Clock::now();
  const Json status = parse_json(proxy.run({"status", "--json"}).output);
  const auto shown = passed(asked);
  CHECK(status["proxies"][0]["services"].size() == 50);
  for (const Json& service : status["proxies"][0]["services"]) CHECK(service["reachable"] == true);
  const auto told = Clock::now();
  const Exit end = proxy.stop();
  INFO("fifty servers: ready after " << started << " ms, status in " << shown
                                     << " ms, stopped after " << passed(told) << " ms");
  CHECK(end.code == 0);
  wait_until_gone(proxy.folder());
}

}  // namespace
}  // namespace devproxy
