// Http1Frontend: one client's HTTP/1 connection. Reads requests one after another, gives each to an
// Exchange, writes the responses; a pipelined request waits its turn. Owned by ClientConnections;
// one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/deadlines.h"
#include "proxy/exchange.h"
#include "proxy/frontend.h"
#include "proxy/http/http1_body.h"
#include "proxy/http/http1_head.h"
#include "proxy/net/stream.h"

namespace devproxy {

struct Context;
class ClientConnections;

class Http1Frontend final : public Frontend,
                            private StreamEvents,
                            private Deadline,
                            private ResponseSink,
                            private MessageSource,
                            private ClientFacts {
 public:
  Http1Frontend(Context& context, ClientConnections& owner, std::unique_ptr<Stream> stream,
                ListenerFacts listener);
  ~Http1Frontend() override;

  void begin(Bytes first) override;
  void drain() override;
  bool is_busy() const override;

 private:
  static constexpr std::size_t most_backlog = 64 * 1024;  ///< pipelined bytes kept in memory

  /// What the next byte from the client belongs to.
  enum class Input : std::uint8_t {
    head,
    body,
    none,  ///< the request is complete and its response is not: what comes waits
    tunnel,
    linger,  ///< the connection is ending: what comes is thrown away (RFC 9112 9.6)
    closed,
  };

  // StreamEvents
  void on_bytes(Bytes bytes) override;
  void on_end() override;
  void on_full() override;
  void on_drained() override;
  void on_write_failed(const Error& why) override;
  void on_read_failed(const Error& why) override;
  // Deadline
  void on_deadline() override;
  // ResponseSink
  void inform(Response& response) override;
  void response_head(Response& response, MessageSource& source) override;
  void response_data(Bytes bytes) override;
  void response_end(const Headers* trailers) override;
  void response_failed(const Error& why) override;
  // MessageSource: the request's
  void pause() override;
  void resume() override;
  void cancel() override {}
  // ClientFacts
  std::string_view ip() override;
  const ListenerFacts& listener() const override { return listener_; }
  const TlsFacts* tls() const override { return stream_->tls(); }
  bool is_own_user() override;

  bool is_idle() const;
  bool has_early_frames() const;
  void process(Bytes bytes);
  void process_backlog();
  void read_on();
  void wait_for_reader(Bytes bytes);
  void take_head(Bytes& bytes);
  void take_body(Bytes& bytes);
  void begin_exchange();
  void refuse(int status, const char* why);
  void finish_exchange();
  void retire_exchange();
  void client_gone(const Error& why);
  void linger();
  void close_when_drained();
  void close();

  Context& context_;
  ClientConnections& owner_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<Exchange>
      exchange_;  ///< from the first byte ahead of a head to the end of the response
  MessageSource* source_ = nullptr;  ///< the response's, while it comes
  HeadReader reader_;
  BodyReader body_reader_;
  BodyWriter body_writer_;
  std::string backlog_;  ///< pipelined bytes that wait for the response under way
  std::string ip_;
  std::uint32_t lingered_ = 0;
  ListenerFacts listener_;
  std::uint8_t slow_seconds_ =
      0;  ///< how long an ending connection has been waiting for its client to read
  Input input_ = Input::head;
  std::uint8_t minor_version_ = 1;
  bool keep_alive_ : 1 = true;  ///< the client allows another request
  bool ends_ : 1 = false;       ///< the connection ends with the response under way
  bool head_request_ : 1 = false;
  bool early_bytes_ : 1 = false;  ///< more came together with the request's head
  bool processing_ : 1 = false;
  bool paused_ : 1 = false;            ///< the exchange takes no more of the request for now
  bool waits_for_reader_ : 1 = false;  ///< the next request waits for its client to read
  bool request_ended_ : 1 = false;     ///< tunnel: the client has half-closed
  bool response_ended_ : 1 = false;    ///< tunnel: the service has
};

}  // namespace devproxy
