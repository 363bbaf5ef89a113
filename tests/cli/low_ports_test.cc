// What is remembered of ports 80 and 443, what follows from it, and what is said without them.
#include "cli/project/low_ports.h"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cli/attach/not_listening.h"
#include "cli/never_root.h"
#include "tests/support/temp_dir.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

ReadEnvironment nothing_is_set() {
  return [](const char*) { return std::optional<std::string>(); };
}

}  // namespace

TEST_CASE("low ports: what is remembered comes back whole, and can be forgotten", "[cli]") {
  const TempDir folder;
  const std::string state = folder.file("state");
  CHECK_FALSE(remembered_low_ports(state));
  REQUIRE(remember_low_ports(state,
                             {LowPortsWay::sysctl, 512, {"/etc/a file.conf", "/etc/other.conf"}}));
  const auto ports = remembered_low_ports(state);
  REQUIRE(ports);
  CHECK(ports->way == LowPortsWay::sysctl);
  CHECK(ports->first_before == 512);
  CHECK(ports->files == std::vector<std::string>{"/etc/a file.conf", "/etc/other.conf"});
  forget_low_ports(state);
  CHECK_FALSE(remembered_low_ports(state));
}

TEST_CASE("low ports: a note that a later version wrote is read as far as it goes", "[cli]") {
  const TempDir folder;
  folder.write("low-ports", "way teleport\nbefore 99999\nfuture x\n\n");
  const auto ports = remembered_low_ports(folder.path());
  REQUIRE(ports);
  CHECK(ports->way == LowPortsWay::bind);
  CHECK(ports->first_before == 1024);
}

TEST_CASE("low ports: 80 and 443 on both families, each one to go without", "[cli]") {
  const auto listeners = low_listeners();
  REQUIRE(listeners.size() == 4);
  for (const ListenAddress& address : listeners) {
    CHECK(address.is_default);
    CHECK(address.is_extra);
    CHECK((address.port == 80 || address.port == 443));
  }
}

TEST_CASE("low ports: what was inherited is a default listener that must work", "[cli]") {
  LoadRequest request;
  add_more_listeners(request, {{"127.0.0.1", 8443, 5}});
  const auto listeners = request.more_listeners();
  REQUIRE_FALSE(listeners.empty());
  CHECK(listeners[0].port == 8443);
  CHECK(listeners[0].is_default);
  CHECK_FALSE(listeners[0].is_extra);
}

TEST_CASE("not listening: one line names who is there, once for all its addresses", "[cli]") {
  CHECK(not_listening_text({}).empty());
  const int socket = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(socket, 1) == 0);
  socklen_t size = sizeof address;
  ::getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size);
  const std::uint16_t port = ntohs(address.sin_port);
  const NotListening taken{"127.0.0.1", port, Code::taken};
  const std::string text = not_listening_text({taken, taken, {"127.0.0.1", 443, Code::denied}});
  ::close(socket);
  const std::string place = "127.0.0.1:" + std::to_string(port);
  CHECK(text.starts_with(place + ", " + place + " is taken by "));
  CHECK_THAT(text, ContainsSubstring("pid " + std::to_string(::getpid())));
  CHECK_THAT(text,
             ContainsSubstring("; 127.0.0.1:443 needs a permission that devproxy setup gets"));
}

TEST_CASE("never root: a container is known by what its engine leaves there", "[cli]") {
  const TempDir machine;
  machine.write("proc/1/cgroup", "0::/init.scope\n");
  CHECK_FALSE(in_container(nothing_is_set(), machine.path()));
  CHECK(in_container(
      [](const char* name) {
        return std::string_view(name) == "container" ? std::optional<std::string>("podman")
                                                     : std::nullopt;
      },
      machine.path()));
  machine.write("proc/1/cgroup", "0::/kubepods/pod1\n");
  CHECK(in_container(nothing_is_set(), machine.path()));
  machine.write("proc/1/cgroup", "0::/\n");
  machine.write(".dockerenv", "");
  CHECK(in_container(nothing_is_set(), machine.path()));
}

}  // namespace devproxy
