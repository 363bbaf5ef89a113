#include "proxy/exchange.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/text.h"
#include "proxy/context.h"
#include "proxy/http/host.h"
#include "proxy/rules.h"
#include "proxy/upstream.h"
#include "router/path.h"
#include "router/service_when.h"

namespace devproxy {
namespace {

constexpr int most_retries = 3;

std::uint64_t monotonic_nanoseconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::nanoseconds>(now).count());
}

std::string_view query_part(std::string_view target) {
  const std::size_t question = target.find('?');
  return question == std::string_view::npos ? std::string_view() : target.substr(question + 1);
}

/// Routes with header conditions ask the request through this.
class RequestFields final : public FieldLookup {
 public:
  explicit RequestFields(const Headers& headers) : headers_(headers) {}
  std::optional<std::string_view> field(std::string_view name, std::size_t nth) const override {
    for (const Field& field : headers_.fields()) {
      if (field.name_size != name.size() || field.dropped || !iequals(headers_.name(field), name))
        continue;
      if (nth-- == 0) return headers_.value(field);
    }
    return std::nullopt;
  }

 private:
  const Headers& headers_;
};

}  // namespace

Exchange::Exchange(Context& context) : context_(context), timeout_(context.agenda) {}

Exchange::~Exchange() {
  give_up_attempt();
}

void Exchange::recycle() {
  give_up_attempt();
  timeout_.cancel();
  request_.clear();
  request_.headers.trim();
  response_.clear();
  response_.headers.trim();
  client_ = nullptr;
  body_ = nullptr;
  facts_ = nullptr;
  routing_.reset();
  route_ = nullptr;
  service_ = 0;
  upstream_ = nullptr;
  if (!replay_.empty()) std::string().swap(replay_);
  replay_trailers_.reset();
  note_.clear();
  if (looks_ != 0) std::vector<std::string>().swap(nearby_);
  began_ = bytes_in_ = bytes_out_ = 0;
  phase_ = Phase::fresh;
  retries_ = looks_ = 0;
  recording_ = request_ended_ = response_begun_ = response_ended_ = recorded_ = false;
}

void Exchange::begin(ResponseSink& client, ClientFacts& facts) {
  client_ = &client;
  facts_ = &facts;
  routing_ = context_.routing;
  if (context_.options.on_exchange) {
    began_ = monotonic_nanoseconds();
    began_at_ = std::chrono::system_clock::now();
  }
}

void Exchange::start(ResponseSink& client, MessageSource& body, ClientFacts& facts) {
  begin(client, facts);
  body_ = &body;
  request_ended_ = request_.body.is_none() && !request_.websocket;
  route();
}

void Exchange::refuse(int status, std::string_view why, ResponseSink& client, ClientFacts& facts) {
  begin(client, facts);
  request_ended_ = true;
  refuse(status, why);
}

void Exchange::request_malformed(std::string_view why) {
  give_up_attempt();
  if (!response_begun_) {
    refuse(400, why);
    return;
  }
  phase_ = Phase::over;
  note(why);
  record();
  client_->response_failed(Error{Code::bad_request, Source::client, std::string(why)});
}

void Exchange::refuse(int status, std::string_view why) {
  note(why);
  Page page;
  page.status = status;
  page.title = "The request was refused";
  page.detail = "It broke a rule of HTTP: " + std::string(why) + ".";
  page.hint = "Correct the client that sent it.";
  answer_page(page, "bad-request");
}

void Exchange::route() {
  const std::string_view host = host_name(request_.authority_text(), host_);
  std::string_view path = request_.target_text();
  path = path == "*" ? "/" : path.substr(0, path.find('?'));
  if (!is_normal_path(path)) {
    auto normal = normalise_path(path);
    if (!normal) {
      refuse(400, "the path climbs above its root or holds a malformed percent-encoding");
      return;
    }
    normal_path_ = std::move(*normal);
    path = normal_path_;
  }
  const RequestFields fields(request_.headers);
  const Lookup lookup{host, path, request_.method_text(), &fields};
  route_ = routing_->table->match(lookup);
  if (route_ == nullptr) {
    refuse_unknown(host);
    return;
  }
  choose_service(lookup);
  if (is_misdirected(host)) {
    note("this connection has another certificate than the host");
    response_.clear();
    answer(421, {}, {});
    return;
  }
  if (wants_https()) {
    redirect_to_https();
    return;
  }
  if (!count_down_max_forwards(request_)) {
    answer_max_forwards();
    return;
  }
  forward(*route_, path);
}

void Exchange::choose_service(const Lookup& lookup) {
  service_ = route_->service;
  host_header_ = route_->rule.host_header;
  if (route_->services_when.empty()) return;
  Lookup with_query = lookup;
  with_query.query = query_part(request_.target_text());
  const auto chosen = chosen_of(route_->rule, with_query);
  if (!chosen) return;
  service_ = route_->services_when[*chosen];
  host_header_ = route_->rule.service_when[*chosen].host_header.value_or(host_header_);
}

void Exchange::forward(const Route& route, std::string_view normal_path) {
  const Service& service = routing_->table->services()[service_];
  if (const auto* target = std::get_if<RedirectTarget>(&service.target)) {
    redirect(target->to);
    return;
  }
  constexpr int most_passes = 5;
  if (times_passed(request_.headers, context_.via) >= most_passes) {
    answer_loop();
    return;
  }
  upstream_ = routing_->upstreams[service_].get();
  ForwardFacts facts;
  facts.client_ip = facts_->ip();
  facts.scheme = scheme();
  facts.listener_port = facts_->listener().port;
  facts.trusted = routing_->trusted.contains(facts.client_ip);
  facts.via = context_.via;
  facts.request_id = context_.request_ids.next();
  facts.host_header = host_header_;
  const bool own_host = host_header_ == HostHeader::upstream || request_.authority.size == 0;
  prepare_request(request_, route.rule,
                  own_host ? upstream_->endpoint().authority() : std::string(), normal_path, facts,
                  context_.forwarding_lines);

  if (route.rule.timeout) {
    timeout_.start(static_cast<std::uint64_t>(route.rule.timeout->count()),
                   [this] { on_timeout(); });
  }
  phase_ = Phase::waiting;
  Attempt* attempt = upstream_->acquire(*this, wish());
  if (attempt != nullptr) {
    on_attempt(*attempt);
  } else if (!request_ended_) {
    body_->pause();
  }
}

Wish Exchange::wish() const {
  return {is_idempotent(request_.method_text()), request_.websocket,
          static_cast<std::uint64_t>(route_->rule.hold.count())};
}

void Exchange::on_attempt(Attempt& attempt) {
  const bool was_waiting = attempt_ == nullptr && phase_ == Phase::waiting;
  attempt_ = &attempt;
  phase_ = Phase::sent;
  attempt.start(request_, *body_, response_, *this);
  recording_ =
      !request_.body.is_none() && attempt.is_reused() && is_idempotent(request_.method_text());
  // What came while there was no connection, or what a lost one had been sent.
  if (!replay_.empty()) attempt.request_data(replay_);
  if (attempt_ == nullptr) return;
  if (request_ended_ && !request_.body.is_none()) attempt.request_end(replay_trailers_.get());
  if (!recording_ && !replay_.empty()) std::string().swap(replay_);
  if (was_waiting) body_->resume();
}

void Exchange::on_no_attempt(const Error& why) {
  answer_failure(why);
}

void Exchange::request_data(Bytes bytes) {
  bytes_in_ += bytes.size();
  if (phase_ == Phase::waiting) {
    replay_.append(bytes);
    return;
  }
  if (recording_) {
    if (replay_.size() + bytes.size() > context_.limits.replay) {
      recording_ = false;
      std::string().swap(replay_);
    } else {
      replay_.append(bytes);
    }
  }
  if (attempt_ != nullptr) attempt_->request_data(bytes);
}

void Exchange::request_end(const Headers* trailers) {
  request_ended_ = true;
  if (trailers != nullptr && (phase_ == Phase::waiting || recording_))
    replay_trailers_ = std::make_unique<Headers>(*trailers);
  if (attempt_ == nullptr) return;
  Attempt& attempt = *attempt_;
  if (response_ended_) {
    // In a tunnel both directions have ended now: the attempt takes itself apart.
    attempt_ = nullptr;
    phase_ = Phase::over;
    record();
  }
  attempt.request_end(trailers);
}

void Exchange::request_failed(const Error& why) {
  if (phase_ == Phase::over) return;
  give_up_attempt();
  phase_ = Phase::over;
  note(why.detail);
  if (!response_begun_) response_.status = 499;
  record();
}

void Exchange::give_up_attempt() {
  if (attempt_ != nullptr) std::exchange(attempt_, nullptr)->cancel();
  if (phase_ == Phase::waiting && upstream_ != nullptr) upstream_->forget(*this);
}

bool Exchange::is_endless() const {
  if (response_.upgraded) return true;
  const Field* type = response_begun_ ? response_.headers.find("content-type") : nullptr;
  constexpr std::string_view events = "text/event-stream";
  return type != nullptr &&
         iequals(response_.headers.value(*type).substr(0, events.size()), events);
}

void Exchange::inform(Response& response) {
  prepare_response(response, {});
  drop_pins(response);
  client_->inform(response);
}

/// On a local name they would bind every other project that uses the name.
void Exchange::drop_pins(Response& response) {
  if (routing_->settings.remove_hsts && response.headers.find(FieldId::transport_pin) != nullptr &&
      is_local_name(host_name(request_.authority_text(), host_)))
    response.headers.drop(FieldId::transport_pin);
}

void Exchange::response_head(Response& response, MessageSource& source) {
  timeout_.cancel();
  upstream_->note_answer();
  response_begun_ = true;
  phase_ = Phase::answering;
  if (recording_ || !replay_.empty()) {
    recording_ = false;
    std::string().swap(replay_);
  }
  prepare_response(response, context_.date());
  name_choice(response);
  drop_pins(response);
  client_->response_head(response, source);
}

void Exchange::response_data(Bytes bytes) {
  bytes_out_ += bytes.size();
  client_->response_data(bytes);
}

void Exchange::response_end(const Headers* trailers) {
  response_ended_ = true;
  const bool tunnel_open = response_.upgraded && !request_ended_;
  if (!tunnel_open) {
    attempt_ = nullptr;
    phase_ = Phase::over;
    record();
  }
  client_->response_end(trailers);
}

void Exchange::response_failed(const Error& why) {
  Attempt* attempt = std::exchange(attempt_, nullptr);
  if (response_begun_) {
    phase_ = Phase::over;
    note(why.detail);
    record();
    client_->response_failed(why);
    return;
  }
  // RFC 9112 9.3.1: the service may have closed a warm connection just as we used it. A connection
  // that answered nothing at all, and a request that may be sent twice: dial anew.
  const bool lost_race = (why.code == Code::closed || why.code == Code::reset) &&
                         attempt->is_reused() && !attempt->has_answered();
  // RFC 9113 8.7: the service did not look at it, so that any request may be sent again.
  const bool repeatable =
      (lost_race && is_idempotent(request_.method_text())) || why.code == Code::unprocessed;
  const bool body_kept = request_.body.is_none() || recording_;
  if (repeatable && body_kept && ++retries_ <= most_retries) {
    phase_ = Phase::waiting;
    if (!request_ended_) body_->pause();
    upstream_->dial(*this, wish());
    return;
  }
  answer_failure(why);
}

void Exchange::on_timeout() {
  if (response_begun_ || phase_ == Phase::over) return;
  give_up_attempt();
  const auto limit = std::to_string(route_->rule.timeout->count()) + " ms";
  answer_failure(
      Error{Code::timed_out, Source::upstream, "no answer within the route's timeout of " + limit});
}

void Exchange::note(std::string_view why) {
  if (began_ != 0 && note_.empty()) note_.assign(why);
}

void Exchange::record() {
  if (began_ == 0 || recorded_) return;
  recorded_ = true;
  ExchangeRecord record;
  record.began = began_at_;
  record.method = request_.method_text();
  record.host = request_.authority_text();
  record.target = request_.target_text();
  record.status = response_.status;
  record.took = std::chrono::microseconds((monotonic_nanoseconds() - began_) / 1000);
  if (route_ != nullptr) record.service = routing_->table->services()[service_].name;
  record.protocol = response_.upgraded ? "websocket" : request_.protocol;
  record.bytes_in = bytes_in_;
  record.bytes_out = bytes_out_;
  record.note = note_;
  context_.options.on_exchange(record);
}

}  // namespace devproxy
