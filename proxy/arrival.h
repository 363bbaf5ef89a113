// Arrival: a client's connection before it has said what it speaks. The first byte tells TLS from
// plain text, the preface HTTP/2 from HTTP/1 (RFC 9113 3.4); then the frontend of that protocol
// takes its place. Owned by ClientConnections; one thread.
#pragma once

#include <memory>
#include <string>

#include "base/deadlines.h"
#include "proxy/frontend.h"
#include "proxy/net/stream.h"
#include "proxy/net/tls_stream.h"

namespace devproxy {

class ClientConnections;
struct Context;

class Arrival final : public Frontend, private StreamEvents, private Deadline {
 public:
  Arrival(Context& context, ClientConnections& owner, std::unique_ptr<Stream> stream,
          std::uint16_t port, std::shared_ptr<const ListenerPolicy> listener);

  void begin(Bytes first) override;
  void drain() override;
  bool is_busy() const override { return false; }

 private:
  void on_bytes(Bytes bytes) override;
  void on_end() override;
  void on_full() override {}
  void on_drained() override;
  void on_write_failed(const Error& why) override;
  void on_read_failed(const Error& why) override;
  void on_deadline() override;

  void begin_tls(Bytes first);
  void on_handshake(const Result<void>& result);
  void refuse_tls();
  template <class Protocol>
  void become(Bytes first);
  void close();

  Context& context_;
  ClientConnections& owner_;
  std::unique_ptr<Stream> stream_;
  std::string early_;  ///< the beginning of what may be HTTP/2's preface
  std::shared_ptr<const ListenerPolicy> listener_;
  std::uint16_t port_;
  bool is_over_ = false;
};

}  // namespace devproxy
