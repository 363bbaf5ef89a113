// A service that speaks HTTP/2 and allows no requests for the moment (MAX_CONCURRENT_STREAMS = 0)
// got one more connection for each request, and no request an answer.
#include <memory>
#include <string>
#include <vector>

#include "tests/support/edge.h"
#include "tests/support/http2_wire.h"

namespace devproxy {
namespace {

constexpr std::uint16_t most_streams = 3;

h2::Frame receive_frame(Peer& peer) {
  std::string bytes = peer.receive_exactly(9);
  const auto byte = [&](std::size_t at) {
    return static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[at]));
  };
  const std::size_t size = byte(0) << 16 | byte(1) << 8 | byte(2);
  if (size > 0) bytes.append(peer.receive_exactly(size));
  return h2::take_frames(bytes).at(0);
}

/// Answers every request from then on with 204.
void answer_requests(Peer& peer, std::size_t until = SIZE_MAX) {
  for (std::size_t answered = 0; answered < until;) {
    const h2::Frame frame = receive_frame(peer);
    if (frame.type == h2::settings && frame.flags != h2::ack)
      peer.send(h2::frame(h2::settings, h2::ack, 0));
    if (!frame.ends()) continue;
    peer.send(h2::frame(h2::headers, h2::end_headers | h2::end_stream, frame.stream,
                        pack({{":status", "204"}})));
    ++answered;
  }
}

void greet(Peer& peer, std::uint32_t streams) {
  peer.receive_exactly(h2::preface.size());
  peer.send(h2::frame(h2::settings, 0, 0, h2::setting(most_streams, streams)));
}

std::string routes(const FakeUpstream& upstream, const std::string& more = "") {
  return "[services.a]\nhost = \"a.localhost\"\nurl = \"h2c://127.0.0.1:" +
         std::to_string(upstream.port()) + "\"\n" + more;
}

}  // namespace

TEST_CASE("no streams: requests wait on one connection until the service allows some", "[issues]") {
  const bool allowed_before = GENERATE(false, true);
  Gate known;
  Gate allowed;
  FakeUpstream upstream([&](Peer& peer) {
    greet(peer, allowed_before ? 10 : 0);
    if (allowed_before) {
      answer_requests(peer, 1);
      peer.send(h2::frame(h2::settings, 0, 0, h2::setting(most_streams, 0)));
      // Its acknowledgement: from here on the proxy knows.
      while (receive_frame(peer).type != h2::settings) {
      }
      known.open();
    }
    peer.wait_for(allowed);
    peer.send(h2::frame(h2::settings, 0, 0, h2::setting(most_streams, 100)));
    answer_requests(peer);
  });
  TestProxy proxy(routes(upstream));
  if (allowed_before) {
    CHECK(proxy.ask(get("a.localhost")).status() == 204);
    // Its answer comes before the settings that forbid the next.
    REQUIRE(known.wait());
  }
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawClient>(proxy.port()));
    clients.back()->send(i % 2 == 0 ? get("a.localhost")
                                    : "POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: "
                                      "4\r\n\r\nbody");
  }
  upstream.wait_for_connections(1);
  CHECK_FALSE(clients.back()->has_input_within(std::chrono::milliseconds(300)));
  CHECK(upstream.connections() == 1);
  allowed.open();
  for (const auto& client : clients) CHECK(client->receive_final().status() == 204);
  CHECK(upstream.connections() == 1);
}

TEST_CASE("no streams: who waited as long as the hold is told why", "[issues]") {
  FakeUpstream upstream([](Peer& peer) {
    greet(peer, 0);
    peer.receive_to_end();
  });
  const std::string hold = GENERATE(std::string("300ms"), std::string("0s"));
  TestProxy proxy(routes(upstream, "hold = \"" + hold + "\"\n"));
  RawClient client(proxy.port());
  for (int i = 0; i < 3; ++i) {
    const TextMessage answer = client.ask(get("a.localhost"));
    CHECK(answer.status() == 504);
    CHECK_THAT(answer.body, ContainsSubstring("MAX_CONCURRENT_STREAMS"));
  }
  CHECK(upstream.connections() == 1);
}

TEST_CASE("no streams: a connection that ends takes nobody with it who only waited for it",
          "[issues]") {
  Gate full;
  FakeUpstream upstream([&](Peer& peer) {
    greet(peer, peer.number() == 0 ? 0 : 100);
    if (peer.number() > 0) answer_requests(peer);
    peer.wait_for(full);
  });
  TestProxy proxy(routes(upstream));
  RawClient client(proxy.port());
  client.send("POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 4\r\n\r\nbody");
  CHECK_FALSE(client.has_input_within(std::chrono::milliseconds(300)));
  full.open();
  CHECK(client.receive_final().status() == 204);
  CHECK(upstream.connections() == 2);
}

}  // namespace devproxy
