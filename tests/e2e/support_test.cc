// The tools of these tests, without the proxy: what they count, what they refuse, what they wait
// for.
#include <signal.h>

#include "tests/support/fake_upstream.h"
#include "tests/support/message_table.h"
#include "tests/support/process.h"
#include "tests/support/raw_client.h"
#include "tests/support/test.h"

namespace devproxy {

TEST_CASE("support: a fake upstream counts and records", "[support]") {
  FakeUpstream upstream(FakeUpstream::always("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"));
  RawClient client(upstream.port());
  CHECK(client.ask(get("a")).body == "ok");
  CHECK(client.ask(get("a", "/b")).body == "ok");
  CHECK(upstream.connections() == 1);
  CHECK(upstream.requests() == 2);
  CHECK(upstream.received().at(0) == get("a") + get("a", "/b"));
  upstream.stop_listening();
  CHECK_FALSE(is_listening(Family::v4, upstream.port()));
  CHECK(client.ask(get("a")).body == "ok");
  upstream.listen_again();
  CHECK(is_listening(Family::v4, upstream.port()));
}

TEST_CASE("support: the ends of a connection are told apart", "[support]") {
  const bool breaks = GENERATE(false, true);
  Gate read;
  FakeUpstream upstream([&](Peer& peer) {
    peer.receive_head();
    peer.send("bye");
    peer.wait_for(read);
    if (breaks) peer.reset();
  });
  RawClient client(upstream.port());
  client.send(get("a"));
  CHECK(client.receive_exactly(3) == "bye");
  read.open();
  CHECK(client.await_end() == (breaks ? Wire::End::reset : Wire::End::fin));
}

TEST_CASE("support: the strict reader takes nothing that is not HTTP", "[support]") {
  for (const char* text :
       {"HTTP/1.1 200 OK\nX: y\r\n\r\n", "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
        "HTTP/1.1 204 No\r\nContent-Length: 0\r\n\r\n", "GET  / HTTP/1.1\r\n\r\n",
        "HTTP/1.1 200 OK\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(parse_messages(text, {"GET"}), TestFailure);
  }
  const auto two = parse_messages(
      "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
      {"GET"});
  REQUIRE(two.size() == 2);
  CHECK(two[1].body == "ok");
}

TEST_CASE("support: a process is run, heard, signalled and awaited", "[support]") {
  Process process(Command{
      {"/bin/sh", "-c", "echo out; echo err >&2; exec cat /dev/zero >/dev/null"}, "/", {}, {}});
  CHECK(process.wait_for_line([](const std::string& line) { return line == "out"; }) == "out");
  CHECK(process.wait_for_error_line([](const std::string& line) { return line == "err"; }) ==
        "err");
  CHECK(process.is_running());
  CHECK(process.resident_bytes() > 0);
  process.signal(SIGTERM);
  CHECK(process.wait().signal == SIGTERM);
  CHECK(run(Command{{"/bin/sh", "-c", "exit 7"}, "", {}, {}}).exit.code == 7);
}

}  // namespace devproxy
