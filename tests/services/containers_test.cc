#include "services/containers.h"

#include <sys/socket.h>

#include <thread>

#include "tests/support/sockets.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
using Catch::Matchers::StartsWith;

namespace {

/// As Docker 28 answers, shortened.
constexpr const char* listed = R"json([
 {"Id": "0123456789abcdef", "Names": ["/shop-db-1"],
  "Labels": {"com.docker.compose.service": "db"},
  "Ports": [{"IP": "0.0.0.0", "PrivatePort": 5432, "PublicPort": 49153, "Type": "tcp"},
            {"IP": "::", "PrivatePort": 5432, "PublicPort": 49153, "Type": "tcp"},
            {"PrivatePort": 6000, "Type": "tcp"}]},
 {"Id": "fedcba9876543210", "Names": ["/web"], "Labels": null,
  "Ports": [{"IP": "127.0.0.1", "PrivatePort": 8080, "PublicPort": 49160, "Type": "tcp"},
            {"IP": "127.0.0.1", "PrivatePort": 80, "PublicPort": 49170, "Type": "tcp"},
            {"IP": "127.0.0.1", "PrivatePort": 53, "PublicPort": 49180, "Type": "udp"},
            {"IP": "192.168.1.7", "PrivatePort": 22, "PublicPort": 49190, "Type": "tcp"}]},
 {"Id": "aaaa", "Names": ["/silent"], "Ports": []}, 5])json";

FollowTarget container(std::string name, std::uint16_t port = 0) {
  FollowTarget rule;
  rule.container = std::move(name);
  rule.port = port;
  return rule;
}

TEST_CASE("containers: the published port is found by name, id and compose service", "[services]") {
  const auto containers = parse_containers(listed);
  REQUIRE(containers.has_value());
  for (const char* name : {"shop-db-1", "db", "01234567"}) {
    CAPTURE(name);
    const auto found = find_container(container(name), containers);
    REQUIRE(found.has_value());
    CHECK(found->place == LoopbackPlace{49153, true, true, false});
    CHECK(found->owner == "container shop-db-1");
    CHECK(found->reason.empty());
  }
  const auto lowest = find_container(container("web"), containers);
  REQUIRE(lowest.has_value());
  CHECK(lowest->place == LoopbackPlace{49170, true, false, false});
  CHECK(lowest->reason == "80 inside is its lowest; port in follow says otherwise");
  CHECK(find_container(container("web", 8080), containers)->place.port == 49160);
}

TEST_CASE("containers: what is not there is said", "[services]") {
  const auto containers = parse_containers(listed);
  struct Row {
    FollowTarget rule;
    const char* why;
  };
  const Row rows[] = {
      {container("nobody"), "no running container is called nobody"},
      {container("silent"), "the container silent publishes no TCP port on loopback"},
      {container("web", 22), "the container web does not publish its port 22 on loopback"},
  };
  for (const Row& row : rows) {
    const auto found = find_container(row.rule, containers);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().detail == row.why);
  }
  CHECK_FALSE(parse_containers("{\"message\": \"no\"}").has_value());
  CHECK_FALSE(parse_containers("").has_value());
}

TEST_CASE("containers: DOCKER_HOST is believed where it is a path", "[services]") {
  const auto with = [](std::string host, std::string runtime) {
    return engine_sockets([=](const std::string& name) {
      const std::string& value = name == "DOCKER_HOST" ? host : runtime;
      return value.empty() ? std::nullopt : std::optional(value);
    });
  };
  CHECK(with("unix:///x/d.sock", "/run/u").paths == std::vector<std::string>{"/x/d.sock"});
  CHECK(with("", "/run/u").paths ==
        std::vector<std::string>{"/var/run/docker.sock", "/run/u/docker.sock",
                                 "/run/u/podman/podman.sock", "/run/podman/podman.sock"});
  const EngineSockets remote = with("tcp://1.2.3.4:2375", "");
  CHECK(remote.paths.empty());
  const auto answer = ask_containers(remote);
  REQUIRE_FALSE(answer.has_value());
  CHECK_THAT(answer.error().detail, ContainsSubstring("only unix://"));
}

TEST_CASE("containers: an engine is asked over its socket", "[services]") {
  const TempDir folder;
  const std::string path = folder.file("engine.sock");
  const Descriptor listening = listen_on_path(path);
  std::string question;
  std::thread engine([&] {
    const Descriptor client(::accept(listening.fd(), nullptr, nullptr));
    char block[4096];
    while (question.find("\r\n\r\n") == std::string::npos) {
      const ssize_t size = ::recv(client.fd(), block, sizeof block, 0);
      if (size <= 0) return;
      question.append(block, static_cast<std::size_t>(size));
    }
    const std::string answer =
        std::string("HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n") + listed;
    ::send(client.fd(), answer.data(), answer.size(), MSG_NOSIGNAL);
  });
  const auto containers = ask_containers({{folder.file("none.sock"), path}, ""});
  engine.join();
  CHECK_THAT(question, StartsWith("GET /containers/json HTTP/1.0\r\n"));
  REQUIRE(containers.has_value());
  CHECK(containers->size() == 3);

  const auto nobody = ask_containers({{folder.file("none.sock")}, ""});
  REQUIRE_FALSE(nobody.has_value());
  CHECK(nobody.error().code == Code::missing);
  CHECK_THAT(nobody.error().detail, StartsWith("no container engine answers at "));
}

}  // namespace
}  // namespace devproxy
