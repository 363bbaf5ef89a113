#include "tests/support/http2_edge.h"

#include <algorithm>
#include <utility>

#include "proxy/endpoint.h"
#include "proxy/http/http2_frontend.h"
#include "proxy/upstream.h"
#include "router/route_table.h"

namespace devproxy {
namespace {

void add_service(Config& config, const std::string& name, Target target) {
  Service service;
  service.name = name;
  service.target = std::move(target);
  config.services.push_back(std::move(service));
  RouteRule rule;
  rule.service = name;
  rule.hosts = {name + ".localhost"};
  config.routes.push_back(rule);
}

}  // namespace

std::string http2_code_name(std::uint32_t code) {
  static const char* const names[] = {"NO_ERROR",
                                      "PROTOCOL_ERROR",
                                      "INTERNAL_ERROR",
                                      "FLOW_CONTROL_ERROR",
                                      "SETTINGS_TIMEOUT",
                                      "STREAM_CLOSED",
                                      "FRAME_SIZE_ERROR",
                                      "REFUSED_STREAM",
                                      "CANCEL",
                                      "COMPRESSION_ERROR",
                                      "CONNECT_ERROR",
                                      "ENHANCE_YOUR_CALM",
                                      "INADEQUATE_SECURITY",
                                      "HTTP_1_1_REQUIRED"};
  return code < std::size(names) ? names[code] : std::to_string(code);
}

std::string Http2Answer::status() const {
  for (auto head = heads.rbegin(); head != heads.rend(); ++head) {
    for (const auto& [name, value] : *head) {
      if (name == ":status") return value;
    }
  }
  return {};
}

std::string Http2Answer::field(const std::string& wanted) const {
  std::string all;
  for (const h2::Fields& head : heads) {
    for (const auto& [name, value] : head) {
      if (name == wanted) all.append(all.empty() ? "" : ", ").append(value);
    }
  }
  return all;
}

Http2Edge::Http2Edge(std::uint16_t port)
    : context(loop, ServerOptions{"0123abcd", {}, {}}), connections(loop.agenda()) {
  Config config;
  add_service(config, "a", PortTarget{port});
  add_service(config, "r", RedirectTarget{"http://a.localhost"});
  RouteRule choosing;
  choosing.service = "a";
  choosing.hosts = {"s.localhost"};
  choosing.service_when = {{WhenIn::cookie, "away", "1", "r", {}, {}}};
  config.routes.push_back(choosing);
  auto routing = std::make_shared<Routing>();
  routing->table = RouteTable::build(config);
  routing->settings = config.proxy;
  for (const Service& service : routing->table->services()) {
    const bool redirects = std::holds_alternative<RedirectTarget>(service.target);
    routing->upstreams.push_back(
        redirects ? nullptr : std::make_shared<Upstream>(context, endpoint_of(service.target)));
  }
  context.routing = std::move(routing);
  const Turn turn(loop.agenda());
  connections.add(std::make_unique<Http2Frontend>(
      context, connections, std::make_unique<MemoryStream>(loop.agenda(), wire),
      ListenerFacts{6289, ListenOnly::any}));
}

Http2Edge::~Http2Edge() {
  const Turn turn(loop.agenda());
  connections.close_all();
  context.routing.reset();
}

void Http2Edge::greet(std::string_view settings) {
  feed(std::string(h2::preface) + h2::frame(h2::settings, 0, 0, settings) +
       h2::frame(h2::settings, h2::ack, 0));
}

void Http2Edge::feed(std::string_view bytes) {
  if (wire.stream != nullptr) wire.stream->feed(bytes);
  loop.agenda().before_wait();
  look();
}

void Http2Edge::feed_end() {
  if (wire.stream != nullptr) wire.stream->feed_end();
  loop.agenda().before_wait();
  look();
}

void Http2Edge::look() {
  for (h2::Frame& frame : h2::take_frames(wire.sent)) {
    take(frame);
    frames.push_back(std::move(frame));
  }
}

void Http2Edge::take(const h2::Frame& frame) {
  Http2Answer& answer = answers[frame.stream];
  switch (frame.type) {
    case h2::headers:
      block_ = frame.payload;
      if ((frame.flags & h2::end_headers) != 0) answer.heads.push_back(unpacker_.unpack(block_));
      break;
    case h2::continuation:
      block_.append(frame.payload);
      if ((frame.flags & h2::end_headers) != 0) answer.heads.push_back(unpacker_.unpack(block_));
      break;
    case h2::data:
      answer.body.append(frame.payload);
      break;
    case h2::rst_stream:
      answer.reset = http2_code_name(frame.word());
      break;
    case h2::goaway:
      goaway = http2_code_name(frame.word(4));
      last_stream = frame.word() & 0x7fffffff;
      ++goaways;
      break;
    default:
      break;
  }
  if (frame.ends()) answer.ended = true;
}

std::string Http2Edge::request(std::uint32_t stream, h2::Fields fields, bool ends) {
  const auto has = [&](const char* wanted) {
    return std::any_of(fields.begin(), fields.end(),
                       [&](const auto& field) { return field.first == wanted; });
  };
  h2::Fields all;
  for (const auto& [name, value] : h2::Fields{{":method", "GET"},
                                              {":scheme", "http"},
                                              {":authority", "a.localhost"},
                                              {":path", "/"}}) {
    if (!has(name.c_str())) all.emplace_back(name, value);
  }
  all.insert(all.end(), fields.begin(), fields.end());
  const auto flags = static_cast<std::uint8_t>(h2::end_headers | (ends ? h2::end_stream : 0));
  return h2::frame(h2::headers, flags, stream, pack(all));
}

std::string Http2Edge::data(std::uint32_t stream, std::string_view bytes, bool ends) {
  return h2::frame(h2::data, ends ? h2::end_stream : h2::none, stream, bytes);
}

std::string Http2Edge::outcome() const {
  if (!goaway.empty()) return "goaway " + goaway;
  for (const auto& [stream, answer] : answers) {
    if (!answer.reset.empty() && answer.reset != "NO_ERROR")
      return "reset " + std::to_string(stream) + " " + answer.reset;
  }
  for (const auto& [stream, answer] : answers) {
    if (!answer.heads.empty()) return std::to_string(stream) + ": " + answer.status();
  }
  return "nothing";
}

}  // namespace devproxy
