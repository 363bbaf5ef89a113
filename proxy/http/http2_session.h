// Http2Session: HTTP/2 framing over a Stream, either role: nghttp2 owned, and nothing else of ours
// knows it. What is written is collected and leaves once per iteration of the loop, all streams
// together (answer by answer it costs half as much again). Owned by a frontend or a backend; dies
// with it, never inside its own callbacks. One thread.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/agenda.h"
#include "proxy/http/http2_limits.h"
#include "proxy/net/buffers.h"
#include "proxy/net/stream.h"

struct nghttp2_session;

namespace devproxy {

class Http2Stream;

/// RFC 9113 section 7.
enum class Http2Code : std::uint32_t {
  no_error = 0,
  protocol_error = 1,
  internal_error = 2,
  stream_closed = 5,
  frame_size_error = 6,
  refused_stream = 7,
  cancel = 8,
  enhance_your_calm = 11,
};

/// "CANCEL", as the RFC writes it.
const char* name_of(Http2Code code);

/// A field on its way out; views, copied when they are handed over.
struct Http2Field {
  std::string_view name;
  std::string_view value;
  bool is_secret = false;  ///< never put into a compression table (RFC 7541 7.1.3)
};
using Http2Fields = std::vector<Http2Field>;

class Http2SessionEvents {
 public:
  /// Server: a client begins a request. The stream stays its owner's, and alive until the owner's
  /// on_flushed() behind its on_closed().
  virtual Http2Stream* on_stream() = 0;
  /// The peer's SETTINGS came, for the first time or anew.
  virtual void on_settings() = 0;
  /// The answer to shut_down_soon(): everything that the peer sent before it knew has arrived.
  virtual void on_notice_seen() = 0;
  /// What was collected has been handed to the stream; nothing of the session is on the stack. The
  /// owner looks at is_over(), and does what had to wait.
  virtual void on_flushed() = 0;

 protected:
  Http2SessionEvents() = default;
  ~Http2SessionEvents() = default;
};

class Http2Session final : private Flushable {
 public:
  enum class Role : std::uint8_t { server, client };

  /// Sends our SETTINGS; a client its preface too.
  Http2Session(Role role, Agenda& agenda, Buffers& buffers, Stream& stream,
               Http2SessionEvents& events);
  ~Http2Session();
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // What the stream tells.
  void receive(Bytes bytes);
  void on_full() { blocked_ = true; }
  void on_drained();
  /// on_flushed() comes, even when there is nothing to send.
  void schedule();

  // Heads, and what else is said about streams. `ends`: nothing follows.
  void send_request(Http2Stream& stream, const Http2Fields& fields, bool ends);
  /// Left out when the peer does not read what waits for it already.
  void send_interim(Http2Stream& stream, const Http2Fields& fields);
  void send_response(Http2Stream& stream, const Http2Fields& fields, bool ends);
  void reset(const Http2Stream& stream, Http2Code code);
  /// The peer has ended its side of the stream.
  bool is_half_closed(const Http2Stream& stream) const;

  // The end (RFC 9113 6.8): asks for no new streams, then takes none, while running ones finish.
  void shut_down_soon();
  void shut_down();
  /// Ends it all with an error.
  void terminate(Http2Code code);
  /// The connection is gone: nothing is written any more, and no stream is told anything but what
  /// it holds back.
  void abandon() { abandoned_ = true; }
  /// Neither side has anything to say any more.
  bool is_over() const;
  /// Something collected has not been handed to the stream yet.
  bool has_output() const;

  bool is_terminated() const { return terminated_; }
  /// No new streams, whoever said so.
  bool is_shutting_down() const;
  bool has_settings() const { return has_settings_; }
  /// A head has begun and is not complete, or not even the peer's SETTINGS have come.
  bool is_within_head() const { return within_head_ || !has_settings_; }
  std::uint32_t most_streams() const;  ///< that the peer allows us
  bool allows_websocket() const;       ///< the peer's SETTINGS do (RFC 8441)

 private:
  friend class Http2Stream;
  struct Callbacks;

  // For streams.
  void has_data(Http2Stream& stream);
  void collect_now();
  void consume(const Http2Stream& stream, std::size_t bytes);
  void deliver_later(Http2Stream& stream);
  void ready_later(Http2Stream& stream);
  void forget(const Http2Stream& stream);

  void flush() override;
  void collect();
  void send_settings();
  void note_nuisance();
  /// Server: a HEADERS frame begins.
  void check_not_over(std::int32_t stream_id);

  Role role_;
  Agenda& agenda_;
  Buffers& buffers_;
  Stream& stream_;
  Http2SessionEvents& events_;
  nghttp2_session* session_;
  std::vector<Http2Stream*> resumed_;  ///< what they held back is delivered at the next flush
  std::vector<Http2Stream*> ready_;    ///< have room again
  std::vector<Http2Stream*> turned_;   ///< scratch of flush()
  Http2Stream* head_ = nullptr;        ///< whose head comes just now, if it is anybody's
  Http2Patience patience_;
  std::int32_t newest_ = 0;  ///< server: the last stream that the client began,
  std::int32_t begun_ = 0;   ///< and how many
  bool busy_ : 1 = false;    ///< nghttp2 is on the stack
  bool scheduled_ : 1 = false;
  bool blocked_ : 1 = false;  ///< the stream is full
  bool terminated_ : 1 = false;
  bool abandoned_ : 1 = false;
  bool peer_shuts_down_ : 1 = false;
  bool has_settings_ : 1 = false;
  bool within_head_ : 1 = false;
  bool resets_early_ : 1 = false;  ///< we reset a stream that its client had not ended
};

}  // namespace devproxy
