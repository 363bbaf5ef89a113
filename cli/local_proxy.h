// LocalProxy is a proxy of our own: the Server, and the projects of other devproxy processes that
// are attached to it, each for as long as its connection lives. Loop thread; owned by Edge.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.h"
#include "cli/access_line.h"
#include "cli/proxy_access.h"
#include "cli/reporter.h"
#include "cli/running_proxy.h"
#include "control/control_server.h"
#include "proxy/server.h"

namespace devproxy {

class LocalProxy final : public ProxyAccess {
 public:
  /// `own_tale`: of the services that this process runs.
  using TellOf = std::function<std::optional<ServiceTale>(std::string_view service)>;
  LocalProxy(Loop& loop, Reporter& reporter, std::string state_dir, TellOf own_tale,
             bool reports_requests);
  ~LocalProxy() override;

  tl::expected<void, Failure> apply(std::shared_ptr<const Config> config,
                                    std::shared_ptr<const RouteTable> table) override;
  std::vector<BoundAddress> listeners() const override { return server_->listeners(); }
  pid_t process() const override { return 0; }
  void tell(const std::string& service, std::uint16_t port, const ServiceTale& tale) override;
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
  std::string free_label(const std::string& project) const;
  Attached* attached_of(std::string_view service) const;
  std::optional<ServiceTale> tale_of(std::string_view service) const;
  void report(const ExchangeRecord& record);

  Loop& loop_;
  Reporter& reporter_;
  TellOf own_tale_;
  AccessLines lines_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<const Config> own_;
  std::shared_ptr<const RouteTable> own_table_;
  std::vector<std::unique_ptr<Attached>> attached_;
  std::string told_listeners_;
};

}  // namespace devproxy
