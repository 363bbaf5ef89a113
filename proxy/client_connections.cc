#include "proxy/client_connections.h"

#include <algorithm>
#include <utility>

namespace devproxy {

void ClientConnections::add(std::unique_ptr<Frontend> frontend) {
  frontend->place = all_.size();
  all_.push_back(std::move(frontend));
}

void ClientConnections::replace(Frontend& frontend, std::unique_ptr<Frontend> next) {
  next->place = frontend.place;
  std::unique_ptr<Frontend>& place = all_[frontend.place];
  agenda_.bury(std::exchange(place, std::move(next)));
}

void ClientConnections::remove(Frontend& frontend) {
  const std::size_t place = frontend.place;
  if (place >= all_.size() || all_[place].get() != &frontend) return;
  std::unique_ptr<Frontend> taken = std::move(all_[place]);
  if (place + 1 < all_.size()) {
    all_[place] = std::move(all_.back());
    all_[place]->place = place;
  }
  all_.pop_back();
  agenda_.bury(std::move(taken));
  if (on_change) on_change();
}

void ClientConnections::drain() {
  // Idle ones remove themselves, which moves the last into their place: from the back.
  for (std::size_t i = all_.size(); i-- > 0;) {
    if (i < all_.size()) all_[i]->drain();
  }
}

bool ClientConnections::any_busy() const {
  return std::any_of(all_.begin(), all_.end(),
                     [](const auto& frontend) { return frontend->is_busy(); });
}

void ClientConnections::close_all() {
  for (auto& frontend : all_) agenda_.bury(std::move(frontend));
  all_.clear();
}

}  // namespace devproxy
