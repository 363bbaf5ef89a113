// Tunnel: raw bytes between a client's stream and a service's, as if the two were one connection:
// an end is passed on as an end (half-close), a reset as a reset, and who cannot take more pauses
// the other. Keeps no more than a read and a queue for each direction. Owned by a TcpConnection;
// one thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/agenda.h"
#include "base/bytes.h"
#include "base/task.h"
#include "proxy/net/stream.h"

namespace devproxy {

class Tunnel final {
 public:
  enum class Side : std::uint8_t { client, service };

  /// `over` is called once, never from within a function of the tunnel; it may be destroyed
  /// (buried) in it.
  Tunnel(Agenda& agenda, std::unique_ptr<Stream> client, std::unique_ptr<Stream> service,
         Task over);
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;

  /// `early`: what the client sent before; `client_ended`: and then it ended.
  void start(Bytes early, bool client_ended);
  /// Both sides see a reset; `over` is not called.
  void cut();

  std::uint64_t bytes_from(Side side) const { return half(side).received; }
  /// Milliseconds since a byte was read, or 0 while some wait to be taken.
  std::uint64_t quiet_for() const;
  /// Who ended first, and whether with a reset: valid in `over`.
  Side first_to_end() const { return first_; }
  bool was_reset() const { return was_reset_; }

 private:
  /// One side: what it sends goes to the other.
  struct Half final : StreamEvents {
    Half(Tunnel& its_tunnel, std::unique_ptr<Stream> its_stream)
        : tunnel(its_tunnel), stream(std::move(its_stream)) {}

    void on_bytes(Bytes bytes) override;
    void on_end() override;
    void on_full() override;
    void on_drained() override;
    void on_write_failed(const Error& why) override;
    void on_read_failed(const Error& why) override;

    Half& other() const { return this == &tunnel.client_ ? tunnel.service_ : tunnel.client_; }

    Tunnel& tunnel;
    std::unique_ptr<Stream> stream;
    std::uint64_t received = 0;
    bool has_ended = false;  ///< sends no more
    bool is_gone = false;    ///< takes no more
  };

  const Half& half(Side side) const { return side == Side::client ? client_ : service_; }
  void note_end(const Half& half, bool with_reset);
  void look_whether_over();
  void finish();

  Agenda& agenda_;
  Half client_;
  Half service_;
  Task over_;
  std::uint64_t moved_at_ = 0;
  Side first_ = Side::client;
  bool has_first_ = false;
  bool was_reset_ = false;
  bool is_over_ = false;
};

}  // namespace devproxy
