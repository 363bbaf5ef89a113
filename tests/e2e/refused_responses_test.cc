// The same tricks the other way round: responses of a service that must never reach a client. It
// gets a 502 instead, and the connection that they came on is not used again.
#include <vector>

#include "tests/support/edge.h"
#include "tests/support/message_table.h"

namespace devproxy {
namespace {

struct BadResponse {
  const char* name;
  std::string reply;
};

/// A service that answers /bad with what the test says and everything else with "probe". It keeps
/// its connections open.
class Trickster {
 public:
  Trickster() : upstream_([this](Peer& peer) { serve(peer); }) {}
  FakeUpstream& upstream() { return upstream_; }
  std::string routes() const {
    return "[services.a]\nhost = \"a.localhost\"\n" + upstream_.target() + "\n";
  }
  void set_reply(std::string reply, bool bytewise) {
    const std::lock_guard lock(mutex_);
    reply_ = std::move(reply);
    bytewise_ = bytewise;
  }

 private:
  void serve(Peer& peer) {
    TextMessage request;
    while (peer.receive_request(request)) {
      std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nprobe";
      bool bytewise = false;
      if (request.target() == "/bad") {
        const std::lock_guard lock(mutex_);
        reply = reply_;
        bytewise = bytewise_;
      }
      const std::size_t step = bytewise ? 1 : reply.size();
      for (std::size_t i = 0;
           i < reply.size() && peer.try_send(std::string_view(reply).substr(i, step)); i += step) {
      }
      if (request.target() == "/bad") {
        // A proxy that has been given such a response has no more use for this connection.
        peer.receive_to_end();
        return;
      }
    }
  }

  std::mutex mutex_;
  std::string reply_;
  bool bytewise_ = false;
  FakeUpstream upstream_;
};

}  // namespace

TEST_CASE("refused: responses with ambiguous or malformed heads become 502", "[e2e][refused]") {
  const std::string status = "HTTP/1.1 200 OK\r\n";
  const std::string nul_value = "X: a" + std::string(1, '\0') + "b\r\n";
  const std::vector<BadResponse> rows{
      {"CL and TE", status + "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"two different CL", status + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd"},
      {"CL list of different numbers", status + "Content-Length: 3, 4\r\n\r\nabcd"},
      {"CL with a sign", status + "Content-Length: +3\r\n\r\nabc"},
      {"negative CL", status + "Content-Length: -3\r\n\r\nabc"},
      {"hexadecimal CL", status + "Content-Length: 0x3\r\n\r\nabc"},
      {"empty CL", status + "Content-Length:\r\n\r\nabc"},
      {"CL beyond 63 bits", status + "Content-Length: 9223372036854775808\r\n\r\nabc"},
      {"CL beyond 64 bits", status + "Content-Length: 18446744073709551617\r\n\r\nabc"},
      {"unknown coding", status + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"},
      {"a coding behind chunked", status + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n"},
      {"chunked twice", status + "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n"},
      {"gzip as a transfer coding", status + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"},
      {"TE from HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"},
      {"a space before the colon", status + "Content-Length : 3\r\n\r\nabc"},
      {"an empty name", status + ": x\r\nContent-Length: 0\r\n\r\n"},
      {"no colon", status + "X\r\nContent-Length: 0\r\n\r\n"},
      {"folding", status + "X: a\r\n b\r\nContent-Length: 0\r\n\r\n"},
      {"bare CR in a value", status + "X: a\rSet-Cookie: b\r\nContent-Length: 0\r\n\r\n"},
      {"bare LF behind a field", status + "X: a\nContent-Length: 0\r\n\r\n"},
      {"NUL in a value", status + nul_value + "Content-Length: 0\r\n\r\n"},
      {"a control byte in the reason", "HTTP/1.1 200 O\x01K\r\nContent-Length: 0\r\n\r\n"},
      {"no version", "200 OK\r\nContent-Length: 0\r\n\r\n"},
      {"HTTP/2.0", "HTTP/2.0 200 OK\r\nContent-Length: 0\r\n\r\n"},
      {"a status of two digits", "HTTP/1.1 99 X\r\nContent-Length: 0\r\n\r\n"},
      {"a status below 100", "HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n"},
      {"a status of four digits", "HTTP/1.1 2000 X\r\nContent-Length: 0\r\n\r\n"},
      {"a status of letters", "HTTP/1.1 abc X\r\nContent-Length: 0\r\n\r\n"},
      {"something else altogether", "SSH-2.0-OpenSSH_9.2\r\n\r\n"},
      {"HTTP/0.9", "<html>hello</html>\r\n\r\n"},
      {"a request", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"},
      {"101 that nobody asked for",
       "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "
       "websocket\r\n\r\nhidden"},
      {"a head of more than 64 KiB",
       status + "X: " + std::string(70'000, 'x') + "\r\nContent-Length: 0\r\n\r\n"},
  };
  Trickster service;
  TestProxy proxy(service.routes());
  for (const BadResponse& row : rows) {
    for (const bool bytewise : {false, true}) {
      if (bytewise && row.reply.size() > 1000) continue;
      CAPTURE(row.name, bytewise);
      service.set_reply(row.reply, bytewise);
      RawClient client(proxy.port());
      client.set_patience(std::chrono::milliseconds(8000));
      TextMessage response;
      CHECK_NOTHROW(response = client.ask(get("a.localhost", "/bad")));
      CHECK(response.status() == 502);
      CHECK_THAT(response.body, ContainsSubstring("a.localhost") ||
                                    ContainsSubstring(std::to_string(service.upstream().port())));
      CHECK(response.body.find("hidden") == std::string::npos);
      // The client's connection is fine: it was not its fault.
      CHECK_NOTHROW(response = client.ask(get("a.localhost", "/probe")));
      CHECK(is_probe_answer(response));
    }
  }
  CHECK(service.upstream().failure() == "");
}

TEST_CASE("refused: a service that ends without a response gets its client a 502",
          "[e2e][refused]") {
  const std::string sent = GENERATE(std::string(""), std::string("HTTP/1.1 200"),
                                    std::string("HTTP/1.1 200 OK\r\nContent-Le"));
  const bool with_reset = GENERATE(false, true);
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    peer.receive_request(request);
    peer.send(sent);
    if (with_reset) peer.reset();
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  CHECK(client.ask("POST / HTTP/1.1\r\nHost: a.localhost\r\nContent-Length: 0\r\n\r\n").status() ==
        502);
  CHECK(client.ask(get("a.localhost")).status() == 502);
}

TEST_CASE("refused: response bodies that break their framing never look complete",
          "[e2e][refused]") {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n";
  const std::vector<BadResponse> rows{
      {"a size of letters", head + "xyz\r\n"},
      {"a size with a sign", head + "+3\r\nabc\r\n0\r\n\r\n"},
      {"a size beyond 64 bits", head + "FFFFFFFFFFFFFFFFF\r\nabc\r\n"},
      {"a size and a bare LF", head + "3\nabc\r\n0\r\n\r\n"},
      {"data and nothing",
       "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc0\r\n\r\n"},
      {"a trailer without a colon", head + "0\r\nX\r\n\r\n"},
  };
  Trickster service;
  TestProxy proxy(service.routes());
  for (const BadResponse& row : rows) {
    for (const bool bytewise : {false, true}) {
      CAPTURE(row.name, bytewise);
      service.set_reply(row.reply, bytewise);
      RawClient client(proxy.port());
      client.send(get("a.localhost", "/bad"));
      const std::string all = client.receive_to_end();
      CAPTURE(visible(all));
      const bool refused_at_once = all.rfind("HTTP/1.1 502", 0) == 0;
      CHECK((refused_at_once || all.find("\r\n0\r\n") == std::string::npos));
      CHECK(is_probe_answer(proxy.ask(get("a.localhost", "/probe"))));
    }
  }
}

TEST_CASE("refused: what a service sends behind its response is not the next client's answer",
          "[e2e][refused]") {
  FakeUpstream upstream([](Peer& peer) {
    TextMessage request;
    while (peer.receive_request(request)) {
      peer.try_send(
          "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nrealHTTP/1.1 200 OK\r\nContent-Length: "
          "6\r\n\r\npoison");
    }
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  for (int i = 0; i < 20; ++i) CHECK(client.ask(get("a.localhost")).body == "real");
  CHECK(upstream.connections() == 20);
}

TEST_CASE("refused: what a service says on an idle connection is not an answer", "[e2e][refused]") {
  Gate idle;
  Gate said;
  FakeUpstream upstream([&](Peer& peer) {
    TextMessage request;
    while (peer.receive_request(request)) {
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nreal");
      if (peer.number() > 0) continue;
      peer.wait_for(idle);
      peer.send("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison");
      // Its end is the proof that the proxy has seen it.
      peer.receive_to_end();
      said.open();
      return;
    }
  });
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() + "\n");
  RawClient client(proxy.port());
  CHECK(client.ask(get("a.localhost")).body == "real");
  idle.open();
  CHECK(said.wait());
  CHECK(client.ask(get("a.localhost")).body == "real");
  CHECK(upstream.connections() == 2);
}

}  // namespace devproxy
