// Connector: how connections to one endpoint are made: its addresses, resolved and remembered; the
// TLS of https; the protocol that was settled. A Connecting is one connection being made;
// destroying it gives up. Both owned by an Upstream, the Connector outlives its Connectings. One
// thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "proxy/backend.h"
#include "proxy/endpoint.h"
#include "proxy/net/dial.h"
#include "proxy/net/name_lookup.h"
#include "proxy/net/tls_stream.h"

namespace devproxy {

struct Context;
class Connecting;
class Http2Backend;
class Upstream;

class Connector final {
 public:
  Connector(Context& context, Upstream& upstream, const Endpoint& endpoint);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  /// The next connection will probably carry several exchanges at once, so that one is enough for
  /// all who wait.
  bool expects_shared() const { return expects_shared_; }

  /// Of a service that moves: new connections go there from now on; empty: nowhere.
  void move(std::vector<sockaddr_storage> addresses);

 private:
  friend class Connecting;

  bool has_addresses() const;
  DialTarget target() const;
  void resolve(Connecting& waiting);
  void on_resolved(Result<std::vector<sockaddr_storage>> addresses);
  void note_dialled(const sockaddr_storage& answered);
  void note_failed();

  Context& context_;
  Upstream& upstream_;
  const Endpoint& endpoint_;
  std::vector<sockaddr_storage> addresses_;  ///< the one that answered last at the front
  std::uint64_t addresses_until_ = 0;
  std::vector<Connecting*> unresolved_;
  std::unique_ptr<NameLookup> lookup_;
  bool expects_shared_ = false;
};

class Connecting final {
 public:
  /// Called once, never from within start(); the Connecting may be destroyed in it (bury it).
  using Done = std::function<void(Result<std::unique_ptr<Backend>> backend)>;

  explicit Connecting(Connector& connector);
  ~Connecting();
  Connecting(const Connecting&) = delete;
  Connecting& operator=(const Connecting&) = delete;

  /// `http1_only`: HTTP/2 is not offered, as a WebSocket wants it.
  void start(bool http1_only, Done done);

  /// The same, for whoever brings a protocol of his own: done as soon as the socket is connected.
  using RawDone = std::function<void(Result<std::unique_ptr<Stream>> stream)>;
  void start_raw(RawDone done);

 private:
  friend class Connector;

  void find_and_dial();
  void dial();
  void on_unresolved(const Error& why);
  void on_dialled(Result<std::unique_ptr<SocketStream>> stream, const sockaddr_storage& answered);
  void begin_tls(std::unique_ptr<Stream> stream);
  void finish(std::unique_ptr<Stream> stream, bool http2);
  void give_up(const Error& why);

  Connector& connector_;
  Dial dial_;
  Timer timer_;
  std::unique_ptr<TlsStream> tls_;
  std::unique_ptr<Http2Backend> http2_;  ///< until the service's SETTINGS have come
  Done done_;
  RawDone raw_done_;  ///< in place of done_
  bool http1_only_ = false;
  bool is_unresolved_ = false;  ///< the connector knows it as one that waits for addresses
};

}  // namespace devproxy
