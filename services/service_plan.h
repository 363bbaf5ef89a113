// A ServicePlan is everything that it takes to run a service, all placeholders filled. Values and a
// lease; made by make_plan() (launch.h), kept by ServiceRun.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "config/command.h"
#include "services/port_book.h"

namespace devproxy {

/// What shapes the process: a change of it in a reloaded file restarts the service.
struct Launch {
  std::vector<std::string> words;
  std::string dir;
  std::vector<std::pair<std::string, std::string>> variables;  ///< of env_file and env
  bool operator==(const Launch&) const = default;
};

struct ServicePlan {
  std::string name;
  Launch launch;
  std::vector<std::string> environment;  ///< the whole, "NAME=value"
  std::shared_ptr<PortLease> port;
  std::vector<std::string> depends_on;
  Readiness ready;
  RestartPolicy restart = RestartPolicy::on_failure;
  int stop_signal = SIGTERM;
  std::chrono::milliseconds stop_timeout{10'000};
};

}  // namespace devproxy
