#include "control/descriptors.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/sockets.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

std::pair<Descriptor, Descriptor> connected_pair() {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

TEST_CASE("descriptors: open files come with the bytes, closed on exec", "[control]") {
  const auto [here, there] = connected_pair();
  std::array<int, 2> pipe_ends{};
  REQUIRE(::pipe(pipe_ends.data()) == 0);
  const Descriptor out(pipe_ends[0]);
  const Descriptor in(pipe_ends[1]);
  REQUIRE(send_descriptors(here.fd(), "two ends\n", {out.fd(), in.fd()}));
  std::array<char, 64> block{};
  std::vector<int> received;
  REQUIRE(receive_descriptors(there.fd(), block, received) == 9);
  CHECK(std::string_view(block.data(), 9) == "two ends\n");
  REQUIRE(received.size() == 2);
  const Descriptor their_out(received[0]);
  const Descriptor their_in(received[1]);
  CHECK((::fcntl(their_out.fd(), F_GETFD) & FD_CLOEXEC) != 0);
  REQUIRE(::write(their_in.fd(), "x", 1) == 1);
  REQUIRE(::read(out.fd(), block.data(), block.size()) == 1);
  CHECK(block[0] == 'x');
}

TEST_CASE("descriptors: none is fine, more than the kernel takes is not", "[control]") {
  const auto [here, there] = connected_pair();
  std::array<char, 64> block{};
  std::vector<int> received;
  REQUIRE(send_descriptors(here.fd(), "none", {}));
  CHECK(receive_descriptors(there.fd(), block, received) == 4);
  CHECK(received.empty());
  CHECK_FALSE(
      send_descriptors(here.fd(), "many", std::vector<int>(most_descriptors + 1, here.fd())));
  REQUIRE(send_descriptors(here.fd(), "most", std::vector<int>(most_descriptors, here.fd())));
  CHECK(receive_descriptors(there.fd(), block, received) == 4);
  CHECK(received.size() == most_descriptors);
  for (const int descriptor : received) ::close(descriptor);
}

TEST_CASE("descriptors: what does not fit at once is refused", "[control]") {
  const auto [here, there] = connected_pair();
  const std::string large(16U << 20U, 'x');
  CHECK_FALSE(send_descriptors(here.fd(), large, {there.fd()}));
}

}  // namespace
}  // namespace devproxy
