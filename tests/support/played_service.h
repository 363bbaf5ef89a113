// PlayedService: the proxy's side of an HTTP/2 connection to a service that a test plays in raw
// frames, and SinkRecord, what an exchange would see of it. Everything on the test's thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/loop.h"
#include "proxy/context.h"
#include "proxy/http/http2_backend.h"
#include "proxy/upstream.h"
#include "tests/support/http2_wire.h"
#include "tests/support/memory_stream.h"

namespace devproxy {

/// What an exchange sees.
class SinkRecord final : public ResponseSink, public MessageSource {
 public:
  void inform(Response& head) override { informed.push_back(head.status); }
  void response_head(Response& head, MessageSource& source) override {
    status = head.status;
    upgraded = head.upgraded;
    source_ = &source;
    if (pauses) source.pause();
  }
  void response_data(Bytes bytes) override { body.append(bytes); }
  void response_end(const Headers* trailers) override {
    ended = true;
    if (trailers == nullptr) return;
    for (const Field& field : trailers->fields())
      ends.append(trailers->name(field)).append("=").append(trailers->value(field));
  }
  void response_failed(const Error& why) override {
    failed = true;
    error = why;
  }
  void pause() override { ++paused; }
  void resume() override { ++resumed; }
  void cancel() override {}
  void go_on() { source_->resume(); }

  Request request;
  Response response;
  std::vector<int> informed;
  std::string body, ends;
  int status = 0, paused = 0, resumed = 0;
  bool upgraded = false, ended = false, failed = false, pauses = false;
  Error error;

 private:
  MessageSource* source_ = nullptr;
};

struct PlayedService {
  Loop loop;
  Context context{loop, ServerOptions{"0123abcd", {}, {}}};
  Upstream upstream{context, Endpoint{}};
  MemoryStream::Wire wire;
  std::unique_ptr<Http2Backend> backend;
  Unpacker unpacker;
  std::vector<h2::Frame> frames;  ///< since greet()

  PlayedService() {
    const Turn turn(loop.agenda());
    backend = std::make_unique<Http2Backend>(context, upstream,
                                             std::make_unique<MemoryStream>(loop.agenda(), wire));
  }
  ~PlayedService() {
    const Turn turn(loop.agenda());
    backend.reset();
  }

  void greet(std::string_view settings = {}) {
    feed(h2::frame(h2::settings, 0, 0, settings) + h2::frame(h2::settings, h2::ack, 0));
    frames.clear();
  }
  void feed(std::string_view bytes) {
    if (wire.stream != nullptr) wire.stream->feed(bytes);
    look();
  }
  void look() {
    loop.agenda().before_wait();
    if (wire.sent.substr(0, h2::preface.size()) == h2::preface)
      wire.sent.erase(0, h2::preface.size());
    for (h2::Frame& each : h2::take_frames(wire.sent)) frames.push_back(std::move(each));
  }

  Attempt& start(SinkRecord& sink, h2::Fields fields = {}, BodyLength body = {}) {
    Request& request = sink.request;
    std::string& block = request.headers.block();
    block = "GET/path";
    request.method = {0, 3};
    request.target = {3, 5};
    request.headers.add("Host", "a.localhost");
    for (const auto& [name, value] : fields) request.headers.add(name, value);
    request.body = body;
    Attempt* attempt = nullptr;
    {
      const Turn turn(loop.agenda());
      attempt = &backend->attempt();
      attempt->start(request, sink, sink.response, sink);
    }
    look();
    return *attempt;
  }

  /// The last HEADERS frame that came, as "name: value" lines.
  std::string head() {
    std::string text;
    for (auto each = frames.rbegin(); each != frames.rend(); ++each) {
      if (each->type != h2::headers) continue;
      for (const auto& [name, value] : unpacker.unpack(each->payload))
        text.append(name).append(": ").append(value).append("\n");
      break;
    }
    return text;
  }
  bool has_reset(std::uint32_t stream, std::uint32_t code) const {
    for (const h2::Frame& each : frames) {
      if (each.type == h2::rst_stream && each.stream == stream && each.word() == code) return true;
    }
    return false;
  }
};

}  // namespace devproxy
