// SocketStream: a Stream over a TCP or unix socket of libuv. The socket's memory outlives the
// stream (base/handle.h), so a stream may be destroyed at any time except inside its own callbacks
// (bury it). One thread.
#pragma once

#include <uv.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/handle.h"
#include "base/loop.h"
#include "proxy/net/buffers.h"
#include "proxy/net/descriptors.h"
#include "proxy/net/stream.h"

namespace devproxy {

class SocketStream final : public Stream, private Flushable {
 public:
  SocketStream(Loop& loop, Buffers& buffers, Descriptors& descriptors, Handle<uv_tcp_t> socket);
  SocketStream(Loop& loop, Buffers& buffers, Descriptors& descriptors, Handle<uv_pipe_t> socket);
  ~SocketStream() override;

  void set_events(StreamEvents* events) override { events_ = events; }
  void start_reading() override;
  void pause_reading() override;
  std::string& out() override;
  void write(Bytes bytes) override;
  std::size_t queued() const override { return out_.size() + in_flight_; }
  std::string peer_ip() const override;
  bool peer_is_own_user() const override;
  void finish_writing() override;
  void tell_when_drained() override;
  void reset() override;

 private:
  struct Write;

  uv_stream_t* handle() const;
  bool ask_whose_peer() const;
  void on_read(ssize_t size, const char* data);
  void flush() override;
  void send(Bytes behind);
  void queue(std::string rest);
  void on_written(int status);
  void write_failed(int status);
  void settle();

  Loop& loop_;
  Buffers& buffers_;
  Descriptors& descriptors_;
  StreamEvents* events_ = nullptr;
  Handle<uv_tcp_t> tcp_;
  Handle<uv_pipe_t> pipe_;
  std::string out_;
  std::size_t in_flight_ = 0;
  bool dirty_ : 1 = false;
  bool reading_ : 1 = false;
  bool bulk_ : 1 = false;
  bool full_ : 1 = false;                 ///< the owner waits for on_drained
  bool finishing_ : 1 = false;            ///< half-close once drained
  bool broken_ : 1 = false;               ///< writing has failed
  mutable std::optional<bool> own_user_;  ///< the system is asked once
};

}  // namespace devproxy
