// SocketStream over a real pair of loopback sockets: what is written arrives, whole and in order.
#include "proxy/net/socket_stream.h"

#include <memory>
#include <string>

#include "proxy/net/dial.h"
#include "proxy/net/listener.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

class Recorder final : public StreamEvents {
 public:
  void on_bytes(Bytes bytes) override { received.append(bytes); }
  void on_end() override { ended = true; }
  void on_full() override { ++full; }
  void on_drained() override { ++drained; }
  void on_write_failed(const Error&) override { failed = true; }
  void on_read_failed(const Error&) override { failed = true; }

  std::string received;
  int full = 0;
  int drained = 0;
  bool ended = false;
  bool failed = false;
};

/// Two ends of one connection on one loop.
struct Pair {
  Loop loop;
  Buffers buffers;
  Descriptors descriptors;
  std::unique_ptr<SocketStream> near, far;
  Recorder near_events, far_events;

  Pair() {
    Listener listener(
        loop, buffers, descriptors,
        [this](std::unique_ptr<SocketStream> stream, std::uint16_t) { far = std::move(stream); });
    REQUIRE(listener.open("127.0.0.1", 0));
    Dial dial(loop, buffers, descriptors);
    dial.start({{loopback_address(AF_INET, listener.port())}, {}}, 5'000,
               [this](Result<std::unique_ptr<SocketStream>> stream, const sockaddr_storage&) {
                 near = std::move(*stream);
               });
    until([this] { return near != nullptr && far != nullptr; });
    near->set_events(&near_events);
    far->set_events(&far_events);
  }

  template <class Condition>
  void until(Condition&& condition) {
    bool late = false;
    Timer limit(loop.agenda());
    limit.start(20'000, [&late] { late = true; });
    while (!condition() && !late) loop.run_once(true);
    REQUIRE_FALSE(late);
  }
};

}  // namespace

TEST_CASE("socket stream: small writes are kept when no recycled buffer is at hand", "[proxy]") {
  Pair pair;
  {
    const Turn turn(pair.loop.agenda());
    // Each short enough for a string's own room, none of it on the heap.
    pair.near->out().append("abc");
    pair.near->out().append("def");
    pair.near->write("ghi");
  }
  pair.far->start_reading();
  pair.until([&] { return pair.far_events.received.size() >= 9; });
  CHECK(pair.far_events.received == "abcdefghi");
}

TEST_CASE("socket stream: whose the peer is stays known when it has gone", "[proxy]") {
  Pair pair;
  const bool is_own = pair.far->peer_is_own_user();
  pair.near.reset();
  pair.far->start_reading();
  pair.until([&] { return pair.far_events.ended || pair.far_events.failed; });
  CHECK(pair.far->peer_is_own_user() == is_own);
}

TEST_CASE("dial: the address that answered comes first, however many dials say so", "[proxy]") {
  const sockaddr_storage v4 = loopback_address(AF_INET, 80);
  const sockaddr_storage v6 = loopback_address(AF_INET6, 80);
  const auto is_v6 = [](const sockaddr_storage& address) { return address.ss_family == AF_INET6; };
  std::vector<sockaddr_storage> addresses{v4, v6};
  prefer(addresses, v6);
  CHECK(is_v6(addresses[0]));
  prefer(addresses, v6);  // two dials at once, both had begun with 127.0.0.1
  CHECK(is_v6(addresses[0]));
  CHECK_FALSE(is_v6(addresses[1]));
  addresses = {v4};  // resolved again meanwhile
  prefer(addresses, v6);
  REQUIRE(addresses.size() == 1);
  CHECK_FALSE(is_v6(addresses[0]));
}

TEST_CASE("socket stream: large and small pieces arrive in order through a slow reader",
          "[proxy]") {
  Pair pair;
  std::string expected;
  for (int i = 0; i < 200; ++i) {
    const Turn turn(pair.loop.agenda());
    const std::string large(100'000, static_cast<char>('a' + i % 26));
    const std::string small = std::to_string(i) + "\r\n";
    pair.near->out().append(small);
    pair.near->write(large);
    pair.near->out().append(small);
    expected += small + large + small;
  }
  CHECK(pair.near_events.full == 1);
  CHECK(pair.near->queued() > 0);
  pair.far->start_reading();
  pair.until([&] { return pair.far_events.received.size() == expected.size(); });
  CHECK(pair.far_events.received == expected);
  pair.until([&] { return pair.near_events.drained == 1; });
  CHECK(pair.near->queued() == 0);
}

TEST_CASE("socket stream: a half-close comes behind everything that was written", "[proxy]") {
  Pair pair;
  {
    const Turn turn(pair.loop.agenda());
    pair.near->write(std::string(3'000'000, 'x'));
    pair.near->finish_writing();
  }
  pair.far->start_reading();
  pair.until([&] { return pair.far_events.ended; });
  CHECK(pair.far_events.received.size() == 3'000'000);
}

TEST_CASE("socket stream: a reset is seen as one", "[proxy]") {
  Pair pair;
  pair.far->start_reading();
  pair.near->reset();
  pair.until([&] { return pair.far_events.failed || pair.far_events.ended; });
  CHECK(pair.far_events.failed);
}

TEST_CASE("socket stream: tell_when_drained tells once, also when nothing was written", "[proxy]") {
  Pair pair;
  {
    const Turn turn(pair.loop.agenda());
    pair.near->tell_when_drained();
  }
  pair.until([&] { return pair.near_events.drained > 0; });
  pair.loop.run_once(false);
  CHECK(pair.near_events.drained == 1);
}

TEST_CASE("socket stream: what was written last leaves although the stream dies", "[proxy]") {
  Pair pair;
  pair.far->start_reading();
  {
    const Turn turn(pair.loop.agenda());
    pair.near->out().append("goodbye");
    pair.loop.agenda().bury(std::move(pair.near));
  }
  pair.until([&] { return pair.far_events.ended; });
  CHECK(pair.far_events.received == "goodbye");
  CHECK(pair.near_events.drained == 0);
}

TEST_CASE("socket stream: what many turns of an iteration write arrives in one piece", "[proxy]") {
  Pair pair;
  for (int i = 0; i < 3; ++i) {
    const Turn turn(pair.loop.agenda());
    pair.near->out().append("piece");
  }
  CHECK(pair.near->queued() == 15);
  pair.loop.agenda().before_wait();
  CHECK(pair.near->queued() == 0);
  pair.far->start_reading();
  pair.until([&] { return !pair.far_events.received.empty(); });
  CHECK(pair.far_events.received == "piecepiecepiece");
}

TEST_CASE("socket stream: a reset behind the last bytes is no end", "[proxy]") {
  Pair pair;
  {
    const Turn turn(pair.loop.agenda());
    pair.near->out().append("cut off");
  }
  pair.loop.agenda().before_wait();
  pair.near->reset();
  // Both have arrived before the other side looks.
  pair.far->start_reading();
  pair.until([&] { return pair.far_events.failed || pair.far_events.ended; });
  CHECK(pair.far_events.received == "cut off");
  CHECK(pair.far_events.failed);
  CHECK_FALSE(pair.far_events.ended);
}

}  // namespace devproxy
