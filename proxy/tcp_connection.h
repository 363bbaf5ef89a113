// TcpConnection: a client of a service's TCP port. It waits for a connection to the service,
// keeping what the client says meanwhile within bounds; then both are a Tunnel. Owned by
// ClientConnections; one thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/agenda.h"
#include "proxy/frontend.h"
#include "proxy/net/stream.h"
#include "proxy/tcp_service.h"
#include "proxy/tunnel.h"

namespace devproxy {

class ClientConnections;
struct Context;

class TcpConnection final : public Frontend, private StreamEvents, private StreamWaiter {
 public:
  /// `at`: the address that accepted it, for the record.
  TcpConnection(Context& context, ClientConnections& owner, std::unique_ptr<Stream> client,
                std::shared_ptr<TcpService> service, std::string at);
  ~TcpConnection() override;

  void begin(Bytes first) override { on_bytes(first); }
  /// Ends as soon as nothing has moved for a second: nobody knows where a foreign protocol pauses.
  void drain() override;
  bool is_busy() const override;

 private:
  // The client's stream, until there is a tunnel.
  void on_bytes(Bytes bytes) override;
  void on_end() override { client_ended_ = true; }
  void on_full() override {}
  void on_drained() override {}
  void on_write_failed(const Error& why) override;
  void on_read_failed(const Error& why) override;
  // StreamWaiter
  void on_stream(std::unique_ptr<Stream> stream) override;
  void on_no_stream(const Error& why) override;

  void on_tunnel_over();
  void look_whether_quiet();
  void end(std::string_view note);

  Context& context_;
  ClientConnections& owner_;
  std::unique_ptr<Stream> client_;  ///< null: the tunnel has it
  std::shared_ptr<TcpService> service_;
  std::unique_ptr<Tunnel> tunnel_;
  Timer quiet_;
  std::string at_;
  std::string service_name_;  ///< as it was at the beginning
  std::string early_;         ///< what the client sent while the service was not there yet
  std::chrono::steady_clock::time_point began_;
  std::chrono::system_clock::time_point began_at_;
  bool client_ended_ = false;
  bool is_over_ = false;
};

}  // namespace devproxy
