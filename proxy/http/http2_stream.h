// Http2Stream: what every stream of an Http2Session has, whichever end began it: bytes on their way
// out until the peer's window takes them, and bytes that came while its sink was paused (never more
// than our own window). Base of the frontend's and the backend's streams, which own it. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proxy/http/headers.h"
#include "proxy/http/http2_session.h"

namespace devproxy {

class Http2Stream {
 public:
  Http2Stream(const Http2Stream&) = delete;
  Http2Stream& operator=(const Http2Stream&) = delete;

  std::int32_t id() const { return id_; }
  std::size_t place = 0;  ///< among the streams of its owner

 protected:
  explicit Http2Stream(Http2Session& session) : session_(session) {}
  virtual ~Http2Stream();

  // What came, in order: the fields of a head, on_head(), any number of on_data(), and on_end(),
  // with a second head before it when there are trailers. on_closed() comes last and always.

  /// False: malformed, the stream is reset.
  virtual bool on_field(std::string_view name, std::string_view value, bool is_secret) = 0;
  /// `ends`: nothing follows, and there will be no on_end().
  virtual void on_head(bool ends) = 0;
  virtual void on_data(Bytes bytes) = 0;
  virtual void on_end() = 0;
  /// The stream is no more. With no_error both sides had ended it; what was held back may still be
  /// delivered.
  virtual void on_closed(Http2Code code, bool by_peer) = 0;
  /// The last frame of ours has left.
  virtual void on_end_sent() = 0;
  /// More is waiting to leave than it should, and: it may come again.
  virtual void on_output_full() = 0;
  virtual void on_output_ready() = 0;

  void send_data(Bytes bytes);
  void send_end(const Headers* trailers);
  bool has_sent_end() const { return out_ended_; }

  void pause_input() { paused_ = true; }
  void resume_input();
  /// What still comes is thrown away.
  void drop_input();
  bool holds_end() const { return held_end_; }
  /// The other side has ended, behind what is held.
  void take_end();
  bool is_closed() const { return closed_; }
  /// The connection is gone.
  void note_closed() { closed_ = true; }

  /// As new, memory kept. Only when the session has no stream of this id any more.
  void recycle();

  Http2Session& session_;

 private:
  friend class Http2Session;

  std::size_t pending() const { return out_.size() - out_sent_ + borrowed_.size(); }
  void take_input(Bytes bytes);
  void deliver_held();
  void write_out(std::size_t size);

  std::int32_t id_ = 0;
  std::string out_;
  std::size_t out_sent_ = 0;  ///< of out_
  Bytes borrowed_;            ///< behind out_, during send_data() only
  std::string held_;
  Headers trailers_;  ///< ours, until the data before them has left
  bool has_trailers_ : 1 = false;
  bool out_ended_ : 1 = false;
  bool deferred_ : 1 = false;  ///< nghttp2 waits for data
  bool full_ : 1 = false;      ///< on_output_full() was called
  bool paused_ : 1 = false;
  bool dropping_ : 1 = false;
  bool held_end_ : 1 = false;
  bool closed_ : 1 = false;
  bool reset_by_peer_ : 1 = false;
};

}  // namespace devproxy
