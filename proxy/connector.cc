#include "proxy/connector.h"

#include <algorithm>
#include <utility>

#include "proxy/context.h"
#include "proxy/http/http1_backend.h"
#include "proxy/http/http2_backend.h"

namespace devproxy {
namespace {

constexpr std::uint64_t name_lifetime =
    5'000;  ///< how long the addresses of a name are believed, in milliseconds

}  // namespace

Connector::Connector(Context& context, Upstream& upstream, const Endpoint& endpoint)
    : context_(context),
      upstream_(upstream),
      endpoint_(endpoint),
      expects_shared_(endpoint.scheme != UrlScheme::http) {
  if (endpoint_.dials_both_loopbacks()) {
    addresses_ = {loopback_address(AF_INET, endpoint_.port),
                  loopback_address(AF_INET6, endpoint_.port)};
    addresses_until_ = Agenda::never;
  }
}

Connector::~Connector() {
  // Those that are given up at the end of this turn outlive us.
  for (Connecting* waiting : unresolved_) waiting->is_unresolved_ = false;
}

void Connector::move(std::vector<sockaddr_storage> addresses) {
  addresses_ = std::move(addresses);
  addresses_until_ = Agenda::never;
}

bool Connector::has_addresses() const {
  return endpoint_.kind != Endpoint::Kind::name || addresses_until_ > context_.agenda.now();
}

DialTarget Connector::target() const {
  DialTarget target;
  if (endpoint_.kind == Endpoint::Kind::unix_socket) {
    target.unix_path = endpoint_.host;
  } else {
    target.addresses = addresses_;
  }
  return target;
}

void Connector::resolve(Connecting& waiting) {
  unresolved_.push_back(&waiting);
  waiting.is_unresolved_ = true;
  if (lookup_ != nullptr) return;
  lookup_ = std::make_unique<NameLookup>(context_.loop, endpoint_.host, endpoint_.port,
                                         [this](Result<std::vector<sockaddr_storage>> addresses) {
                                           lookup_.reset();
                                           on_resolved(std::move(addresses));
                                         });
}

void Connector::on_resolved(Result<std::vector<sockaddr_storage>> addresses) {
  if (addresses) {
    addresses_ = std::move(*addresses);
    addresses_until_ = context_.agenda.now() + name_lifetime;
  }
  // One that is told may destroy others, which then take themselves out.
  while (!unresolved_.empty()) {
    Connecting& waiting = *unresolved_.front();
    unresolved_.erase(unresolved_.begin());
    waiting.is_unresolved_ = false;
    if (addresses) {
      waiting.dial();
    } else {
      waiting.give_up(addresses.error());
    }
  }
}

/// The address that answered is asked first from now on.
void Connector::note_dialled(const sockaddr_storage& answered) {
  // By value: since the dial began, others may have answered, and the name may have been resolved
  // again.
  prefer(addresses_, answered);
}

void Connector::note_failed() {
  if (!endpoint_.dials_both_loopbacks()) addresses_until_ = 0;
}

Connecting::Connecting(Connector& connector)
    : connector_(connector),
      dial_(connector.context_.loop, connector.context_.buffers, connector.context_.descriptors),
      timer_(connector.context_.agenda) {}

Connecting::~Connecting() {
  if (!is_unresolved_) return;
  std::vector<Connecting*>& unresolved = connector_.unresolved_;
  unresolved.erase(std::remove(unresolved.begin(), unresolved.end(), this), unresolved.end());
}

void Connecting::start(bool http1_only, Done done) {
  done_ = std::move(done);
  http1_only_ = http1_only;
  find_and_dial();
}

void Connecting::start_raw(RawDone done) {
  raw_done_ = std::move(done);
  find_and_dial();
}

void Connecting::find_and_dial() {
  if (connector_.has_addresses()) {
    dial();
  } else {
    connector_.resolve(*this);
  }
}

void Connecting::dial() {
  DialTarget target = connector_.target();
  if (target.addresses.empty() && target.unix_path.empty()) {
    // From a turn of its own, as start() promises.
    timer_.start(0, [this] {
      give_up(Error{Code::refused, Source::upstream, "nothing matches what it follows"});
    });
    return;
  }
  dial_.start(
      std::move(target), connector_.context_.limits.connect,
      [this](Result<std::unique_ptr<SocketStream>> stream, const sockaddr_storage& answered) {
        on_dialled(std::move(stream), answered);
      });
}

void Connecting::on_dialled(Result<std::unique_ptr<SocketStream>> stream,
                            const sockaddr_storage& answered) {
  if (!stream) {
    connector_.note_failed();
    give_up(stream.error());
    return;
  }
  connector_.note_dialled(answered);
  if (raw_done_) {
    const RawDone done = std::move(raw_done_);
    done(std::move(*stream));
    return;
  }
  switch (connector_.endpoint_.scheme) {
    case UrlScheme::http:
      finish(std::move(*stream), false);
      return;
    case UrlScheme::h2c:
      finish(std::move(*stream), true);
      return;
    case UrlScheme::https:
      begin_tls(std::move(*stream));
      return;
  }
}

void Connecting::begin_tls(std::unique_ptr<Stream> stream) {
  Context& context = connector_.context_;
  const Endpoint& endpoint = connector_.endpoint_;
  auto session =
      context.client_tls.session(endpoint.host, endpoint.insecure, endpoint.ca, http1_only_);
  if (!session) {
    give_up(session.error());
    return;
  }
  tls_ = std::make_unique<TlsStream>(context.agenda, context.buffers, std::move(stream),
                                     std::move(*session), endpoint.host);
  timer_.start(context.limits.tls_upstream, [this] {
    give_up(Error{Code::timed_out, Source::upstream, "no answer to the TLS handshake"});
  });
  tls_->handshake({}, [this](Result<void> result) {
    timer_.cancel();
    if (!result && http1_only_ && result.error().code == Code::not_implemented) {
      // It speaks HTTP/2 alone (RFC 7301 3.2), which may carry a WebSocket too (RFC 8441).
      http1_only_ = false;
      connector_.context_.agenda.bury(std::move(tls_));
      dial();
      return;
    }
    if (!result) {
      give_up(result.error());
      return;
    }
    const bool http2 = tls_->tls()->alpn == "h2";
    if (!http1_only_) connector_.expects_shared_ = http2;
    finish(std::move(tls_), http2);
  });
}

void Connecting::finish(std::unique_ptr<Stream> stream, bool http2) {
  if (!http2) {
    const Done done = std::move(done_);
    done(std::make_unique<Http1Backend>(connector_.context_, connector_.upstream_,
                                        std::move(stream)));
    return;
  }
  // Only its SETTINGS say how many requests it takes, and whether it speaks HTTP/2 at all.
  http2_ =
      std::make_unique<Http2Backend>(connector_.context_, connector_.upstream_, std::move(stream));
  http2_->await_greeting([this](const Result<void>& result) {
    if (!result) {
      give_up(result.error());
      return;
    }
    const Done done = std::move(done_);
    done(std::move(http2_));
  });
}

void Connecting::give_up(const Error& why) {
  if (raw_done_) {
    const RawDone done = std::move(raw_done_);
    done(tl::unexpected<Error>(why));
    return;
  }
  const Done done = std::move(done_);
  connector_.context_.agenda.bury(std::move(tls_));
  connector_.context_.agenda.bury(std::move(http2_));
  done(tl::unexpected<Error>(why));
}

}  // namespace devproxy
