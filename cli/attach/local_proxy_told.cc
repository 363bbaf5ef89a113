// LocalProxy: what the projects are told, and what is asked of them.
#include <fmt/format.h>

#include <algorithm>

#include "cli/attach/attached_project.h"
#include "cli/attach/claims.h"
#include "cli/attach/exchange_form.h"
#include "cli/attach/fallbacks.h"
#include "cli/attach/local_proxy.h"
#include "cli/attach/usual_port.h"

namespace devproxy {
namespace {

/// A client that leaves more than this unread does not hear of further requests.
constexpr std::size_t much_unread = std::size_t{1} << 20U;

}  // namespace

/// Those that it asked for, where we listen for several.
std::vector<BoundAddress> LocalProxy::listeners_of(const Config& theirs) const {
  std::vector<BoundAddress> all = server_->listeners();
  if (own_) return all;
  const auto is_listed = [this](const std::vector<ListenAddress>& list, const BoundAddress& bound,
                                std::uint16_t port) {
    return std::any_of(list.begin(), list.end(), [&](const ListenAddress& address) {
      return address.host == bound.host && (is_usual(address) ? usual_port_ : address.port) == port;
    });
  };
  std::erase_if(all, [&](const BoundAddress& bound) {
    if (is_listed(theirs.proxy.listen, bound, bound.port)) return false;
    // The system chose it.
    return is_listed(listens_, bound, bound.port) || !is_listed(theirs.proxy.listen, bound, 0);
  });
  return all;
}

void LocalProxy::tell_listeners() {
  const std::vector<CarriedProject> carried = projects();
  for (const auto& attached : attached_) {
    if (attached->is_waiting || attached->told_listeners.empty()) continue;
    attached->tell_listeners(listeners_of(attached->config));
    attached->tell_fallbacks(fallbacks_of(attached->config, carried));
  }
}

std::vector<Fallback> LocalProxy::fallbacks() const {
  return own_ ? fallbacks_of(*own_, projects()) : std::vector<Fallback>();
}

/// Both sides hear of what the one takes from the other.
void LocalProxy::tell_overruled(const Attached& by) {
  const auto tell = [&by](const Config& loser, const Claim& claim, const auto& note) {
    note(fmt::format(
        "{} ({}) goes to the project {} ({}) for as long as that runs: it was "
        "started with --force",
        claim.what, place_text(claim.first), by.config.project, place_text(claim.second)));
    by.exchange->event(note_event(
        fmt::format("takes {} ({}) from the project {} ({}) for as long as this runs", claim.what,
                    place_text(claim.second), loser.project, place_text(claim.first))));
  };
  if (own_) {
    if (const auto claim = common_claim(*own_, by.config)) tell(*own_, *claim, options_.note);
  }
  for (const auto& other : attached_) {
    if (other.get() == &by) continue;
    if (const auto claim = common_claim(other->config, by.config)) {
      tell(other->config, *claim,
           [&other](const std::string& words) { other->exchange->event(note_event(words)); });
    }
  }
}

/// Those who lost something to it have it back.
void LocalProxy::tell_given_back(const Attached& by) {
  const auto words = [&by](const Claim& claim) {
    return fmt::format("has {} ({}) again: the project {} has ended", claim.what,
                       place_text(claim.first), by.config.project);
  };
  if (own_) {
    if (const auto claim = common_claim(*own_, by.config)) options_.note(words(*claim));
  }
  for (const auto& other : attached_) {
    if (other.get() == &by) continue;
    if (const auto claim = common_claim(other->config, by.config))
      other->exchange->event(note_event(words(*claim)));
  }
}

/// Two folders may have the same name.
std::string LocalProxy::free_label(const std::string& project) const {
  std::string label = project;
  for (int i = 2; std::any_of(attached_.begin(), attached_.end(),
                              [&](const auto& entry) { return entry->label == label; });
       ++i)
    label = fmt::format("{}-{}", project, i);
  return label;
}

LocalProxy::Attached* LocalProxy::attached_of(std::string_view service) const {
  const std::size_t end = service.find(label_separator);
  if (end == std::string_view::npos) return nullptr;
  const auto found = std::find_if(
      attached_.begin(), attached_.end(),
      [label = service.substr(0, end)](const auto& entry) { return entry->label == label; });
  return found == attached_.end() ? nullptr : found->get();
}

/// Of one that falls back, what there is to say of the other.
std::optional<ServiceTale> LocalProxy::tale_of(std::string_view service) const {
  const Attached* const attached = attached_of(service);
  const Config* const theirs = attached != nullptr ? &attached->config : own_.get();
  if (theirs == nullptr) return std::nullopt;
  const std::vector<CarriedProject> carried = projects();
  const std::string name(plain_name(service));
  if (find_fallback(fallbacks_of(*theirs, carried), name) == nullptr) return told_of(service);
  const std::string& main = main_checkout_of(*theirs, carried)->label;
  return told_of(main.empty() ? name : main + label_separator + name);
}

std::optional<ServiceTale> LocalProxy::told_of(std::string_view service) const {
  const Attached* const attached = attached_of(service);
  if (attached == nullptr) return options_.tell_of ? options_.tell_of(service) : std::nullopt;
  const auto found = attached->tales.find(service.substr(attached->label.size() + 1));
  return found == attached->tales.end() ? std::nullopt : std::optional(found->second);
}

std::optional<std::vector<std::string>> LocalProxy::look_nearby(std::string_view service) {
  Attached* const attached = attached_of(service);
  if (attached == nullptr) {
    return options_.look_nearby ? options_.look_nearby() : std::vector<std::string>();
  }
  if (!attached->nearby) {
    attached->nearby = std::make_unique<NearbyListeners>(loop_);
    attached->nearby->apply(attached->config);
  }
  return attached->nearby->ask();
}

/// Whoever looks for services that move is told, here and there.
void LocalProxy::note_refused(std::uint16_t port) {
  if (options_.on_refused) options_.on_refused(port);
  for (const auto& attached : attached_) {
    if (attached->exchange->unread() < much_unread)
      attached->exchange->event(refused_port_event(port));
  }
}

/// Whose service it was hears of it. What no service answered may be anybody's mistake.
void LocalProxy::report(const ExchangeRecord& record) {
  const auto send = [](const Attached& to, const ExchangeRecord& what) {
    if (to.config.proxy.access_log == AccessLogMode::off || to.exchange->unread() > much_unread)
      return;
    to.exchange->event(exchange_event(what));
  };
  if (const Attached* const attached = attached_of(record.service)) {
    ExchangeRecord theirs = record;
    theirs.service.remove_prefix(attached->label.size() + 1);
    send(*attached, theirs);
    return;
  }
  options_.on_exchange(record);
  if (own_) return;
  for (const auto& attached : attached_) send(*attached, record);
}

}  // namespace devproxy
