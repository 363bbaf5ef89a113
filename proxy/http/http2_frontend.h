// Http2Frontend: the client's side of an HTTP/2 connection. Each stream has an exchange of its own;
// the connection has the limits of time, and an end that loses nothing. Owned by the
// ClientConnections of its loop. One thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/deadlines.h"
#include "proxy/exchange.h"
#include "proxy/frontend.h"
#include "proxy/http/http2_head.h"
#include "proxy/http/http2_session.h"
#include "proxy/net/stream.h"

namespace devproxy {

struct Context;
class ClientConnections;
class Http2FrontendStream;

class Http2Frontend final : public Frontend,
                            private StreamEvents,
                            private Http2SessionEvents,
                            private Deadline,
                            private ClientFacts {
 public:
  Http2Frontend(Context& context, ClientConnections& owner, std::unique_ptr<Stream> stream,
                ListenerFacts listener);
  ~Http2Frontend() override;

  void begin(Bytes first) override;
  void drain() override;
  bool is_busy() const override;

  // For its streams.
  Context& context() { return context_; }
  ClientFacts& facts() { return *this; }
  Http2HeadWriter& writer() { return writer_; }
  /// The stream is closed and its exchange over; it is used again from the next turn on.
  void retire(Http2FrontendStream& stream);

 private:
  enum class State : std::uint8_t {
    open,
    notice,  ///< draining: the client has been asked for no new streams
    last,    ///< draining: it gets none
    linger,  ///< all is said: what still comes is thrown away (RFC 9112 9.6)
    closed,
  };

  // StreamEvents
  void on_bytes(Bytes bytes) override;
  void on_end() override;
  void on_full() override;
  void on_drained() override;
  void on_write_failed(const Error& why) override;
  void on_read_failed(const Error& why) override;
  // Http2SessionEvents
  Http2Stream* on_stream() override;
  void on_settings() override {}
  void on_notice_seen() override;
  void on_flushed() override;
  // Deadline
  void on_deadline() override;
  // ClientFacts
  std::string_view ip() override;
  const ListenerFacts& listener() const override { return listener_; }
  const TlsFacts* tls() const override { return stream_->tls(); }
  bool is_own_user() override { return stream_->peer_is_own_user(); }

  /// What the deadline that is set stands for.
  enum class Limit : std::uint8_t { none, head, idle, farewell };

  void set_limit();
  void say_last();
  void recycle();
  void lose_streams(const Error& why);
  void linger();
  void close();

  Context& context_;
  ClientConnections& owner_;
  std::unique_ptr<Stream> stream_;
  Http2Session session_;
  Http2HeadWriter writer_;
  std::vector<std::unique_ptr<Http2FrontendStream>> streams_;  ///< by their place
  std::vector<std::unique_ptr<Http2FrontendStream>> retired_;  ///< until the next flush
  std::vector<std::unique_ptr<Http2FrontendStream>> free_;
  std::string ip_;
  ListenerFacts listener_;
  std::size_t lingered_ = 0;
  std::uint8_t slow_seconds_ = 0;
  State state_ = State::open;
  Limit limit_ = Limit::none;
};

}  // namespace devproxy
