// Http2FrontendStream: one request of an HTTP/2 client and its response. Turns the stream's fields
// into a Request for an Exchange of its own, and the answer back. Owned and recycled by its
// Http2Frontend. One thread.
#pragma once

#include <cstdint>
#include <memory>

#include "proxy/exchange.h"
#include "proxy/http/http2_head.h"
#include "proxy/http/http2_stream.h"

namespace devproxy {

class Http2Frontend;

class Http2FrontendStream final : public Http2Stream, private ResponseSink, private MessageSource {
 public:
  Http2FrontendStream(Http2Frontend& frontend, Http2Session& session);
  ~Http2FrontendStream() override;

  /// For a new request; the stream was just made or recycled.
  void begin();
  void recycle();

  /// A drain waits for it.
  bool is_busy() const;
  /// The connection is gone.
  void connection_lost(const Error& why);

 private:
  // Http2Stream
  bool on_field(std::string_view name, std::string_view value, bool is_secret) override;
  void on_head(bool ends) override;
  void on_data(Bytes bytes) override;
  void on_end() override;
  void on_closed(Http2Code code, bool by_peer) override;
  void on_end_sent() override;
  void on_output_full() override;
  void on_output_ready() override;
  // ResponseSink
  void inform(Response& response) override;
  void response_head(Response& response, MessageSource& source) override;
  void response_data(Bytes bytes) override;
  void response_end(const Headers* trailers) override;
  void response_failed(const Error& why) override;
  // MessageSource: the request's
  void pause() override;
  void resume() override;
  void cancel() override {}

  void finish_exchange();
  void finish_response();

  enum class Input : std::uint8_t {
    head,
    body,
    upgrade,  ///< a WebSocket that its service has not accepted yet: what comes waits
    ended,
  };

  Http2Frontend& frontend_;
  std::unique_ptr<Exchange> exchange_;  ///< from the first field to the end of the response
  MessageSource* source_ = nullptr;     ///< the response's, while it comes
  Http2RequestReader reader_;
  Http2HeadSize trailers_size_;
  std::unique_ptr<Headers> trailers_;
  std::uint64_t left_ = 0;  ///< of a response body of known length
  Input input_ = Input::head;
  bool head_request_ : 1 = false;
  bool counted_ : 1 = false;  ///< left_ counts
  bool paused_by_exchange_ : 1 = false;
  bool tunnel_ : 1 = false;
  bool response_ended_ : 1 = false;  ///< tunnel: the service has half-closed
  bool end_sent_ : 1 = false;
};

}  // namespace devproxy
