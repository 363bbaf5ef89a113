// A FakeUpstream is a service that does what a test tells it to. Every connection that it accepts
// is handed to its script in a thread of its own. It counts connections and requests and records
// what it got. Scripts run outside the test's thread, so they report by failure(), never by
// assertions. Threads are ended and joined by the destructor.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "tests/support/sockets.h"
#include "tests/support/temp_dir.h"
#include "tests/support/wire.h"

namespace devproxy {

class FakeUpstream;

/// One accepted connection, in its script's hands.
class Peer final : public Wire {
 public:
  Peer(Descriptor socket, FakeUpstream& owner, std::size_t number);

  /// Counts from 0, in order of acceptance.
  std::size_t number() const { return number_; }
  /// The next request with its body; false when the other side ended in order instead.
  bool receive_request(TextMessage& request);
  /// The same without the body.
  bool receive_request_head(TextMessage& request);
  /// Waits until the test opens the gate; gives up when the upstream is taken down first.
  void wait_for(const Gate& gate);

 private:
  FakeUpstream& owner_;
  std::size_t number_;
};

class FakeUpstream final {
 public:
  using Script = std::function<void(Peer&)>;
  /// What to answer to one request, as bytes.
  using Answer = std::function<std::string(const TextMessage& request)>;
  enum class Place { v4, v6, unix_socket };

  explicit FakeUpstream(Script script, Place place = Place::v4, bool listening = true);
  ~FakeUpstream();
  FakeUpstream(const FakeUpstream&) = delete;
  FakeUpstream& operator=(const FakeUpstream&) = delete;

  /// A script that answers every request of a connection until it ends.
  static Script answering(Answer answer);
  static Script always(std::string bytes);

  std::uint16_t port() const;
  /// The key and value that make it a service in devproxy.toml.
  std::string target() const;

  /// For connections accepted from now on.
  void set_script(Script script);

  /// From now on connections are refused; the accepted ones live on.
  void stop_listening();
  /// On the same port or path again.
  void listen_again();
  /// Breaks every accepted connection, as the end of the process would.
  void drop_connections();

  std::size_t connections() const;
  std::size_t requests() const;
  std::size_t open_connections() const;
  /// What each connection got so far, byte by byte.
  std::vector<std::string> received() const;
  void wait_for_connections(std::size_t count, WaitLimit deadline = WaitLimit()) const;
  void wait_for_requests(std::size_t count, WaitLimit deadline = WaitLimit()) const;
  /// Waits until no accepted connection is served any more.
  void wait_until_idle(WaitLimit deadline = WaitLimit()) const;

  /// What the first script that gave up said; empty when all is well.
  std::string failure() const;

 private:
  friend class Peer;
  struct Served {
    int fd = -1;  ///< -1: done
    std::string received;
  };

  void start_listening();
  void accept_all(int listener, int wake);
  void serve(Descriptor socket, std::size_t number);
  void note_bytes(std::size_t number, std::string_view bytes);
  void note_request();
  void note_close(std::size_t number);
  bool is_ending() const;
  std::string counts() const;  ///< mutex_ held

  Place place_;
  std::unique_ptr<ReservedPort> reserved_;
  std::unique_ptr<TempDir> folder_;
  Descriptor listener_;
  Descriptor wake_read_;
  Descriptor wake_write_;
  std::thread acceptor_;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Script script_;
  std::vector<Served> served_;
  std::vector<std::thread> threads_;
  std::size_t requests_ = 0;
  bool ending_ = false;
  std::string failure_;
};

}  // namespace devproxy
