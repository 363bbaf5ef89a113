// MemoryStream: a Stream without a socket. What its owner writes is kept for the test, what the
// test feeds arrives in a turn of its own. A test may close the tap: then nothing leaves until it
// is opened again. One thread.
#pragma once

#include <string>
#include <utility>

#include "base/agenda.h"
#include "proxy/net/stream.h"

namespace devproxy {

class MemoryStream final : public Stream, private Flushable {
 public:
  /// What a test keeps of a stream that somebody else owns.
  struct Wire {
    std::string sent;  ///< left, in order
    bool finished = false;
    bool was_reset = false;
    bool is_gone = false;  ///< the stream was destroyed
    bool reading = false;
    bool tap_open = true;
    MemoryStream* stream = nullptr;
  };

  MemoryStream(Agenda& agenda, Wire& wire) : agenda_(agenda), wire_(wire) { wire_.stream = this; }
  ~MemoryStream() override {
    agenda_.forget(*this);
    wire_.is_gone = true;
    wire_.stream = nullptr;
  }

  void feed(Bytes bytes) {
    const Turn turn(agenda_);
    if (events_ != nullptr) events_->on_bytes(bytes);
  }
  void feed_end() {
    const Turn turn(agenda_);
    if (events_ != nullptr) events_->on_end();
  }
  void set_tap(bool open) {
    const Turn turn(agenda_);
    wire_.tap_open = open;
    if (open) out();
  }

  void set_events(StreamEvents* events) override { events_ = events; }
  void start_reading() override { wire_.reading = true; }
  void pause_reading() override { wire_.reading = false; }
  std::string& out() override {
    if (!dirty_) {
      dirty_ = true;
      agenda_.flush_later(*this);
    }
    return out_;
  }
  void write(Bytes bytes) override { out().append(bytes); }
  std::size_t queued() const override { return out_.size(); }
  std::string peer_ip() const override { return "127.0.0.1"; }
  bool peer_is_own_user() const override { return true; }
  void finish_writing() override {
    finishing_ = true;
    out();
  }
  void tell_when_drained() override {
    full_ = true;
    out();
  }
  void reset() override { wire_.was_reset = true; }

 private:
  void flush() override {
    constexpr std::size_t high_water = 64 * 1024;
    dirty_ = false;
    if (wire_.tap_open) {
      wire_.sent.append(out_);
      out_.clear();
      if (finishing_) wire_.finished = true;
      if (std::exchange(full_, false) && events_ != nullptr) events_->on_drained();
    } else if (out_.size() > high_water && !full_) {
      full_ = true;
      if (events_ != nullptr) events_->on_full();
    }
  }

  Agenda& agenda_;
  Wire& wire_;
  StreamEvents* events_ = nullptr;
  std::string out_;
  bool dirty_ = false;
  bool full_ = false;
  bool finishing_ = false;
};

}  // namespace devproxy
