// Arrival: a client's connection before it has said what it speaks. The first byte tells TLS from
// plain text, the preface HTTP/2 from HTTP/1 (RFC 9113 3.4); then the frontend of that protocol
// takes its place. Owned by ClientConnections; one thread.
#pragma once

#include <cstdint>
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
  bool is_busy() const override { return is_last_ && !is_over_; }

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
  void allow(std::uint64_t ms);

  Context& context_;
  ClientConnections& owner_;
  std::unique_ptr<Stream> stream_;
  std::string early_;  ///< the beginning of what may be HTTP/2's preface
  std::shared_ptr<const ListenerPolicy> listener_;
  std::uint16_t port_;
  std::uint64_t arrived_;
  bool is_over_ = false;
  bool is_last_ = false;  ///< the proxy ends; this one is just early enough
};

}  // namespace devproxy
