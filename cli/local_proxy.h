// LocalProxy is a proxy of our own: the Server, and the projects of other devproxy processes that
// are attached to it, each for as long as its connection lives. Loop thread; owned by Edge.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.h"
#include "cli/proxy_access.h"
#include "cli/reporter.h"
#include "cli/running_proxy.h"
#include "control/control_server.h"
#include "proxy/server.h"

namespace devproxy {

class LocalProxy final : public ProxyAccess {
 public:
  struct Options {
    std::string state_dir;
    /// Of the services that this process runs.
    std::function<std::optional<ServiceTale>(std::string_view service)> tell_of;
    std::function<std::optional<std::vector<std::string>>()> look_nearby;
    std::function<void(std::uint16_t port)> on_refused;      ///< as ServerOptions has it
    std::function<void(const ExchangeRecord&)> on_exchange;  ///< empty: nothing is measured
    std::vector<InheritedSocket> inherited;                  ///< as ServerOptions has it
  };
  LocalProxy(Loop& loop, Reporter& reporter, Options options);
  ~LocalProxy() override;

  tl::expected<void, Failure> apply(std::shared_ptr<const Config> config,
                                    std::shared_ptr<const RouteTable> table) override;
  std::vector<BoundAddress> listeners() const override { return server_->listeners(); }
  pid_t process() const override { return 0; }
  void tell(const std::string& service, std::uint16_t port, const ServiceTale& tale) override;
  void move(const Target& target, const std::optional<LoopbackPlace>& place) override {
    server_->move(target, place);
  }
  void drain(std::chrono::milliseconds limit, std::function<void()> done) override;

  /// The call "attach": another process brings its project.
  void attach(const ControlCall& call, const std::shared_ptr<ControlExchange>& exchange);

 private:
  struct Attached;

  tl::expected<void, Failure> take(const Config& config,
                                   const std::shared_ptr<const RouteTable>& table);
  tl::expected<void, Failure> take_all();
  tl::expected<void, Failure> update(Attached& attached, const ControlCall& call);
  void note_tale(Attached& attached, const ControlCall& call);
  void leave(const Attached& attached);
  void tell_listeners();
  void tell_what_is_missing();
  std::string free_label(const std::string& project) const;
  Attached* attached_of(std::string_view service) const;
  std::optional<ServiceTale> tale_of(std::string_view service) const;
  void report(const ExchangeRecord& record);
  void note_refused(std::uint16_t port);

  Reporter& reporter_;
  Options options_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<const Config> own_;
  std::shared_ptr<const RouteTable> own_table_;
  std::vector<std::unique_ptr<Attached>> attached_;
  std::string told_listeners_;
  std::vector<NotListening> told_missing_;
};

}  // namespace devproxy
