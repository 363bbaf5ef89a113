// LocalProxy is a proxy in this process: the Server, and the projects that it carries: one of this
// process, if there is one, and those of other devproxy processes, each for as long as its
// connection lives. Loop thread; owned by Edge or SharedProxy.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/loop.h"
#include "cli/attach/merged_projects.h"
#include "cli/attach/proxy_access.h"
#include "cli/running/running_proxy.h"
#include "control/control_server.h"
#include "proxy/server.h"

namespace devproxy {

class LocalProxy final : public ProxyAccess {
 public:
  struct Options {
    std::string state_dir;
    /// Of the services that this process runs; empty: it runs none.
    std::function<std::optional<ServiceTale>(std::string_view service)> tell_of;
    /// Who listens near the services of this process, see NearbyListeners; or empty.
    std::function<std::optional<std::vector<std::string>>()> look_nearby;
    std::function<void(std::uint16_t port)> on_refused;      ///< as ServerOptions has it; or empty
    std::function<void(const ExchangeRecord&)> on_exchange;  ///< empty: nothing is measured
    std::function<void(const std::string& words)> note;      ///< worth a line
    std::function<void()> on_projects;                       ///< a project came or left; or empty
    std::vector<InheritedSocket> inherited;                  ///< as ServerOptions has it
  };
  LocalProxy(Loop& loop, Options options);
  ~LocalProxy() override;

  /// This process's own project. Without one it listens where the others want to.
  tl::expected<void, Failure> apply(std::shared_ptr<const Config> config,
                                    std::shared_ptr<const RouteTable> table);
  void apply(std::shared_ptr<const Config> config, std::shared_ptr<const RouteTable> table,
             Taken taken) override {
    taken(apply(std::move(config), std::move(table)));
  }
  std::vector<BoundAddress> listeners() const override { return server_->listeners(); }
  pid_t process() const override { return 0; }
  std::vector<Fallback> fallbacks() const override;
  void tell(const std::string& service, std::uint16_t port, const ServiceTale& tale) override;
  void move(const Target& target, const std::optional<LoopbackPlace>& place) override {
    server_->move(target, place);
  }
  void drain(std::chrono::milliseconds limit, std::function<void()> done) override;

  /// As Server has them.
  std::vector<int> listening_descriptors() const { return server_->listening_descriptors(); }
  void forget_inherited() { server_->forget_inherited(); }

  /// The call "attach": another process brings its project.
  void attach(const ControlCall& call, const std::shared_ptr<ControlExchange>& exchange);
  using Calls = std::vector<std::pair<ControlCall, std::shared_ptr<ControlExchange>>>;
  /// Several at once: no client meets some of them without the others.
  void attach_all(const Calls& calls);
  std::vector<AttachedProject> attached() const;
  /// All of them are asked to end.
  void stop_attached();

 private:
  struct Attached;

  Attached* admit(const ControlCall& call, const std::shared_ptr<ControlExchange>& exchange);
  tl::expected<void, Failure> take_all();
  Result<void> take(const Config& all, const std::shared_ptr<const RouteTable>& table);
  void drop_chosen(std::vector<ListenAddress>& wanted) const;
  void take_soon();
  void take_waiting();
  tl::expected<Config, Failure> read(const Attached& attached, const ControlCall& call);
  tl::expected<void, Failure> update(Attached& attached, const ControlCall& call);
  void follow_calls(Attached& attached);
  void note_tale(Attached& attached, const ControlCall& call);
  void leave(const Attached& attached);
  bool is_covered(const Config& theirs) const;
  void welcome(Attached& attached);
  void tell_overruled(const Attached& by);
  void tell_given_back(const Attached& by);
  std::vector<CarriedProject> projects() const;
  std::vector<BoundAddress> listeners_of(const Config& theirs) const;
  void tell_listeners();
  void tell_what_is_missing();
  std::string free_label(const std::string& project) const;
  Attached* attached_of(std::string_view service) const;
  std::optional<ServiceTale> tale_of(std::string_view service) const;
  std::optional<ServiceTale> told_of(std::string_view service) const;
  std::optional<std::vector<std::string>> look_nearby(std::string_view service);
  void report(const ExchangeRecord& record);
  void note_refused(std::uint16_t port);

  Loop& loop_;
  Options options_;
  std::unique_ptr<Server> server_;
  std::shared_ptr<const Config> own_;  ///< null: there is none
  std::shared_ptr<const RouteTable> own_table_;
  std::vector<std::unique_ptr<Attached>> attached_;
  std::uint16_t usual_port_;     ///< where those listen who chose no port
  std::string usual_port_note_;  ///< why it is another one since this proxy started, or empty
  std::vector<NotListening> told_missing_;
  std::string missing_note_;            ///< where we would listen if others did not, or empty
  std::vector<ListenAddress> listens_;  ///< that the Server was asked for last
  Timer take_;                          ///< projects that came or left together are taken together
};

}  // namespace devproxy
