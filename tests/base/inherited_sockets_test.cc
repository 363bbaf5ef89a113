#include "base/inherited_sockets.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <string>

#include "tests/support/test.h"

namespace devproxy {
namespace {

/// A socket on any port of 127.0.0.1.
class Socket final {
 public:
  explicit Socket(int type) : descriptor(::socket(AF_INET, type, 0)) {
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::bind(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    socklen_t size = sizeof address;
    ::getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  }
  ~Socket() { ::close(descriptor); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int descriptor;
  sockaddr_in address{};
};

std::string refusal(int descriptor) {
  const auto described = describe_inherited(descriptor);
  return described ? "" : described.error().detail;
}

// NOLINTBEGIN(concurrency-mt-unsafe): the tests have one thread
bool is_set(const char* name) {
  return std::getenv(name) != nullptr;
}

InheritedSockets take(const std::string& pid, const std::string& count) {
  ::setenv("LISTEN_PID", pid.c_str(), 1);
  ::setenv("LISTEN_FDS", count.c_str(), 1);
  ::setenv("LISTEN_FDNAMES", "a:b", 1);
  return take_inherited_sockets();
}
// NOLINTEND(concurrency-mt-unsafe)

}  // namespace

TEST_CASE("inherited sockets: a listener is known by its address", "[base]") {
  const Socket socket(SOCK_STREAM);
  REQUIRE(::listen(socket.descriptor, 1) == 0);
  const auto described = describe_inherited(socket.descriptor);
  REQUIRE(described);
  CHECK(described->host == "127.0.0.1");
  CHECK(described->port == ntohs(socket.address.sin_port));
  CHECK(described->descriptor == socket.descriptor);
}

TEST_CASE("inherited sockets: what is none for TCP clients is refused, and why", "[base]") {
  const Socket udp(SOCK_DGRAM);
  CHECK_THAT(refusal(udp.descriptor), ContainsSubstring("is no socket for TCP"));
  const int file = ::open("/dev/null", O_RDONLY);
  CHECK_THAT(refusal(file), ContainsSubstring("is no socket"));
  ::close(file);
  CHECK_FALSE(refusal(-1).empty());

  const Socket listener(SOCK_STREAM);
  REQUIRE(::listen(listener.descriptor, 1) == 0);
  const Socket client(SOCK_STREAM);
  REQUIRE(::connect(client.descriptor, reinterpret_cast<const sockaddr*>(&listener.address),
                    sizeof listener.address) == 0);
  CHECK_THAT(refusal(client.descriptor), ContainsSubstring("is a connection"));
}

TEST_CASE("inherited sockets: those of another process are not ours, and the variables go",
          "[base]") {
  const InheritedSockets others = take("1", "2");
  CHECK(others.sockets.empty());
  CHECK(others.refused.empty());
  for (const char* const name : {"LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"})
    CHECK_FALSE(is_set(name));
}

TEST_CASE("inherited sockets: nonsense promises nothing", "[base]") {
  const std::string own = std::to_string(::getpid());
  for (const char* const count : {"", "0", "-1", "x", "99999999999999999999"}) {
    CAPTURE(count);
    CHECK(take(own, count).sockets.empty());
  }
  const InheritedSockets many = take(own, "5000000");
  CHECK(many.sockets.empty());
  REQUIRE(many.refused.size() == 1);
  CHECK_THAT(many.refused[0], ContainsSubstring("LISTEN_FDS=5000000"));
}

}  // namespace devproxy
