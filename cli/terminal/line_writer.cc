#include "cli/terminal/line_writer.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace devproxy {
namespace {

// What poll() calls writable takes this much without blocking, whatever the descriptor is (POSIX
// promises it of pipes). stdout is shared with others, so it must not be made non-blocking.
constexpr std::size_t piece = 4096;
constexpr int pieces_at_once = 16;
constexpr std::size_t small = 65'536;

}  // namespace

void LineWriter::append(std::string_view lines) {
  if (gone_) return;
  if (waiting_.size() - written_ >= max_waiting) {
    dropped_ += static_cast<std::uint64_t>(std::count(lines.begin(), lines.end(), '\n'));
    return;
  }
  waiting_ += lines;
  if (!timer_.pending()) timer_.start(delay_ms, [this] { flush(); });
}

void LineWriter::flush() {
  bool writable = true;
  for (int i = 0; writable && i < pieces_at_once && written_ < waiting_.size(); ++i) {
    writable = write_some(0);
  }
  if (gone_) return;
  forget_written();
  if (waiting_.empty() || timer_.pending()) return;
  // A quick reader gets the rest after the others had their turn.
  timer_.start(writable ? 1 : retry_ms, [this] { flush(); });
}

void LineWriter::finish(int limit_ms) {
  timer_.cancel();
  note_dropped();
  while (written_ < waiting_.size() && write_some(limit_ms)) {
  }
}

void LineWriter::forget_written() {
  if (written_ == waiting_.size()) {
    // A rare big load is no reason to keep its memory.
    waiting_.clear();
    if (waiting_.capacity() > small) waiting_.shrink_to_fit();
    written_ = 0;
    note_dropped();
  } else if (written_ >= small) {
    waiting_.erase(0, written_);
    written_ = 0;
  }
}

/// False: the descriptor took nothing within `wait_ms`, or never will again.
bool LineWriter::write_some(int wait_ms) {
  pollfd entry{descriptor_, POLLOUT, 0};
  if (::poll(&entry, 1, wait_ms) != 1) return false;
  const ssize_t count =
      ::write(descriptor_, waiting_.data() + written_, std::min(piece, waiting_.size() - written_));
  if (count > 0) {
    written_ += static_cast<std::size_t>(count);
    return true;
  }
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  // EPIPE, EIO of a terminal that was closed, ENOSPC: nobody reads this any more.
  gone_ = true;
  waiting_.clear();
  written_ = 0;
  return false;
}

void LineWriter::note_dropped() {
  if (dropped_ == 0) return;
  const char* stream = descriptor_ == STDERR_FILENO ? "stderr" : "stdout";
  waiting_ += fmt::format("devproxy: {} lines dropped, {} is read too slowly\n", dropped_, stream);
  dropped_ = 0;
}

}  // namespace devproxy
