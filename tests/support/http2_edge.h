// Http2Edge: a proxy of one loop whose only client is a test that speaks HTTP/2 in raw frames, over
// memory. Services are real ones on loopback ports. Everything on the test's thread; until() runs
// the loop.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/loop.h"
#include "proxy/client_connections.h"
#include "proxy/context.h"
#include "tests/support/http2_wire.h"
#include "tests/support/memory_stream.h"
#include "tests/support/wait.h"

namespace devproxy {

/// What came back on one stream.
struct Http2Answer {
  std::vector<h2::Fields> heads;  ///< 1xx, the final one, trailers
  std::string body;
  bool ended = false;
  std::string reset;  ///< the code's name; empty: not reset

  std::string status() const;                        ///< of the last head that has one
  std::string field(const std::string& name) const;  ///< of all heads, joined by ", "
};

class Http2Edge final {
 public:
  /// a.localhost is the service on `port`, r.localhost redirects, s.localhost is one or the other:
  /// with the cookie away=1 it redirects.
  explicit Http2Edge(std::uint16_t port);
  ~Http2Edge();
  Http2Edge(const Http2Edge&) = delete;
  Http2Edge& operator=(const Http2Edge&) = delete;

  /// A client's preface with these settings, and the acknowledgement of ours.
  void greet(std::string_view settings = {});
  void feed(std::string_view bytes);
  void feed_end();
  /// What was sent is looked at; done by feed() and until() too.
  void look();

  template <class Condition>
  void until(const std::string& what, Condition&& condition) {
    const WaitLimit limit;
    Timer wake(loop.agenda());
    look();
    while (!condition()) {
      if (limit.is_over()) give_up("waited in vain until " + what);
      wake.start(20, [] {});
      loop.run_once(true);
      look();
    }
  }
  void until_ended(std::uint32_t stream) {
    until("stream " + std::to_string(stream) + " has ended",
          [&] { return answers[stream].ended || !answers[stream].reset.empty(); });
  }

  /// The HEADERS frame of a request; pseudo-header fields that `fields` lacks are added in front.
  static std::string request(std::uint32_t stream, h2::Fields fields, bool ends = true);
  static std::string data(std::uint32_t stream, std::string_view bytes, bool ends = false);

  /// "goaway PROTOCOL_ERROR", "reset 1 CANCEL" or "1: 200", the first that there is, or "nothing".
  std::string outcome() const;

  Loop loop;
  Context context;
  ClientConnections connections;
  MemoryStream::Wire wire;
  std::map<std::uint32_t, Http2Answer> answers;
  std::vector<h2::Frame> frames;  ///< all that came, in order
  std::string goaway;             ///< the last one's code; empty: none
  std::uint32_t last_stream = 0;  ///< of that
  std::size_t goaways = 0;

 private:
  void take(const h2::Frame& frame);

  Unpacker unpacker_;
  std::string block_;
};

/// "CANCEL" and so on, as RFC 9113 section 7 writes them.
std::string http2_code_name(std::uint32_t code);

}  // namespace devproxy
