#include "cli/edge/reloader.h"

#include <algorithm>
#include <utility>

namespace devproxy {

Reloader::Reloader(Loop& loop, LoadRequest request, std::function<void(Loaded)> loaded)
    : loop_(loop),
      request_(std::make_shared<const LoadRequest>(std::move(request))),
      loaded_(std::move(loaded)),
      alive_(std::make_shared<Reloader*>(this)) {}

void Reloader::reload(Cause cause) {
  if (!busy_) {
    start({cause, nullptr});
  } else if (!waiting_.empty() && !waiting_.back().restoring) {
    waiting_.back().cause = std::max(waiting_.back().cause, cause);
  } else {
    waiting_.push_back({cause, nullptr});
  }
}

void Reloader::restore(Cause cause, Restoring what) {
  Job job{cause, std::make_shared<const Restoring>(std::move(what))};
  if (busy_) {
    waiting_.push_back(std::move(job));
  } else {
    start(std::move(job));
  }
}

void Reloader::go_on() {
  busy_ = false;
  if (waiting_.empty()) return;
  Job next = std::move(waiting_.front());
  waiting_.pop_front();
  start(std::move(next));
}

void Reloader::start(Job job) {
  busy_ = true;
  auto result = std::make_shared<Loaded>();
  result->began = std::chrono::steady_clock::now();
  result->cause = job.cause;
  result->restoring = std::move(job.restoring);
  loop_.work(
      [result, request = request_, current = current_, complete = complete_] {
        if (result->restoring) {
          result->outcome.result = *result->restoring->config;
        } else {
          result->outcome = load(*request);
        }
        if (!result->outcome.result) return;
        if (Problems found = complete ? (*complete)(*result->outcome.result) : Problems{};
            !found.empty()) {
          result->outcome.result = tl::unexpected(std::move(found));
          return;
        }
        result->table = RouteTable::build(*result->outcome.result);
        if (current) result->changes = describe_changes(*current, *result->table);
      },
      [result, weak = std::weak_ptr(alive_)] {
        if (const auto self = weak.lock()) (*self)->finish(std::move(*result));
      });
}

void Reloader::finish(Loaded loaded) {
  // What was just read may be older than the last change: read again, then report only what that
  // finds.
  if (!loaded.restoring && !waiting_.empty() && !waiting_.front().restoring) {
    waiting_.front().cause = std::max(waiting_.front().cause, loaded.cause);
    go_on();
    return;
  }
  loaded_(std::move(loaded));
}

}  // namespace devproxy
