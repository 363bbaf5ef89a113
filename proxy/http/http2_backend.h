// Http2Backend: one HTTP/2 connection to a service, shared by all requests that go there: each has
// a stream of its own. Owned by its Upstream, which it tells when a stream is free again and when
// the connection is of no more use. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/deadlines.h"
#include "base/result.h"
#include "proxy/backend.h"
#include "proxy/http/http2_head.h"
#include "proxy/http/http2_session.h"
#include "proxy/net/stream.h"

namespace devproxy {

struct Context;
class Http2BackendStream;
class Upstream;

class Http2Backend final : public Backend,
                           private StreamEvents,
                           private Http2SessionEvents,
                           private Deadline {
 public:
  Http2Backend(Context& context, Upstream& upstream, std::unique_ptr<Stream> stream);
  ~Http2Backend() override;

  /// `greeted` is called once: the service's SETTINGS have come, or they never will. The backend
  /// may be buried in it.
  using Greeted = std::function<void(const Result<void>& result)>;
  void await_greeting(Greeted greeted) { greeted_ = std::move(greeted); }

  // Backend
  bool is_shared() const override { return true; }
  bool is_usable(std::uint64_t now, bool repeatable) const override;
  bool must_wait() const override;
  Attempt& attempt() override;

  // For its streams.
  bool has_carried() const { return has_carried_; }
  const Http2Fields& head_of(const Request& request);
  /// send_websocket() is called once the service's SETTINGS are known.
  void ask_for_websocket(Http2BackendStream& stream);
  /// Its exchange is over, and the session knows it no more.
  void retire(Http2BackendStream& stream);

 private:
  using Streams = std::vector<std::unique_ptr<Http2BackendStream>>;

  // StreamEvents
  void on_bytes(Bytes bytes) override;
  void on_end() override;
  void on_full() override;
  void on_drained() override;
  void on_write_failed(const Error& why) override;
  void on_read_failed(const Error& why) override;
  // Http2SessionEvents
  Http2Stream* on_stream() override { return nullptr; }  // a service begins none
  void on_settings() override {}
  void on_notice_seen() override {}
  void on_flushed() override;
  // Deadline
  void on_deadline() override;

  bool is_alive() const;
  void note_greeting();
  void recycle();
  void send_websockets();
  void lose(Code code, const std::string& why);
  void leave();

  Context& context_;
  Upstream& upstream_;
  std::unique_ptr<Stream> stream_;
  Http2Session session_;
  Http2HeadWriter writer_;
  Streams streams_;  ///< by their place
  Streams retired_;  ///< until the next flush
  Streams free_;
  std::vector<Http2BackendStream*> websockets_;  ///< wait for SETTINGS
  Greeted greeted_;                              ///< empty: it has been called
  bool has_carried_ = false;                     ///< an exchange was answered on it
  bool was_busy_ = false;        ///< the upstream is to be told when it is so no more
  bool was_waited_for_ = false;  ///< the upstream is to be told when it must wait no more
  bool write_failed_ = false;
  bool lost_ = false;  ///< nothing comes or goes any more
  bool left_ = false;  ///< the upstream has been told to discard it
};

}  // namespace devproxy
