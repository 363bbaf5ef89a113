#include "cli/reloader.h"

#include <utility>

namespace devproxy {

Reloader::Reloader(Loop& loop, LoadRequest request, std::function<void(Loaded)> loaded)
    : loop_(loop),
      request_(std::make_shared<const LoadRequest>(std::move(request))),
      loaded_(std::move(loaded)),
      alive_(std::make_shared<Reloader*>(this)) {}

void Reloader::reload() {
  if (loading_) {
    again_ = true;
    return;
  }
  loading_ = true;
  auto result = std::make_shared<Loaded>();
  result->began = std::chrono::steady_clock::now();
  loop_.work(
      [result, request = request_, current = current_, complete = complete_] {
        result->outcome = load(*request);
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
  loading_ = false;
  // What was just read may be older than the last change: read again, then report only what that
  // finds.
  if (std::exchange(again_, false)) {
    reload();
    return;
  }
  loaded_(std::move(loaded));
}

}  // namespace devproxy
