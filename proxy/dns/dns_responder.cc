#include "proxy/dns/dns_responder.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "proxy/context.h"
#include "proxy/dns/dns_message.h"

namespace devproxy {
namespace {

constexpr std::uint64_t try_again_ms = 2'000;
/// Resolvers come by TCP now and then; whoever keeps more connections than these open is none.
constexpr std::size_t connections_max = 16;
constexpr std::uint64_t connection_ms = 5'000;
constexpr std::size_t length_size = 2;

std::string address_of(const std::string& host, std::uint16_t port) {
  return host == "::1" ? fmt::format("[::1]:{}", port) : fmt::format("{}:{}", host, port);
}

Result<void> outcome_of(int status, const std::string& host, std::uint16_t port) {
  if (status == 0) return {};
  const Code code = status == UV_EADDRINUSE                                   ? Code::taken
                    : status == UV_EADDRNOTAVAIL || status == UV_EAFNOSUPPORT ? Code::missing
                                                                              : Code::invalid;
  return fail(code, Source::system,
              fmt::format("{} (UDP): {}", address_of(host, port), uv_strerror(status)));
}

}  // namespace

/// One UDP socket. A datagram is answered while it is looked at, or not at all.
class DnsResponder::Socket final {
 public:
  explicit Socket(DnsResponder& owner) : owner_(owner) {}

  Result<void> open(const std::string& host, std::uint16_t port) {
    sockaddr_storage address{};
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    const bool is_v6 = host == "::1";
    if (is_v6)
      uv_ip6_addr(host.c_str(), port, reinterpret_cast<sockaddr_in6*>(&address));
    else
      uv_ip4_addr(host.c_str(), port, reinterpret_cast<sockaddr_in*>(&address));
    handle_.reset(new uv_udp_t);
    uv_udp_init(owner_.context_.loop.uv(), handle_.get());
    handle_->data = this;
    int status = uv_udp_bind(handle_.get(), generic, is_v6 ? UV_UDP_IPV6ONLY : 0);
    if (status == 0) status = uv_udp_recv_start(handle_.get(), give_buffer, on_datagram);
    return outcome_of(status, host, port);
  }

 private:
  static void give_buffer(uv_handle_t* handle, std::size_t /*wanted*/, uv_buf_t* buffer) {
    auto* const self = owner_of<Socket>(handle);
    *buffer = self == nullptr
                  ? uv_buf_init(nullptr, 0)
                  : uv_buf_init(self->buffer_.data(), static_cast<unsigned>(self->buffer_.size()));
  }
  static void on_datagram(uv_udp_t* handle, ssize_t size, const uv_buf_t* buffer,
                          const sockaddr* from, unsigned flags) {
    auto* const self = owner_of<Socket>(handle);
    if (self == nullptr || size <= 0 || from == nullptr || (flags & UV_UDP_PARTIAL) != 0) return;
    std::string answer =
        dns_answer({buffer->base, static_cast<std::size_t>(size)}, self->owner_.domains_);
    if (answer.empty()) return;
    const uv_buf_t out = uv_buf_init(answer.data(), static_cast<unsigned>(answer.size()));
    // Whoever asks by UDP asks again when an answer is lost.
    (void)uv_udp_try_send(handle, &out, 1, from);
  }

  DnsResponder& owner_;
  Handle<uv_udp_t> handle_;
  /// One byte more than is looked at, so that what is longer is known to be.
  std::array<char, dns_message_max + 1> buffer_{};
};

/// A client by TCP: messages behind their lengths (RFC 1035 4.2.2), for a few seconds.
class DnsResponder::Connection final : private StreamEvents {
 public:
  Connection(DnsResponder& owner, std::unique_ptr<SocketStream> stream)
      : owner_(owner), stream_(std::move(stream)), limit_(owner.context_.agenda) {
    limit_.start(connection_ms, [this] { owner_.drop(*this); });
    stream_->set_events(this);
    stream_->start_reading();
  }

 private:
  void on_bytes(Bytes bytes) override {
    if (over_) return;
    pending_ += bytes;
    while (pending_.size() >= length_size) {
      const auto high = static_cast<unsigned char>(pending_[0]);
      const auto low = static_cast<unsigned char>(pending_[1]);
      const std::size_t length = std::size_t{high} << 8U | low;
      if (length > dns_message_max) return end();
      if (pending_.size() < length_size + length) return;
      const std::string answer =
          dns_answer(std::string_view(pending_).substr(length_size, length), owner_.domains_);
      pending_.erase(0, length_size + length);
      if (answer.empty()) return end();
      std::string& out = stream_->out();
      out += static_cast<char>(answer.size() >> 8U);
      out += static_cast<char>(answer.size() & 0xffU);
      stream_->write(answer);
    }
  }
  void on_end() override { end(); }
  // Whoever does not take its answers has no use for more.
  void on_full() override { end(); }
  void on_drained() override {}
  void on_write_failed(const Error& /*why*/) override { end(); }
  void on_read_failed(const Error& /*why*/) override { end(); }

  void end() {
    if (over_) return;
    over_ = true;
    owner_.drop(*this);
  }

  DnsResponder& owner_;
  std::unique_ptr<SocketStream> stream_;
  std::string pending_;
  Timer limit_;
  bool over_ = false;
};

DnsResponder::DnsResponder(Context& context) : context_(context), again_(context.agenda) {}

DnsResponder::~DnsResponder() = default;

void DnsResponder::apply(const ProxySettings& settings) {
  domains_ = settings.domains;
  // As the local CA, which may always sign for these.
  for (const char* const domain : {"localhost", "test"}) {
    if (std::find(domains_.begin(), domains_.end(), domain) == domains_.end())
      domains_.emplace_back(domain);
  }
  if (settings.dns == port_ && (port_ == 0 || !sockets_.empty())) return;
  close();
  port_ = settings.dns;
  told_ = false;
  if (port_ != 0) open();
}

void DnsResponder::close() {
  again_.cancel();
  port_ = 0;
  sockets_.clear();
  listeners_.clear();
  const Turn turn(context_.agenda);
  for (auto& connection : std::exchange(connections_, {}))
    context_.agenda.bury(std::move(connection));
}

void DnsResponder::open() {
  Result<void> opened = open_at("127.0.0.1");
  // A system without IPv6 has nobody who would ask there.
  if (opened) opened = open_at("::1");
  if (!opened && opened.error().code == Code::missing && !sockets_.empty()) opened = {};
  if (opened) {
    if (told_) log(LogLevel::info, fmt::format("dns: answers on port {} now", port_));
    return;
  }
  sockets_.clear();
  listeners_.clear();
  if (!std::exchange(told_, true)) {
    log(LogLevel::warn,
        fmt::format("dns: nobody is answered, {}; stop who has it (devproxy ports {}), or write "
                    "another dns = in [proxy]; it is tried again every 2 s",
                    opened.error().detail, port_));
  }
  again_.start(try_again_ms, [this] { open(); });
}

Result<void> DnsResponder::open_at(const std::string& host) {
  auto socket = std::make_unique<Socket>(*this);
  if (auto opened = socket->open(host, port_); !opened) return opened;
  auto listener =
      std::make_unique<Listener>(context_.loop, context_.buffers, context_.descriptors,
                                 [this](std::unique_ptr<SocketStream> stream,
                                        std::uint16_t /*port*/) { accept(std::move(stream)); });
  if (auto opened = listener->open(host, port_); !opened) {
    const Code code = opened.error().code;
    return fail(code, Source::system,
                opened.error().detail +
                    (code == Code::taken ? " (TCP): address already in use" : " (TCP)"));
  }
  sockets_.push_back(std::move(socket));
  listeners_.push_back(std::move(listener));
  return {};
}

void DnsResponder::accept(std::unique_ptr<SocketStream> stream) {
  if (connections_.size() >= connections_max) {
    context_.agenda.bury(std::move(stream));
    return;
  }
  connections_.push_back(std::make_unique<Connection>(*this, std::move(stream)));
}

void DnsResponder::drop(Connection& connection) {
  const auto found = std::find_if(connections_.begin(), connections_.end(),
                                  [&](const auto& each) { return each.get() == &connection; });
  if (found == connections_.end()) return;
  context_.agenda.bury(std::move(*found));
  connections_.erase(found);
}

}  // namespace devproxy
