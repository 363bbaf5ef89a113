#include "proxy/http/http2_stream.h"

#include <algorithm>
#include <utility>

namespace devproxy {
namespace {

/// More than this waiting for the peer's window, and the source is told to wait.
constexpr std::size_t high_water = 64 * 1024;
constexpr std::size_t low_water = 16 * 1024;

}  // namespace

Http2Stream::~Http2Stream() {
  session_.forget(*this);
  session_.buffers_.give_back(std::move(out_));
}

void Http2Stream::recycle() {
  session_.forget(*this);
  session_.buffers_.give_back(std::move(out_));
  out_ = std::string();
  std::string().swap(held_);
  trailers_.clear();
  id_ = 0;
  out_sent_ = 0;
  borrowed_ = {};
  has_trailers_ = out_ended_ = deferred_ = full_ = paused_ = dropping_ = held_end_ = closed_ =
      reset_by_peer_ = false;
}

// ---- Out ---------------------------------------------------------------------------------------

void Http2Stream::send_data(Bytes bytes) {
  if (out_ended_ || closed_) return;
  if (bytes.size() >= large_piece) {
    borrowed_ = bytes;
    session_.has_data(*this);
    session_.collect_now();
    bytes = std::exchange(borrowed_, {});
    if (closed_) return;
  }
  if (!bytes.empty()) {
    if (out_.empty() && out_.capacity() < 32) out_ = session_.buffers_.take();
    if (out_sent_ > out_.size() / 2) {
      out_.erase(0, out_sent_);
      out_sent_ = 0;
    }
    out_.append(bytes);
    session_.has_data(*this);
  }
  if (!full_ && pending() > high_water) {
    full_ = true;
    on_output_full();
  }
}

void Http2Stream::send_end(const Headers* trailers) {
  if (out_ended_ || closed_) return;
  out_ended_ = true;
  if (trailers != nullptr) {
    trailers_ = *trailers;
    has_trailers_ = true;
  }
  session_.has_data(*this);
}

/// Hands the first `size` bytes of what waits to the connection.
void Http2Stream::write_out(std::size_t size) {
  std::string& out = session_.stream_.out();
  const std::size_t own = std::min(size, out_.size() - out_sent_);
  out.append(out_, out_sent_, own);
  out_sent_ += own;
  out.append(borrowed_.substr(0, size - own));
  borrowed_.remove_prefix(size - own);
  if (out_sent_ == out_.size() && out_sent_ > 0) {
    session_.buffers_.give_back(std::move(out_));
    out_ = std::string();
    out_sent_ = 0;
  }
  if (full_ && pending() < low_water && borrowed_.empty()) {
    full_ = false;
    session_.ready_later(*this);
  }
}

// ---- In ----------------------------------------------------------------------------------------

void Http2Stream::take_input(Bytes bytes) {
  if (dropping_) {
    session_.consume(*this, bytes.size());
  } else if (paused_ || !held_.empty()) {
    // The window is not given back meanwhile, so this is all that can come.
    held_.append(bytes);
  } else {
    on_data(bytes);
    session_.consume(*this, bytes.size());
  }
}

void Http2Stream::take_end() {
  if (dropping_) return;
  if (paused_ || !held_.empty()) {
    held_end_ = true;
  } else {
    on_end();
  }
}

void Http2Stream::resume_input() {
  paused_ = false;
  // Not from here: whoever calls is in the middle of something.
  if (!held_.empty() || held_end_) session_.deliver_later(*this);
}

void Http2Stream::deliver_held() {
  if (paused_ || dropping_) return;
  if (!held_.empty()) {
    const std::string bytes = std::exchange(held_, std::string());
    on_data(bytes);
    session_.consume(*this, bytes.size());
  }
  if (held_end_ && !paused_ && !dropping_) {
    held_end_ = false;
    on_end();
  }
}

void Http2Stream::drop_input() {
  dropping_ = true;
  held_end_ = false;
  if (!held_.empty()) session_.consume(*this, held_.size());
  std::string().swap(held_);
}

}  // namespace devproxy
