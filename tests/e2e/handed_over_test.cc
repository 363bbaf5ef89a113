// What a supervisor hands over: listening sockets, and a place to report to (issue 5, "Ports 80 and
// 443", "Autostart").
#include <signal.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/json.h"
#include "tests/support/edge.h"

namespace devproxy {
namespace {

using Variables = std::vector<std::pair<std::string, std::string>>;

/// A devproxy that was given bound sockets.
class Handed {
 public:
  Handed(const std::string& routes, int count, const Variables& more = {}) {
    Command command;
    command.arguments = {"/usr/bin/env",
                         "python3",
                         std::string(DEVPROXY_SOURCE_DIR) + "/tests/e2e/hand_over.py",
                         DEVPROXY_BINARY,
                         folder.path(),
                         std::to_string(count),
                         routes};
    command.folder = folder.path();
    for (const char* name : {"HOME", "XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"})
      command.environment.emplace_back(name, folder.path());
    command.environment.insert(command.environment.end(), more.begin(), more.end());
    process = std::make_unique<Process>(command);
  }

  std::vector<std::uint16_t> wait_for_ports() {
    const auto event = parse_json(process->wait_for_line(
        [](const std::string& line) { return line.find("\"listening\"") != std::string::npos; }));
    std::vector<std::uint16_t> ports;
    for (const auto& listener : event["listeners"]) {
      const auto address = listener.get<std::string>();
      ports.push_back(
          static_cast<std::uint16_t>(std::stoul(address.substr(address.rfind(':') + 1))));
    }
    return ports;
  }

  TempDir folder;
  std::unique_ptr<Process> process;
};

/// The datagrams that devproxy sends to its supervisor.
class Reports final {
 public:
  explicit Reports(const std::string& path) : descriptor_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::copy(path.begin(), path.end(), address.sun_path);
    REQUIRE(::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
    const timeval limit{20, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  }
  ~Reports() { ::close(descriptor_); }
  Reports(const Reports&) = delete;
  Reports& operator=(const Reports&) = delete;

  /// The first line of the next one.
  std::string next() const {
    std::array<char, 256> text{};
    const ssize_t count = ::recv(descriptor_, text.data(), text.size(), 0);
    if (count < 0) return "nothing";
    const std::string all(text.data(), static_cast<std::size_t>(count));
    return all.substr(0, all.find('\n'));
  }

 private:
  int descriptor_;
};

}  // namespace

TEST_CASE("handed over: inherited sockets are listened on, and a reload keeps them",
          "[e2e][message]") {
  FakeUpstream web(FakeUpstream::always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  Handed handed("[services.web]\nhost = \"web.localhost\"\n" + web.target() + "\n", 2);
  const auto ports = handed.wait_for_ports();
  REQUIRE(ports.size() == 2);
  for (const std::uint16_t port : ports)
    CHECK(RawClient(port).ask(get("web.localhost")).body == "ok");
  const std::size_t from = handed.process->lines();
  handed.process->signal(SIGHUP);
  handed.process->wait_for_line(
      [](const std::string& line) { return line.find("\"reload\"") != std::string::npos; }, from);
  CHECK(RawClient(ports[1]).ask(get("web.localhost")).body == "ok");
  handed.process->signal(SIGTERM);
  CHECK(handed.process->wait().code == 0);
}

TEST_CASE("handed over: one that the file does not name is said to be of no use", "[e2e]") {
  Handed handed("[proxy]\nlisten = \"127.0.0.1:0\"\n", 1);
  const std::string line = handed.process->wait_for_error_line([](const std::string& text) {
    return text.find("nobody accepts on 127.0.0.1:") != std::string::npos;
  });
  CHECK_THAT(line, ContainsSubstring("listen under [proxy] does not name it"));
  CHECK(handed.wait_for_ports().size() == 1);
}

TEST_CASE("handed over: a supervisor hears of ready, reloading and stopping; services hear nothing",
          "[e2e]") {
  const TempDir folder;
  const Reports reports(folder.file("notify"));
  Handed handed(
      "[services.web]\ncommand = \"env; echo all of it; exec sleep 600\"\n"
      "ready = { log = \"all of it\" }\n",
      1, {{"NOTIFY_SOCKET", folder.file("notify")}});
  CHECK(reports.next() == "READY=1");
  handed.process->wait_for_line(
      [](const std::string& line) { return line.find("\"all of it\"") != std::string::npos; });
  const std::string seen = handed.process->output();
  CHECK_THAT(seen, ContainsSubstring("\"DEVPROXY_SERVICE=web\""));
  for (const char* const name : {"LISTEN_", "NOTIFY_"}) CHECK_THAT(seen, !ContainsSubstring(name));
  handed.process->signal(SIGHUP);
  CHECK(reports.next() == "RELOADING=1");
  CHECK(reports.next() == "READY=1");
  handed.process->signal(SIGTERM);
  CHECK(reports.next() == "STOPPING=1");
  CHECK(handed.process->wait().code == 0);
}

}  // namespace devproxy
