// bench_load: a closed-loop HTTP/1.1 and WebSocket client on one thread. Every answer is checked
// (response.h). While it measures, it reads the CPU time of the processes given, so that both cover
// the same requests. Prints one JSON line.
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include "bench/connection.h"
#include "bench/pattern.h"

namespace devproxy {
namespace {

constexpr std::uint64_t second = 1'000'000'000;

struct Options {
  std::string host = "bench.localhost";
  std::string path = "/128";
  std::string work = "get";
  std::uint16_t port = 0;
  std::size_t connections = 64;
  double seconds = 2;
  double warmup = 0.3;
  std::uint64_t count = UINT64_MAX;
  std::uint64_t answer_size = 128;
  std::uint64_t upload_size = 0;
  bool browser = false;
  bool fresh = false;
  std::vector<pid_t> pids;
};

// What a current browser sends with a request of a page for its own API: 16 fields with Host.
constexpr const char* browser_fields =
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/142.0.0.0 "
    "Safari/537.36\r\n"
    "Accept: application/json, text/plain, */*\r\n"
    "Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n"
    "Accept-Encoding: gzip, deflate, br, zstd\r\n"
    "Cache-Control: no-cache\r\n"
    "Pragma: no-cache\r\n"
    "Referer: http://bench.localhost/products/list?page=4\r\n"
    "Sec-Ch-Ua: \"Chromium\";v=\"142\", \"Not-A.Brand\";v=\"99\"\r\n"
    "Sec-Ch-Ua-Mobile: ?0\r\n"
    "Sec-Ch-Ua-Platform: \"Linux\"\r\n"
    "Sec-Fetch-Dest: empty\r\n"
    "Sec-Fetch-Mode: cors\r\n"
    "Sec-Fetch-Site: same-origin\r\n"
    "Cookie: session=5d41402abc4b2a76b9719d911017c592; theme=dark; consent=1\r\n"
    "X-Requested-With: fetch\r\n";

Job make_job(const Options& options) {
  Job job;
  job.work = options.work == "websocket" ? Work::websocket
             : options.work == "upload"  ? Work::upload
                                         : Work::get;
  job.port = options.port;
  job.fresh = options.fresh;
  job.answer_size = options.answer_size;
  job.upload_size = job.work == Work::upload ? options.upload_size : 0;
  job.head =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}:{}\r\n{}", job.work == Work::upload ? "POST" : "GET",
                  options.path, options.host, options.port, options.browser ? browser_fields : "");
  if (job.work == Work::upload) {
    job.head += fmt::format("Content-Type: application/octet-stream\r\nContent-Length: {}\r\n",
                            job.upload_size);
  }
  if (job.work ==
      Work::websocket) {  // the key of RFC 6455 1.3, the only one that the backend knows
    job.head +=
        "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    const std::string text(pattern_at(0, 64));
    const std::array<char, 4> mask{'m', 'a', 's', 'k'};
    job.frame = std::string("\x81\xC0", 2) + std::string(mask.data(), mask.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
      job.frame += static_cast<char>(text[i] ^ mask[i % mask.size()]);
    }
    job.echo = "\x81\x40" + text;
  } else if (job.fresh) {
    job.head += "Connection: close\r\n";
  }
  job.head += "\r\n";
  return job;
}

/// User and system time of all threads, also of those that ended: the kernel's clock of each
/// process, in nanoseconds; and the same from /proc/PID/stat in ticks of 10 ms, as a check.
struct Cpu {
  std::uint64_t ns = 0;
  std::uint64_t ticks = 0;
};

Cpu cpu_of(const std::vector<pid_t>& pids) {
  Cpu sum;
  for (const auto pid : pids) {
    clockid_t clock = 0;
    timespec time{};
    if (clock_getcpuclockid(pid, &clock) == 0 && clock_gettime(clock, &time) == 0) {
      sum.ns += static_cast<std::uint64_t>(time.tv_sec) * second +
                static_cast<std::uint64_t>(time.tv_nsec);
    }
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
        std::fopen(fmt::format("/proc/{}/stat", pid).c_str(), "re"), &std::fclose);
    std::array<char, 1024> text{};
    if (!file || std::fread(text.data(), 1, text.size() - 1, file.get()) == 0) continue;
    // After the last ')' of the name: state, then 10 numbers, then utime and stime
    // (proc_pid_stat(5)).
    std::string_view rest(text.data());
    rest.remove_prefix(rest.rfind(')') + 2);
    for (int skipped = 0; skipped < 11; ++skipped) rest.remove_prefix(rest.find(' ') + 1);
    char* after = nullptr;
    sum.ticks += std::strtoull(rest.data(), &after, 10);
    sum.ticks += std::strtoull(after, nullptr, 10);
  }
  return sum;
}

class Load final {
 public:
  explicit Load(const Options& options)
      : options_(options), job_(make_job(options)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
    took_.reserve(1U << 20U);
  }
  ~Load() { ::close(epoll_); }
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;

  bool run();
  std::string report();

 private:
  bool turn(std::uint64_t& now);
  void end_stalled(std::uint64_t now);
  double took_us(double quantile);

  const Options& options_;
  const Job job_;
  Totals totals_;
  std::vector<std::unique_ptr<Connection>> connections_;
  std::vector<std::uint32_t> took_;  ///< nanoseconds, of measured requests
  Cpu cpu_;
  std::uint64_t wall_ns_ = 0;
  std::uint64_t sweep_at_ = 0;
  int epoll_;
};

bool Load::run() {
  for (std::size_t i = 0; i < options_.connections; ++i) {
    connections_.push_back(std::make_unique<Connection>(job_, totals_));
    if (!connections_.back()->open(epoll_)) return false;
  }
  auto now = now_ns();
  const auto measure_at = now + static_cast<std::uint64_t>(options_.warmup * 1e9);
  while (now < measure_at) {
    if (!turn(now)) return false;
  }
  // A failure is a failure, measured or not; everything else begins anew here.
  totals_.done = totals_.bytes_in = totals_.bytes_out = 0;
  took_.clear();
  const auto before = cpu_of(options_.pids);
  const auto begin = now = now_ns();
  const auto end = begin + static_cast<std::uint64_t>(options_.seconds * 1e9);
  while (now < end && totals_.done < options_.count) {
    if (!turn(now)) return false;
  }
  const auto after = cpu_of(options_.pids);
  cpu_ = {after.ns - before.ns, after.ticks - before.ticks};
  wall_ns_ = now_ns() - begin;
  return true;
}

bool Load::turn(std::uint64_t& now) {
  std::array<epoll_event, 256> events;
  const int ready = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 100);
  now = now_ns();
  if (now > sweep_at_) end_stalled(now);
  for (int i = 0; i < ready; ++i) {
    const auto& event = events[static_cast<std::size_t>(i)];
    auto& connection = *static_cast<Connection*>(event.data.ptr);
    if (connection.is_open()) {
      if (i > 0) now = now_ns();
      const auto took = connection.on_event(event.events, now);
      if (took != 0) took_.push_back(static_cast<std::uint32_t>(std::min(took, 4 * second)));
    }
    if (!connection.is_open() && !connection.open(epoll_)) return false;
  }
  return true;
}

void Load::end_stalled(std::uint64_t now) {
  sweep_at_ = now + second;
  for (const auto& connection : connections_) {
    if (connection->is_open() && now - connection->last_progress() > 10 * second) {
      connection->fail(Failure::stalled);
    }
    if (!connection->is_open()) connection->open(epoll_);
  }
}

double Load::took_us(double quantile) {
  if (took_.empty()) return 0;
  const auto nth =
      took_.begin() + static_cast<std::ptrdiff_t>(quantile * static_cast<double>(took_.size() - 1));
  std::nth_element(took_.begin(), nth, took_.end());
  return *nth / 1e3;
}

std::string Load::report() {
  std::string failures;
  for (std::size_t i = 1; i < std::size(failure_names); ++i) {
    if (totals_.failures[i] == 0) continue;
    failures += fmt::format("{}\"{}\":{}", failures.empty() ? "" : ",", failure_names[i],
                            totals_.failures[i]);
  }
  return fmt::format(
      R"({{"done":{},"bytes_in":{},"bytes_out":{},"wall_ns":{},"cpu_ns":{},"cpu_ticks":{},)"
      R"("p50_us":{:.1f},"p99_us":{:.1f},"failures":{{{}}}}})",
      totals_.done, totals_.bytes_in, totals_.bytes_out, wall_ns_, cpu_.ns, cpu_.ticks,
      took_us(0.5), took_us(0.99), failures);
}

void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace
}  // namespace devproxy

int main(int argc, char** argv) {
  devproxy::Options options;
  CLI::App app("closed-loop load generator of the bench; see bench/README.md");
  app.add_option("--port", options.port, "port on 127.0.0.1")->required();
  app.add_option("--host", options.host, "host of the Host field; the port is added");
  app.add_option("--path", options.path);
  app.add_option("--work", options.work)->check(CLI::IsMember({"get", "upload", "websocket"}));
  app.add_option("--connections", options.connections)->check(CLI::Range(1, 15'000));
  app.add_option("--seconds", options.seconds)->check(CLI::Range(0.0, 600.0));
  app.add_option("--warmup", options.warmup, "seconds")->check(CLI::Range(0.0, 60.0));
  app.add_option("--count", options.count, "end after so many requests");
  app.add_option("--answer-size", options.answer_size, "bytes that each answer must have");
  app.add_option("--upload-size", options.upload_size);
  app.add_flag("--browser", options.browser, "16 fields, as a browser sends them");
  app.add_flag("--fresh", options.fresh, "a new connection per request");
  app.add_option("--pids", options.pids, "processes whose CPU time is read")->delimiter(',');
  CLI11_PARSE(app, argc, argv);
  devproxy::raise_descriptor_limit();
  devproxy::Load load(options);
  if (!load.run()) {
    std::perror("bench_load: no socket could be had; raise the limit of open files (ulimit -n)");
    return 1;
  }
  std::puts(load.report().c_str());
  return 0;
}
