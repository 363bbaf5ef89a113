#include "proxy/listeners.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "proxy/arrival.h"
#include "proxy/client_connections.h"
#include "proxy/context.h"

namespace devproxy {
namespace {

bool same_address(const ListenAddress& a, const ListenAddress& b) {
  return a.host == b.host && a.port == b.port;
}

/// Browsers try ::1 first: with half of a port they would meet whoever has the other half.
void drop_half_ports(Listeners::Step& step) {
  std::erase_if(step.opened, [&step](const Listeners::Open& open) {
    return open.asked.is_extra &&
           std::any_of(step.left_out.begin(), step.left_out.end(),
                       [&open](const NotListening& out) { return out.port == open.asked.port; });
  });
}

}  // namespace

Result<Listeners::Step> Listeners::open_new(const std::vector<ListenAddress>& wanted) {
  Step step;
  step.kept = match(wanted);
  const auto& inherited = context_.options.inherited;
  std::size_t skipped = 0;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (step.kept[i] != nullptr) continue;
    Open made = make(wanted[i]);
    Result<void> result = made.listener->open(wanted[i].host, wanted[i].port, inherited);
    // From "127.0.0.1:6289" to "0.0.0.0:6289": what is in the way is our own, and will be dropped.
    if (!result && result.error().code == Code::taken &&
        close_in_the_way(wanted[i].port, step.kept))
      result = made.listener->open(wanted[i].host, wanted[i].port, inherited);
    if (result) {
      step.opened.push_back(std::move(made));
    } else if (!may_go_without(wanted[i], result.error(), step, skipped, wanted.size())) {
      step.opened.clear();
      reopen();
      return tl::unexpected<Error>(result.error());
    }
  }
  drop_half_ports(step);
  return step;
}

/// Of several "127.0.0.1:0" the first is the first.
std::vector<Listeners::Open*> Listeners::match(const std::vector<ListenAddress>& wanted) {
  std::vector<Open*> kept;
  for (const ListenAddress& address : wanted) {
    const auto at = std::find_if(open_.begin(), open_.end(), [&](Open& open) {
      return same_address(open.asked, address) &&
             std::find(kept.begin(), kept.end(), &open) == kept.end();
    });
    kept.push_back(at == open_.end() ? nullptr : &*at);
  }
  return kept;
}

Listeners::Open Listeners::make(const ListenAddress& address) {
  auto policy = std::make_shared<ListenerPolicy>();
  auto listener = std::make_unique<Listener>(
      context_.loop, context_.buffers, context_.descriptors,
      [this, policy](std::unique_ptr<SocketStream> stream, std::uint16_t port) {
        connections_.add(
            std::make_unique<Arrival>(context_, connections_, std::move(stream), port, policy));
      });
  return {address, std::move(listener), std::move(policy)};
}

bool Listeners::may_go_without(const ListenAddress& address, const Error& why, Step& step,
                               std::size_t& skipped, std::size_t wanted) {
  const bool missing = why.code == Code::missing;
  if (address.is_extra) {
    // A family that is missing was told of with the port that is always there.
    if (!missing) step.left_out.push_back({address.host, address.port, why.code});
    return true;
  }
  if (!address.is_default || !missing || ++skipped == wanted) return false;
  log(LogLevel::info, fmt::format("not listening on {}: this system does not have it", why.detail));
  return true;
}

/// Closes the listeners on `port` that are not kept. False: there was none.
bool Listeners::close_in_the_way(std::uint16_t port, const std::vector<Open*>& kept) {
  bool any = false;
  for (Open& open : open_) {
    if (open.listener->port() != port || !open.listener->is_open() ||
        std::find(kept.begin(), kept.end(), &open) != kept.end())
      continue;
    open.listener->close();
    any = true;
  }
  return any;
}

void Listeners::give_up(Step step) {
  step.opened.clear();
  reopen();
}

/// The new configuration is refused: the old one goes on as it was.
void Listeners::reopen() {
  for (Open& open : open_) {
    if (open.listener->is_open()) continue;
    const auto result =
        open.listener->open(open.asked.host, open.listener->port(), context_.options.inherited);
    if (!result)
      log(LogLevel::error, fmt::format("no longer listening on {}", result.error().detail));
  }
}

void Listeners::take(const std::vector<ListenAddress>& wanted, Step step) {
  std::vector<Open> now;
  std::size_t next = 0;
  now.reserve(wanted.size());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (step.kept[i] != nullptr) {
      now.push_back(std::move(*step.kept[i]));
    } else if (next < step.opened.size() && same_address(step.opened[next].asked, wanted[i])) {
      now.push_back(std::move(step.opened[next++]));
    } else {
      continue;  // the system does not have it, or somebody else does
    }
    Open& open = now.back();
    open.asked = wanted[i];
    open.policy->only = wanted[i].only;
    open.policy->certificate.reset();
    if (wanted[i].tls)
      open.policy->certificate = OwnCertificate{wanted[i].tls->cert, wanted[i].tls->key};
  }
  open_ = std::move(now);
  left_out_ = std::move(step.left_out);
}

std::vector<BoundAddress> Listeners::bound() const {
  std::vector<BoundAddress> addresses;
  for (const Open& open : open_)
    addresses.push_back({open.asked.host, open.listener->port(), open.asked.only});
  return addresses;
}

void Listeners::add_descriptors(std::vector<int>& to) const {
  for (const Open& open : open_) to.push_back(open.listener->descriptor());
}

std::uint16_t Listeners::tls_port() const {
  const Open* first = nullptr;
  for (const Open& open : open_) {
    if (open.asked.only == ListenOnly::plain) continue;
    if (open.listener->port() == 443) return 443;
    if (first == nullptr) first = &open;
  }
  return first == nullptr ? 443 : first->listener->port();
}

void Listeners::accept_waiting() {
  for (const Open& open : open_) open.listener->accept_waiting();
}

}  // namespace devproxy
