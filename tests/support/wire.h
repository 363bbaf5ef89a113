// A Wire is a connected socket in a test's hands, on either side of the proxy: it sends bytes as
// the test says and reads them back, raw or as strictly parsed messages, always with a deadline.
// One thread at a time.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "tests/support/http_text.h"
#include "tests/support/sockets.h"
#include "tests/support/wait.h"

namespace devproxy {

class Wire {
 public:
  /// How the other side ended: not yet, in order (FIN), or broken (RST).
  enum class End { open, fin, reset };

  Wire(Descriptor socket, std::string name);
  virtual ~Wire() = default;
  Wire(const Wire&) = delete;
  Wire& operator=(const Wire&) = delete;

  /// Gives up when the other side broke or does not take the bytes.
  void send(std::string_view bytes);
  /// Each byte in a write of its own.
  void send_bytewise(std::string_view bytes);
  /// As many bytes as are taken until nobody took any for `stall`, or the connection broke.
  std::size_t send_until_stalled(std::string_view bytes, std::chrono::milliseconds stall);
  /// False when the other side broke.
  bool try_send(std::string_view bytes);

  /// At least one byte; empty at the end.
  std::string receive_some();
  std::string receive_exactly(std::size_t size);
  /// Up to and with the mark.
  std::string receive_until(std::string_view mark);
  /// Everything until the other side ends; end() tells how.
  std::string receive_to_end();
  /// Makes bytes that were received the next to be received again.
  void put_back(std::string_view bytes) { pending_.insert(0, bytes); }
  /// Whatever is there without waiting.
  std::string receive_now();
  /// Whether a byte or the end arrives within `time`. Only for "nothing more comes" and for pacing.
  bool has_input_within(std::chrono::milliseconds time);

  /// A request or response without its body, then its body. `to_head`: the response to a HEAD.
  TextMessage receive_head();
  void receive_body(TextMessage& message, bool to_head = false);
  TextMessage receive_message(bool to_head = false);
  /// One chunk of a chunked body; the last one is empty, and its trailers are left unread.
  std::string receive_chunk();

  /// Waits for the end; gives up when a byte comes first.
  End await_end();
  End end() const { return end_; }

  void half_close();
  /// Breaks the connection with an RST.
  void reset();
  void close();

  /// How long each wait may last; shorter where a table has many rows that could fail.
  void set_patience(std::chrono::milliseconds limit) { patience_ = limit; }

  int fd() const { return socket_.fd(); }
  const std::string& name() const { return name_; }

  /// Called with every byte that is read, for records.
  std::function<void(std::string_view)> on_bytes;
  /// Called before the descriptor is closed by close() or reset().
  std::function<void()> on_close;

 private:
  /// Reads once into pending_; false at the end.
  bool read_more(const char* waiting_for);
  [[noreturn]] void complain(const std::string& what) const;

  Descriptor socket_;
  std::string name_;
  std::string pending_;  ///< read and not yet given out
  End end_ = End::open;
  std::chrono::milliseconds patience_ = patience;
};

}  // namespace devproxy
