// Http2BackendStream: one request to a service over HTTP/2, and its response. Owned and recycled by
// its Http2Backend; an exchange holds it as its Attempt meanwhile. One thread.
#pragma once

#include <memory>
#include <string>

#include "proxy/attempt.h"
#include "proxy/http/http2_head.h"
#include "proxy/http/http2_stream.h"

namespace devproxy {

class Http2Backend;

class Http2BackendStream final : public Http2Stream, public Attempt {
 public:
  Http2BackendStream(Http2Backend& backend, Http2Session& session);
  ~Http2BackendStream() override;

  void recycle();
  /// A WebSocket waited for the service's SETTINGS: they are here.
  void send_websocket();
  /// The connection is gone. What is here in full is still delivered.
  void connection_lost(Code code, const std::string& why);

  // Attempt
  void start(const Request& request, MessageSource& body, Response& response,
             ResponseSink& sink) override;
  bool is_reused() const override { return is_reused_; }
  bool has_answered() const override { return has_answered_; }
  void request_data(Bytes bytes) override;
  void request_end(const Headers* trailers) override;
  void request_failed(const Error& why) override;
  void pause() override;
  void resume() override;
  void cancel() override;

 private:
  // Http2Stream
  bool on_field(std::string_view name, std::string_view value, bool is_secret) override;
  void on_head(bool ends) override;
  void on_data(Bytes bytes) override;
  void on_end() override;
  void on_closed(Http2Code code, bool by_peer) override;
  void on_end_sent() override {}
  void on_output_full() override;
  void on_output_ready() override;

  void send_head();
  void accept_websocket();
  void break_off(Code code, std::string why);
  void leave();

  Http2Backend& backend_;
  const Request* request_ = nullptr;
  MessageSource* body_ = nullptr;  ///< null: the request has ended
  Response* response_ = nullptr;
  ResponseSink* sink_ = nullptr;  ///< null: nobody listens any more
  Http2HeadSize size_;
  std::string status_;
  std::unique_ptr<Headers> trailers_;
  bool is_reused_ : 1 = false;
  bool has_answered_ : 1 = false;
  bool has_head_ : 1 = false;        ///< the final one: fields that come now are trailers
  bool response_ended_ : 1 = false;  ///< of a tunnel whose request has not
};

}  // namespace devproxy
