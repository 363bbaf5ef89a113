// A response that broke off never looks complete (product section 5, "Ends").
#include "tests/support/edge.h"

namespace devproxy {
namespace {

struct Broken {
  const char* name;
  std::string reply;  ///< what the service sends before it is gone
};

const std::string chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n";
const std::string counted = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
const std::string to_the_close = "HTTP/1.1 200 OK\r\nX: y\r\n\r\nhello";

}  // namespace

TEST_CASE("broken service: a client of HTTP/1.1 sees that its response is not complete",
          "[e2e][stream]") {
  const Broken broken = GENERATE(Broken{"chunked", chunked}, Broken{"counted", counted},
                                 Broken{"in a chunk", chunked + "5\r\nhe"},
                                 Broken{"in a chunk's size", chunked + "1"},
                                 Broken{"before the trailers' end", chunked + "0\r\nX: y\r\n"});
  const bool with_reset = GENERATE(false, true);
  CAPTURE(broken.name, with_reset);
  Gate read;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send(broken.reply);
    peer.wait_for(read);
    if (with_reset) peer.reset();
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  client.send(get("a.localhost"));
  const TextMessage head = client.receive_head();
  CHECK(head.status() == 200);
  client.receive_until("hello");
  read.open();
  const std::string rest = client.receive_to_end();
  CAPTURE(rest);
  CHECK(rest.find("0\r\n\r\n") == std::string::npos);
  CHECK(rest.size() < 10);
  CHECK(upstream.failure() == "");
}

TEST_CASE("broken service: what has no end but the close ends with a reset", "[e2e][stream]") {
  // An HTTP/1.0 client can tell a whole body from half of one by nothing else.
  const Broken broken =
      GENERATE(Broken{"chunked", chunked}, Broken{"up to the close", to_the_close});
  CAPTURE(broken.name);
  Gate read;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send(broken.reply);
    peer.wait_for(read);
    peer.reset();
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  client.send("GET / HTTP/1.0\r\nHost: a.localhost\r\n\r\n");
  client.receive_until("hello");
  read.open();
  client.receive_to_end();
  CHECK(client.end() == Wire::End::reset);
}

TEST_CASE(
    "broken service: a chunked body to an HTTP/1.0 client that breaks in order is reset as well",
    "[e2e][stream]") {
  Gate read;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send(chunked);
    peer.wait_for(read);
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  client.send("GET / HTTP/1.0\r\nHost: a.localhost\r\n\r\n");
  client.receive_until("hello");
  read.open();
  client.receive_to_end();
  CHECK(client.end() == Wire::End::reset);
}

TEST_CASE("broken service: a body up to the close that is reset is no end for HTTP/1.1 either",
          "[e2e][stream]") {
  Gate read;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send(to_the_close);
    peer.wait_for(read);
    peer.reset();
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  client.send(get("a.localhost"));
  TextMessage head = client.receive_head();
  client.receive_until("hello");
  read.open();
  const std::string rest = client.receive_to_end();
  const bool is_chunked = framing_of(head, false) == TextMessage::Framing::chunked;
  CHECK((is_chunked ? rest.find("0\r\n\r\n") == std::string::npos
                    : client.end() == Wire::End::reset));
}

TEST_CASE("broken service: after an interim response it is still a 502", "[e2e][stream]") {
  FakeUpstream upstream([](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  client.send(get("a.localhost"));
  CHECK(client.receive_message().status() == 103);
  CHECK(client.receive_message().status() == 502);
}

TEST_CASE("broken service: a route's timeout to the response head is a 504", "[e2e][stream]") {
  FakeUpstream upstream([](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.receive_to_end();
  });
  TestProxy proxy("[services.a]\n" + upstream.target() +
                  "\nhost = \"a.localhost\"\n[[routes]]\nhost = \"b.localhost\"\nservice = "
                  "\"a\"\ntimeout = \"100ms\"\n");
  RawClient client(proxy.port());
  const TextMessage response = client.ask(get("b.localhost"));
  CHECK(response.status() == 504);
  CHECK_THAT(response.field("content-type"), ContainsSubstring("application/problem+json"));
  // The service was told: its connection is over.
  upstream.wait_until_idle();
  CHECK(client.ask(get("b.localhost")).status() == 504);
}

}  // namespace devproxy
