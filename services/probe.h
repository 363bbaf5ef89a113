// A Probe asks once whether something answers on a loopback port: 127.0.0.1, then ::1. Dropping it
// gives the question up. Loop thread; owned by Readying.
#pragma once

#include <uv.h>

#include <array>
#include <cstdint>
#include <functional>
#include <string>

#include "base/agenda.h"
#include "base/handle.h"
#include "base/loop.h"

namespace devproxy {

class Probe final {
 public:
  static constexpr std::uint64_t limit_ms = 2'000;

  /// `path` empty: whether connections are accepted; else whether a GET for it is answered with a
  /// status below 500. `done` is called once, never from within start(); it may destroy the Probe.
  Probe(Loop& loop, std::uint16_t port, std::string path, std::function<void(bool yes)> done);
  ~Probe() = default;
  Probe(const Probe&) = delete;
  Probe& operator=(const Probe&) = delete;

  void start();

 private:
  void connect();
  void on_connect(int status);
  void ask();
  void on_read(ssize_t count);
  void next_family();
  void finish(bool yes);

  Loop& loop_;
  std::uint16_t port_;
  std::string path_;
  std::function<void(bool)> done_;
  Handle<uv_tcp_t> socket_;
  Timer limit_;
  std::array<char, 512> buffer_{};
  std::string answer_;
  bool ipv6_ = false;
};

}  // namespace devproxy
