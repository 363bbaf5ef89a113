// Attempt: an exchange's try at one endpoint, whatever the protocol: it takes the request and is
// the source of the response. Owned by its Upstream; an exchange that is done with it before its
// end says cancel(). One thread.
#pragma once

#include "proxy/http/sink.h"

namespace devproxy {

class Attempt : public RequestSink, public MessageSource {
 public:
  /// Sends the head and answers to `sink`, filling in `response`. `body` is paused while the
  /// service is slow. All references stay valid until the response's end, its failure, or cancel().
  virtual void start(const Request& request, MessageSource& body, Response& response,
                     ResponseSink& sink) = 0;

  /// The connection had carried an exchange before: the service may have closed it meanwhile.
  virtual bool is_reused() const = 0;
  /// A byte of a response came.
  virtual bool has_answered() const = 0;

 protected:
  Attempt() = default;
  ~Attempt() = default;
};

/// Who waits for an Attempt. Exactly one of the two is called, unless Upstream::forget() comes
/// first.
class AttemptWaiter {
 public:
  virtual void on_attempt(Attempt& attempt) = 0;
  virtual void on_no_attempt(const Error& why) = 0;

 protected:
  AttemptWaiter() = default;
  ~AttemptWaiter() = default;
};

}  // namespace devproxy
