#include "proxy/tunnel.h"

#include <utility>

namespace devproxy {

Tunnel::Tunnel(Agenda& agenda, std::unique_ptr<Stream> client, std::unique_ptr<Stream> service,
               Task over)
    : agenda_(agenda),
      client_(*this, std::move(client)),
      service_(*this, std::move(service)),
      over_(std::move(over)),
      moved_at_(agenda.now()) {}

void Tunnel::start(Bytes early, bool client_ended) {
  client_.stream->set_events(&client_);
  service_.stream->set_events(&service_);
  service_.stream->start_reading();
  if (!early.empty()) client_.on_bytes(early);
  if (client_ended) {
    client_.on_end();
  } else if (!is_over_ && !service_.is_gone) {
    client_.stream->start_reading();
  }
}

void Tunnel::Half::on_bytes(Bytes bytes) {
  tunnel.moved_at_ = tunnel.agenda_.now();
  received += bytes.size();
  other().stream->write(bytes);
}

void Tunnel::Half::on_end() {
  has_ended = true;
  tunnel.note_end(*this, false);
  // Who does not take the other's bytes any more did not end in order: see look_whether_over().
  if (!is_gone) other().stream->finish_writing();
  tunnel.look_whether_over();
}

void Tunnel::Half::on_full() {
  if (!tunnel.is_over_) other().stream->pause_reading();
}

void Tunnel::Half::on_drained() {
  if (tunnel.is_over_) return;
  tunnel.moved_at_ = tunnel.agenda_.now();
  if (!other().has_ended && !is_gone) other().stream->start_reading();
  tunnel.look_whether_over();
}

/// What it sent before it broke still goes to the other; then the other learns of it.
void Tunnel::Half::on_write_failed(const Error& /*why*/) {
  if (tunnel.is_over_) return;
  is_gone = true;
  tunnel.note_end(*this, true);
  other().stream->pause_reading();
  tunnel.look_whether_over();
}

void Tunnel::Half::on_read_failed(const Error& why) {
  has_ended = true;
  on_write_failed(why);
}

void Tunnel::note_end(const Half& half, bool with_reset) {
  was_reset_ = was_reset_ || with_reset;
  if (has_first_ && !with_reset) return;
  has_first_ = true;
  first_ = &half == &client_ ? Side::client : Side::service;
}

void Tunnel::look_whether_over() {
  if (is_over_) return;
  const bool both_gone = client_.is_gone && service_.is_gone;
  for (Half* half : {&client_, &service_}) {
    Half& other = half->other();
    if (!half->is_gone || (!half->has_ended && !both_gone)) continue;
    if (!other.is_gone && other.stream->queued() > 0) {
      other.stream->tell_when_drained();
      return;
    }
    other.stream->reset();
    finish();
    return;
  }
  if (!client_.has_ended || !service_.has_ended) return;
  bool all_left = true;
  for (Half* half : {&client_, &service_}) {
    if (half->stream->queued() == 0) continue;
    half->stream->tell_when_drained();
    all_left = false;
  }
  if (all_left) finish();
}

void Tunnel::finish() {
  is_over_ = true;
  client_.stream->set_events(nullptr);
  service_.stream->set_events(nullptr);
  client_.stream->pause_reading();
  service_.stream->pause_reading();
  Task over = std::move(over_);
  over();
}

void Tunnel::cut() {
  if (is_over_) return;
  is_over_ = true;
  client_.stream->reset();
  service_.stream->reset();
}

std::uint64_t Tunnel::quiet_for() const {
  if (client_.stream->queued() > 0 || service_.stream->queued() > 0) return 0;
  return agenda_.now() - moved_at_;
}

}  // namespace devproxy
