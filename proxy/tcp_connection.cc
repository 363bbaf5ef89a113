#include "proxy/tcp_connection.h"

#include <fmt/format.h>

#include <utility>

#include "proxy/client_connections.h"
#include "proxy/context.h"

namespace devproxy {
namespace {

/// As much is read from a client that has no service yet; the rest waits in the kernel.
constexpr std::size_t most_early = std::size_t{64} * 1024;
/// A connection that moved nothing for so long is not waited for when the proxy ends.
constexpr std::uint64_t quiet_time = 1'000;
constexpr std::uint64_t quiet_look = 100;

}  // namespace

TcpConnection::TcpConnection(Context& context, ClientConnections& owner,
                             std::unique_ptr<Stream> client, std::shared_ptr<TcpService> service,
                             std::string at)
    : context_(context),
      owner_(owner),
      client_(std::move(client)),
      service_(std::move(service)),
      quiet_(context.agenda),
      at_(std::move(at)),
      service_name_(service_->name()) {
  if (context_.options.on_exchange) {
    began_ = std::chrono::steady_clock::now();
    began_at_ = std::chrono::system_clock::now();
  }
  client_->set_events(this);
  client_->start_reading();
  service_->connect(*this);
}

TcpConnection::~TcpConnection() {
  if (client_ != nullptr) service_->forget(*this);
}

void TcpConnection::on_bytes(Bytes bytes) {
  early_.append(bytes);
  if (early_.size() >= most_early) client_->pause_reading();
}

void TcpConnection::on_write_failed(const Error& /*why*/) {
  end("reset by the client");
}

void TcpConnection::on_read_failed(const Error& /*why*/) {
  end("reset by the client");
}

void TcpConnection::on_stream(std::unique_ptr<Stream> stream) {
  tunnel_ = std::make_unique<Tunnel>(context_.agenda, std::move(client_), std::move(stream),
                                     [this] { on_tunnel_over(); });
  tunnel_->start(early_, client_ended_);
  early_ = std::string();
  if (context_.draining) drain();
}

void TcpConnection::on_no_stream(const Error& why) {
  client_->reset();
  end(why.detail);
}

void TcpConnection::on_tunnel_over() {
  const bool by_client = tunnel_->first_to_end() == Tunnel::Side::client;
  end(fmt::format("{} by the {}", tunnel_->was_reset() ? "reset" : "closed",
                  by_client ? "client" : "service"));
}

void TcpConnection::drain() {
  if (is_over_) return;
  if (tunnel_ == nullptr) {
    client_->reset();
    end("the proxy ends");
    return;
  }
  look_whether_quiet();
}

void TcpConnection::look_whether_quiet() {
  if (is_busy()) {
    quiet_.start(quiet_look, [this] { look_whether_quiet(); });
    return;
  }
  tunnel_->cut();
  end("the proxy ends");
}

bool TcpConnection::is_busy() const {
  return !is_over_ && tunnel_ != nullptr && tunnel_->quiet_for() < quiet_time;
}

void TcpConnection::end(std::string_view note) {
  if (std::exchange(is_over_, true)) return;
  quiet_.cancel();
  if (context_.options.on_exchange) {
    ExchangeRecord record;
    record.began = began_at_;
    record.method = "TCP";
    record.host = at_;
    record.took = std::chrono::duration_cast<std::chrono::microseconds>(
        std::chrono::steady_clock::now() - began_);
    record.service = service_name_;
    record.protocol = "tcp";
    if (tunnel_ != nullptr) {
      record.bytes_in = tunnel_->bytes_from(Tunnel::Side::client);
      record.bytes_out = tunnel_->bytes_from(Tunnel::Side::service);
    }
    record.note = note;
    context_.options.on_exchange(record);
  }
  if (client_ != nullptr) {
    service_->forget(*this);
    client_->set_events(nullptr);
    client_->pause_reading();
  }
  owner_.remove(*this);
}

}  // namespace devproxy
