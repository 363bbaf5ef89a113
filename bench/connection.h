// One client connection of the load generator: sends the job's request, checks the answer, sends
// the next. Owned by the Load in load.cc, which waits for its descriptor; one thread.
#pragma once

#include <cstdint>
#include <string>

#include "bench/response.h"

namespace devproxy {

enum class Work : std::uint8_t { get, upload, websocket };

/// What every connection does. Lives as long as the load.
struct Job {
  Work work = Work::get;
  std::uint16_t port = 0;
  std::string head;               ///< the request, or the upgrade
  std::uint64_t upload_size = 0;  ///< pattern bytes that follow the head
  std::uint64_t answer_size = 0;  ///< pattern bytes expected back
  std::string frame;              ///< WebSocket: the masked message
  std::string echo;               ///< and what must come back, byte for byte
  bool fresh = false;             ///< a new connection per request
};

/// What all connections did since the counters were last cleared.
struct Totals {
  std::uint64_t done = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t failures[std::size(failure_names)] = {};
};

class Connection final {
 public:
  Connection(const Job& job, Totals& totals) : job_(job), totals_(totals) {}
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Connects (without waiting) and registers with `epoll`. False when no socket could be had.
  bool open(int epoll);
  /// Goes on after an event. Returns the nanoseconds that a request took when one was completed,
  /// else 0.
  std::uint64_t on_event(std::uint32_t events, std::uint64_t now);
  /// Counts `failure` and closes. The owner opens it again.
  void fail(Failure failure);

  bool is_open() const { return fd_ >= 0; }
  std::uint64_t last_progress() const { return last_progress_; }

 private:
  void begin_request(std::uint64_t now);
  bool send_rest();
  std::uint64_t read_answer(std::uint64_t now);
  std::uint64_t read_echo(std::string_view bytes, std::uint64_t now);
  std::uint64_t complete(std::uint64_t now);
  std::uint64_t on_end();
  void watch(std::uint32_t events);
  void close();

  const Job& job_;
  Totals& totals_;
  Response response_;
  std::uint64_t began_ = 0;
  std::uint64_t last_progress_ = 0;
  std::uint64_t sent_ = 0;    ///< bytes of the request, head and body together
  std::uint64_t echoed_ = 0;  ///< bytes of the echo that came back
  std::uint32_t watched_ = 0;
  int epoll_ = -1;
  int fd_ = -1;
  bool connected_ = false;
  bool upgraded_ = false;
};

}  // namespace devproxy
