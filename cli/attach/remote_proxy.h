// RemoteProxy is the proxy of another devproxy to which this process is attached: its routes stand
// there for as long as the connection lives. Loop thread; owned by Edge.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/loop.h"
#include "cli/attach/proxy_access.h"
#include "cli/running/find_proxy.h"
#include "control/control_link.h"

namespace devproxy {

/// The one that listens where `config` wants to, since no second one can; else the shared one.
std::optional<FoundProxy> find_proxy_for(const Config& config);

class RemoteProxy final : public ProxyAccess {
 public:
  struct Events {
    std::function<void(const ExchangeRecord&)> exchange;
    std::function<void(std::uint16_t port)> refused_port;  ///< as ServerOptions::on_refused
    std::function<void()> listening;                       ///< listeners() has changed
    std::function<void(const std::string& words)> note;    ///< worth a line
    std::function<void()> fallbacks;                       ///< fallbacks() has changed
    std::function<void()> stop;                            ///< we are asked to end
    std::function<void()> lost;                            ///< the other one has ended
  };

  struct AttachWish {
    bool force = false;  ///< what others claim too goes to this project
    bool again =
        false;  ///< it was attached before: what others take by force is no reason to refuse
  };
  /// Blocks until it is attached, or refused.
  static tl::expected<std::unique_ptr<RemoteProxy>, Failure> attach(Loop& loop, FoundProxy found,
                                                                    const Config& config,
                                                                    AttachWish wish, Events events);

  void apply(std::shared_ptr<const Config> config, std::shared_ptr<const RouteTable> table,
             Taken taken) override;
  std::vector<BoundAddress> listeners() const override { return facts_.listeners; }
  pid_t process() const override { return static_cast<pid_t>(facts_.pid); }
  std::vector<Fallback> fallbacks() const override { return fallbacks_; }
  /// Whose proxy it is, for people: "the proxy of shop (pid 4711)".
  std::string words() const;
  void tell(const std::string& service, std::uint16_t port, const ServiceTale& tale) override;
  void move(const Target& target, const std::optional<LoopbackPlace>& place) override;
  void drain(std::chrono::milliseconds limit, std::function<void()> done) override;

 private:
  RemoteProxy(Loop& loop, RunningProxy facts, ControlClient::Connection connection, Events events);
  void on_reply(const ControlReply& reply);
  void answer(const tl::expected<void, Failure>& outcome);
  void on_end();

  RunningProxy facts_;
  std::vector<Fallback> fallbacks_;  ///< as it told last
  Events events_;
  std::deque<Taken> updates_;  ///< without an answer, the oldest first
  ControlLink link_;
};

}  // namespace devproxy
