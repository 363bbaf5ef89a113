// The heart: how a message travels, whatever the protocol at either end. One head, any number of
// data, one end; or it stops once, with failed (its source gave up) or cancel (its sink did). A
// sink that is full says pause() and the source stops reading (HTTP/2: withholds WINDOW_UPDATE)
// until resume(): that is all the back-pressure. After end, failed or cancel neither side calls the
// other again. Bytes are valid during the call only.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "proxy/http/message.h"

namespace devproxy {

/// Where a message comes from, as its sink sees it.
class MessageSource {
 public:
  virtual void pause() = 0;
  virtual void resume() = 0;
  /// Nobody wants the rest.
  virtual void cancel() = 0;

 protected:
  MessageSource() = default;
  ~MessageSource() = default;
};

/// Takes a request. Its head is given on start (see Exchange::start, Attempt::start); one without a
/// body has no request_end. In a WebSocket data is raw bytes and end a half-close.
class RequestSink {
 public:
  virtual void request_data(Bytes bytes) = 0;
  virtual void request_end(const Headers* trailers) = 0;  ///< null: none
  virtual void request_failed(const Error& why) = 0;

 protected:
  RequestSink() = default;
  ~RequestSink() = default;
};

/// Takes a response. One without a body still has its end.
class ResponseSink {
 public:
  virtual void inform(Response& response) = 0;  ///< 1xx, any number of them
  virtual void response_head(Response& response, MessageSource& source) = 0;
  virtual void response_data(Bytes bytes) = 0;
  virtual void response_end(const Headers* trailers) = 0;  ///< null: none
  virtual void response_failed(const Error& why) = 0;

 protected:
  ResponseSink() = default;
  ~ResponseSink() = default;
};

}  // namespace devproxy
