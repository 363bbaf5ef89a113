// OwnServices are the services that devproxy runs, as the proxy sees them: plans are made from the
// configuration in force, news go to the Reporter, and the proxy learns whether a service that
// refuses is about to come. Loop thread; owned by Edge, destroyed before the Loop.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/loop.h"
#include "cli/attach/proxy_access.h"
#include "cli/reporters/reporter.h"
#include "cli/running/running_proxy.h"
#include "config/config.h"
#include "proxy/server.h"
#include "services/listener_scan.h"
#include "services/log_tail.h"
#include "services/port_book.h"
#include "services/supervisor.h"

namespace devproxy {

struct OwnServicesOptions {
  std::optional<unsigned long long> file_limit;  ///< that programs get back
  bool inherits = false;                         ///< they have our own stdin, stdout and stderr
  bool terminal = false;                         ///< they get pseudo-terminals, as we have one
};

class OwnServices final : public ServiceWatcher {
 public:
  OwnServices(Loop& loop, Reporter& reporter, PortBook& book, ListenerScan& listeners,
              OwnServicesOptions options, ProxyTold told);
  ~OwnServices();
  OwnServices(const OwnServices&) = delete;
  OwnServices& operator=(const OwnServices&) = delete;

  /// `config` is in force from now on, its ports given by the book.
  void apply(const Config& config, const std::vector<BoundAddress>& listeners);
  void stop(int signal, std::function<void()> done);
  /// False: it is not run here.
  bool restart(const std::string& service);
  /// Connections to this port, given to one of them, are refused.
  void seek(std::uint16_t port);
  std::vector<RunningService> running() const;
  /// The mark of what is started here.
  const std::string& run() const { return run_; }
  std::vector<LoggedLine> last_logged(const std::vector<std::string>& services,
                                      std::size_t count) const;
  /// At once: this process is about to end.
  void kill();
  /// Our terminal has another size.
  void resize();
  /// What there is to say of a service that does not answer; nothing when it is not run here.
  std::optional<ServiceTale> tell_of(std::string_view service) const;
  /// Of every service again: there is another proxy.
  void tell_all() const;

  void on_state(const ServiceNews& news) override;
  void on_note(std::string_view service, std::string_view words) override;
  void on_line(std::string_view service, std::string_view line) override;
  void on_place(std::string_view service, std::uint16_t port,
                const std::optional<Found>& elsewhere) override;
  void on_port_lost(std::string_view service) override;

  /// A service needs another port: the configuration is to be loaded again.
  std::function<void()> on_port_lost_to_another;
  /// Besides the Reporter, somebody else may be told.
  std::function<void(const ServiceNews& news)> on_news;
  std::function<void(std::string_view service, std::string_view line)> on_output;

 private:
  void begin(const Config& config);
  void tell_places() const;
  void tell_left_out() const;
  TerminalSize terminal_size() const;

  Loop& loop_;
  Reporter& reporter_;
  PortBook& book_;
  ListenerScan& listeners_;
  OwnServicesOptions options_;
  ProxyTold told_;
  std::string run_;
  std::map<std::string, std::string, std::less<>> urls_;
  std::map<std::string, ServiceTale, std::less<>> left_out_;
  std::size_t label_width_ = 0;             ///< of what stands before a line of output
  std::unique_ptr<Supervisor> supervisor_;  ///< null until a service has a command
};

}  // namespace devproxy
