// Http1Backend: one HTTP/1.1 connection to a service. Writes requests, reads responses, one at a
// time; between two it is warm and waits in its Upstream, which owns it. One thread.
#pragma once

#include <cstdint>
#include <memory>

#include "base/deadlines.h"
#include "proxy/backend.h"
#include "proxy/http/http1_body.h"
#include "proxy/http/http1_head.h"
#include "proxy/net/stream.h"

namespace devproxy {

struct Context;
class Upstream;

class Http1Backend final : public Backend, public Attempt, private StreamEvents, private Deadline {
 public:
  Http1Backend(Context& context, Upstream& upstream, std::unique_ptr<Stream> stream);

  // Backend
  bool is_shared() const override { return false; }
  bool is_usable(std::uint64_t now, bool repeatable) const override;
  bool must_wait() const override { return false; }
  Attempt& attempt() override { return *this; }

  // Attempt
  void start(const Request& request, MessageSource& body, Response& response,
             ResponseSink& sink) override;
  bool is_reused() const override { return exchanges_ > 1; }
  bool has_answered() const override { return answered_; }
  void request_data(Bytes bytes) override;
  void request_end(const Headers* trailers) override;
  void request_failed(const Error& why) override;
  void pause() override;
  void resume() override;
  void cancel() override;

 private:
  enum class State : std::uint8_t { idle, head, body, tunnel, over };

  void on_bytes(Bytes bytes) override;
  void on_end() override;
  void on_full() override;
  void on_drained() override;
  void on_write_failed(const Error& why) override;
  void on_read_failed(const Error& why) override;
  void on_deadline() override;

  bool take_head(Bytes& bytes);
  bool take_body(Bytes& bytes);
  void finish(bool reusable, const Headers* trailers);
  void break_off(Code code, std::string why);
  void leave();

  Context& context_;
  Upstream& upstream_;
  std::unique_ptr<Stream> stream_;
  HeadReader reader_;
  BodyReader body_reader_;
  BodyWriter body_writer_;
  const Request* request_ = nullptr;
  MessageSource* body_ = nullptr;  ///< null: the request has ended
  Response* response_ = nullptr;
  ResponseSink* sink_ = nullptr;
  std::uint64_t usable_until_ = 0;
  std::uint64_t last_used_ = 0;
  std::uint32_t exchanges_ = 0;
  State state_ = State::idle;
  bool answered_ = false;
  bool write_failed_ = false;
  bool paused_ = false;
  bool response_ended_ = false;  ///< tunnel: the service has half-closed
};

}  // namespace devproxy
