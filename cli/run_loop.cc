#include "cli/run_loop.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

namespace devproxy {
namespace {

/// How long a slow reader of our output may keep us from ending.
constexpr int finish_ms = 200;

}  // namespace

std::optional<unsigned long long> raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  const rlim_t wanted = std::min<rlim_t>(limit.rlim_max, 65'536);
  if (limit.rlim_cur >= wanted) return std::nullopt;
  const rlim_t before = std::exchange(limit.rlim_cur, wanted);
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return before;
}

tl::expected<void, Failure> run_edge(Loop& loop, Edge& edge, Config& config,
                                     std::vector<std::string> files,
                                     const std::vector<LineWriter*>& writers) {
  const auto finish = [&writers] {
    for (LineWriter* const writer : writers) writer->finish(finish_ms);
  };
  edge.on_impatience = [&finish](int exit_code) {
    finish();
    ::_exit(exit_code);
  };
  if (auto started = edge.start(config, std::move(files)); !started) return started;
  for (LineWriter* const writer : writers) writer->flush();
  loop.run();
  finish();
  return {};
}

}  // namespace devproxy
