#include "cli/edge/own_services.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>
#include <variant>

#include "base/dirs.h"
#include "certs/authority.h"
#include "cli/project/public_urls.h"
#include "services/exec_shim.h"
#include "services/launch.h"
#include "services/log_folder.h"
#include "services/run_mark.h"

extern char** environ;  // NOLINT: POSIX declares it so

namespace devproxy {
namespace {

std::vector<std::string> own_environment() {
  std::vector<std::string> entries;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry)
    entries.emplace_back(*entry);
  return entries;
}

/// Where the output of this project's services is kept; empty when that cannot be made.
std::string make_log_folder(const Config& config) {
  const auto dirs = find_dirs();
  if (!dirs) return "";
  std::string folder = service_log_folder(dirs->state, config.project, config.root);
  if (!make_private_dir(dirs->state) || !make_private_dir(folder)) return "";
  return folder;
}

std::string local_ca_file() {
  const auto dirs = find_dirs();
  if (!dirs) return "";
  const std::string path = Authority::certificate_path(dirs->state);
  return ::access(path.c_str(), R_OK) == 0 ? path : "";
}

/// What there is to say of a service that `up SERVICE…` was not asked to run.
ServiceTale tale_of_left_out(const Config& config, const std::string& service) {
  ServiceTale tale;
  tale.state = "left out: devproxy up was asked for other services";
  tale.advice = fmt::format("devproxy restart {} starts it", service);
  if (config.worktree.renames()) {
    tale.advice += fmt::format(
        "; and while devproxy up runs in the main checkout, the {} there answers instead", service);
  }
  tale.advice += ".";
  return tale;
}

}  // namespace

OwnServices::OwnServices(Loop& loop, Reporter& reporter, PortBook& book, ListenerScan& listeners,
                         OwnServicesOptions options, ProxyTold told)
    : loop_(loop),
      reporter_(reporter),
      book_(book),
      listeners_(listeners),
      options_(options),
      told_(std::move(told)),
      run_(make_run()) {}

OwnServices::~OwnServices() = default;

void OwnServices::begin(const Config& config) {
  Supervisor::Options options;
  options.program = own_program();
  options.run = run_;
  options.log_folder = make_log_folder(config);
  options.file_limit = options_.file_limit;
  options.inherits = options_.inherits;
  if (options_.terminal) options.terminal = terminal_size();
  options.listeners = &listeners_;
  supervisor_ = std::make_unique<Supervisor>(loop_, std::move(options), *this);
}

void OwnServices::apply(const Config& config, const std::vector<BoundAddress>& listeners) {
  const PublicUrls urls(config, listeners);
  const LaunchScene scene{config,
                          own_environment(),
                          run_,
                          config.worktree.name,
                          local_ca_file(),
                          [&](const std::string& name) { return own_url(config, urls, name); },
                          script_of_package};
  std::vector<ServicePlan> plans;
  std::set<std::string> names;
  label_width_ = 0;
  urls_.clear();
  left_out_.clear();
  for (const Service& service : config.services) {
    const auto* const command = std::get_if<CommandTarget>(&service.target);
    if (command == nullptr) continue;
    if (service.left_out) {
      left_out_.emplace(service.name, tale_of_left_out(config, service.name));
      continue;
    }
    ServicePlan plan;
    plan.name = service.name;
    plan.launch = make_launch(service, *command, scene);
    plan.environment = make_environment(service, plan.launch, scene);
    plan.port = book_.lease(service.name);
    plan.depends_on = command->depends_on;
    plan.ready = command->ready;
    plan.restart = command->restart;
    plan.stop_signal = command->stop_signal;
    plan.stop_timeout = command->stop_timeout;
    urls_[service.name] = own_url(config, urls, service.name);
    names.insert(service.name);
    label_width_ = std::max(label_width_, service.name.size() + 3);
    plans.push_back(std::move(plan));
  }
  book_.keep_only(names);
  tell_left_out();
  if (!supervisor_ && plans.empty()) return;
  if (!supervisor_) begin(config);
  supervisor_->apply(std::move(plans));
  // The proxy may have forgotten what did not change for us.
  tell_places();
}

void OwnServices::stop(int signal, std::function<void()> done) {
  if (supervisor_) {
    supervisor_->stop(signal, std::move(done));
  } else {
    done();
  }
}

bool OwnServices::restart(const std::string& service) {
  return supervisor_ && supervisor_->restart(service);
}

void OwnServices::seek(std::uint16_t port) {
  if (supervisor_) supervisor_->seek(port);
}

std::vector<RunningService> OwnServices::running() const {
  std::vector<RunningService> services;
  if (!supervisor_) return services;
  for (const Supervisor::Status& status : supervisor_->statuses()) {
    const auto url = urls_.find(status.service);
    services.push_back({status.service, std::string(state_text(status.state)), status.comes,
                        status.completed, status.detail, status.port,
                        status.elsewhere ? status.elsewhere->place.port : std::uint16_t{0},
                        status.pid, url == urls_.end() ? std::string() : url->second});
  }
  return services;
}

std::vector<LoggedLine> OwnServices::last_logged(const std::vector<std::string>& services,
                                                 std::size_t count) const {
  if (!supervisor_) return {};
  return supervisor_->last_logged(services, count);
}

void OwnServices::kill() {
  if (supervisor_) supervisor_->kill();
}

TerminalSize OwnServices::terminal_size() const {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return {80, 24};
  // What programs print stands behind the name of their service.
  const std::size_t label = std::min<std::size_t>(label_width_, size.ws_col / 2);
  return {static_cast<unsigned short>(size.ws_col - label), size.ws_row};
}

void OwnServices::resize() {
  if (supervisor_ && options_.terminal) supervisor_->resize(terminal_size());
}

std::optional<ServiceTale> OwnServices::tell_of(std::string_view service) const {
  if (const auto left_out = left_out_.find(service); left_out != left_out_.end())
    return left_out->second;
  auto status = supervisor_ ? supervisor_->status(service) : std::nullopt;
  if (!status) return std::nullopt;
  const bool starting =
      status->state == ServiceState::starting || status->state == ServiceState::waiting;
  std::string state(state_text(status->state));
  if (status->state == ServiceState::waiting) {
    state += " for " + status->detail;
  } else if (!status->detail.empty()) {
    state += ": " + status->detail;
  }
  return ServiceTale{status->comes, starting, std::move(state), std::move(status->last_lines)};
}

void OwnServices::on_state(const ServiceNews& news) {
  if (const auto tale = tell_of(news.service))
    told_.tell(std::string(news.service), news.port, *tale);
  reporter_.service_state(news);
  if (on_news) on_news(news);
}

/// Its port says nothing: nobody has been given that.
void OwnServices::tell_left_out() const {
  for (const auto& [service, tale] : left_out_) told_.tell(service, 0, tale);
}

void OwnServices::tell_all() const {
  tell_left_out();
  if (!supervisor_) return;
  for (const Supervisor::Status& status : supervisor_->statuses()) {
    if (const auto tale = tell_of(status.service)) told_.tell(status.service, status.port, *tale);
  }
  tell_places();
}

void OwnServices::tell_places() const {
  for (const Supervisor::Status& status : supervisor_->statuses()) {
    if (status.elsewhere) told_.move(PortTarget{status.port}, status.elsewhere->place);
  }
}

void OwnServices::on_note(std::string_view service, std::string_view words) {
  reporter_.service_note(service, words);
}

void OwnServices::on_line(std::string_view service, std::string_view line) {
  reporter_.service_line(service, line);
  if (on_output) on_output(service, line);
}

void OwnServices::on_place(std::string_view service, std::uint16_t port,
                           const std::optional<Found>& elsewhere) {
  told_.move(PortTarget{port}, elsewhere ? std::optional(elsewhere->place) : std::nullopt);
  if (elsewhere) {
    reporter_.service_note(service, fmt::format("listens on {} instead of {}: followed there",
                                                elsewhere->place.port, port));
  } else if (const auto status = supervisor_->status(service);
             status &&
             (status->state == ServiceState::starting || status->state == ServiceState::ready)) {
    reporter_.service_note(service, fmt::format("listens on {} again, as it was told", port));
  }
}

void OwnServices::on_port_lost(std::string_view service) {
  book_.give_up(std::string(service));
  if (on_port_lost_to_another) on_port_lost_to_another();
}

}  // namespace devproxy
