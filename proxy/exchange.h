// Exchange: one request and its response, on any protocols. It decides where the request goes,
// applies the rules, holds, retries, and turns every failure into an answer. Owned by its frontend,
// recycled through Context. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/agenda.h"
#include "proxy/attempt.h"
#include "proxy/frontend.h"
#include "proxy/http/sink.h"
#include "proxy/net/stream.h"
#include "proxy/page.h"
#include "proxy/routing.h"

namespace devproxy {

struct Context;
struct Wish;

/// What a frontend knows about its client. Asked when needed; the connection outlives the exchange.
class ClientFacts {
 public:
  virtual std::string_view ip() = 0;
  virtual const ListenerFacts& listener() const = 0;
  /// Null: the client's connection is not encrypted.
  virtual const TlsFacts* tls() const = 0;
  /// The other end of the connection belongs to this process's user.
  virtual bool is_own_user() = 0;

 protected:
  ~ClientFacts() = default;
};

class Exchange final : public RequestSink, private ResponseSink, private AttemptWaiter {
 public:
  explicit Exchange(Context& context);
  ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  /// Filled in by the frontend before start().
  Request& request() { return request_; }

  /// The request's head is complete. The answer goes to `client`, perhaps before this returns;
  /// `body` is the request's source. Both outlive the exchange.
  void start(ResponseSink& client, MessageSource& body, ClientFacts& facts);

  /// The head was refused before there was a request: answers with this status.
  void refuse(int status, std::string_view why, ResponseSink& client, ClientFacts& facts);

  // RequestSink
  void request_data(Bytes bytes) override;
  void request_end(const Headers* trailers) override;
  /// The body breaks the rules of its framing: the connection ends with the answer.
  void request_malformed(std::string_view why);
  /// The client is gone.
  void request_failed(const Error& why) override;

  /// A response that has no end of its own: a WebSocket, server-sent events. A drain does not wait
  /// for it.
  bool is_endless() const;

  /// Ready for another request, with its memory kept.
  void recycle();

 private:
  enum class Phase : std::uint8_t { fresh, waiting, sent, answering, over };

  // ResponseSink, for the attempt
  void inform(Response& response) override;
  void response_head(Response& response, MessageSource& source) override;
  void response_data(Bytes bytes) override;
  void response_end(const Headers* trailers) override;
  void response_failed(const Error& why) override;
  // AttemptWaiter
  void on_attempt(Attempt& attempt) override;
  void on_no_attempt(const Error& why) override;

  void begin(ResponseSink& client, ClientFacts& facts);
  void refuse(int status, std::string_view why);
  void route();
  void choose_service(const Lookup& lookup);
  void name_choice(Response& response) const;
  void drop_pins(Response& response);
  void forward(const Route& route, std::string_view normal_path);
  void redirect(const std::string& to);
  bool wants_https() const;
  void redirect_to_https();
  bool is_local_name(std::string_view host) const;
  bool is_misdirected(std::string_view host) const;
  void refuse_unknown(std::string_view host);
  void answer_max_forwards();
  void answer_loop();
  void on_timeout();

  Wish wish() const;
  void answer_failure(const Error& why);
  bool is_looking_nearby(const Error& why);
  void answer_page(const Page& page, const char* kind);
  void answer(int status, std::string_view type, std::string_view body);
  Page page_for(const Error& why) const;
  void tell_of_service(Page& page, const Service& service) const;
  std::vector<std::pair<std::string, std::string>> route_list() const;
  std::string_view scheme() const { return facts_->tls() != nullptr ? "https" : "http"; }
  bool accepts_html() const;
  void give_up_attempt();
  void note(std::string_view why);
  void record();

  Context& context_;
  Request request_;
  Response response_;
  ResponseSink* client_ = nullptr;
  MessageSource* body_ = nullptr;
  ClientFacts* facts_ = nullptr;
  std::shared_ptr<const Routing> routing_;
  const Route* route_ = nullptr;
  std::size_t service_ = 0;  ///< that answers: the route's, or the one that service_when chose
  HostHeader host_header_ = HostHeader::preserve;  ///< for that one
  Upstream* upstream_ = nullptr;
  Attempt* attempt_ = nullptr;
  Timer timeout_;
  std::string host_;         ///< the name that routes were asked for, when it had to be lower-cased
  std::string normal_path_;  ///< when it differs from the path as sent
  std::string replay_;       ///< request body that an attempt may still need
  std::unique_ptr<Headers> replay_trailers_;
  std::string note_;
  std::vector<std::string> nearby_;  ///< who listens instead of a service that refuses
  std::uint64_t began_ = 0;          ///< nanoseconds; 0: nobody is looking
  std::chrono::system_clock::time_point began_at_;
  std::uint64_t bytes_in_ = 0;
  std::uint64_t bytes_out_ = 0;
  std::uint8_t retries_ = 0;
  std::uint8_t looks_ = 0;  ///< how often nearby_ was asked for
  Phase phase_ = Phase::fresh;
  bool recording_ = false;  ///< body bytes go to replay_ too: a retry is possible
  bool request_ended_ = false;
  bool response_begun_ = false;  ///< a final head went to the client
  bool response_ended_ = false;
  bool recorded_ = false;
};

}  // namespace devproxy
