// Edge: from one configuration to the next. The file is read again, or a generation of the history
// is taken back into force; then the proxy takes it, and may refuse.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "cli/attach/attach_form.h"
#include "cli/edge/edge.h"
#include "cli/edge/left_out.h"
#include "cli/project/project.h"
#include "cli/running/history_form.h"

namespace devproxy {
namespace {

/// With the first problem, where there are some.
std::string why(const Failure& failure) {
  if (failure.problems.empty()) return failure.message;
  const Problem& first = failure.problems.front();
  std::string text =
      fmt::format("{}:{}:{}: {}", first.at.file, first.at.line, first.at.column, first.message);
  if (failure.problems.size() > 1)
    text += fmt::format(" (and {} more)", failure.problems.size() - 1);
  return text;
}

Failure no_such_generation(const std::string& wanted, const History& history) {
  return {ExitCode::usage,
          "history.unknown_generation",
          fmt::format("there is no generation {} to go back to; known are: {}", escape(wanted),
                      history.kept_words()),
          "devproxy history shows them",
          {}};
}

Failure nothing_before(const History& history) {
  return {ExitCode::failed,
          "history.nothing_before",
          fmt::format("there is nothing to go back to: no generation before {}, which is in force",
                      history.current()),
          "devproxy history shows what there is",
          {}};
}

Failure no_services(const std::string& file) {
  return {ExitCode::usage,
          "config.no_services",
          fmt::format("{} names no service any more", escape_own(shown_path(file))),
          "if that is meant, devproxy reload takes it",
          {}};
}

}  // namespace

/// What the proxy is asked to take.
struct Edge::Taking {
  Loaded loaded;
  std::shared_ptr<const Config> config;
  std::vector<BoundAddress> listened;  ///< until then
};

void Edge::set_log(LogSetting setting) {
  switch (setting) {
    case LogSetting::debug:
      return set_log_level(LogLevel::debug);
    case LogSetting::info:
      return set_log_level(LogLevel::info);
    case LogSetting::warn:
      return set_log_level(LogLevel::warn);
    case LogSetting::error:
      return set_log_level(LogLevel::error);
    case LogSetting::off:
      return set_log_level(LogLevel::off);
  }
}

void Edge::reload(Cause cause) {
  if (stopping_) return;
  // Another port is no reason to leave a generation that was gone back to; and where there is no
  // file, ports that were lost are all that can change.
  const bool stays = cause == Cause::lost_port && !history_.is_file();
  if (options_.has_file && !stays) {
    options_.notice.reloading();
    reloader_.reload(cause);
  } else {
    reloader_.restore(Cause::lost_port, {history_.current(), config_, {}});
  }
}

void Edge::roll_back(const ControlCall& call, const std::shared_ptr<ControlExchange>& exchange) {
  const std::string wanted = call.argument("generation");
  const auto generation = wanted.empty() ? history_.before() : parse_number(wanted);
  auto config = generation ? history_.find(*generation) : nullptr;
  if (!config) {
    exchange->fail(to_control(wanted.empty() ? nothing_before(history_)
                                             : no_such_generation(wanted, history_)));
    return;
  }
  Restoring what{*generation, std::move(config), [exchange](const auto& outcome) {
                   if (outcome) {
                     exchange->answer(rollback_form(*outcome));
                   } else {
                     exchange->fail(to_control(outcome.error()));
                   }
                 }};
  reloader_.restore(Cause::rollback, std::move(what));
}

/// One that `up SERVICE…` was not asked for is now, with what it depends on.
bool Edge::start_left_out(const std::string& service) {
  const auto found = std::find_if(config_->services.begin(), config_->services.end(),
                                  [&](const Service& each) { return each.name == service; });
  if (found == config_->services.end() || !found->left_out) return false;
  options_.only.push_back(service);
  const auto told = [this, service](const auto& outcome) {
    if (outcome) return;
    std::erase(options_.only, service);
    ServiceNews news;
    news.service = service;
    news.state = ServiceState::failed;
    news.detail = outcome.error().message;
    calls_->service_state(news);
  };
  reloader_.restore(Cause::left_out, {history_.current(), config_, told});
  return true;
}

void Edge::take_over(Loaded loaded) {
  if (stopping_) return;
  if (!loaded.restoring) watcher_->watch(loaded.outcome.files);
  if (!loaded.outcome.result) {
    refuse(loaded, invalid_file(std::move(loaded.outcome.result.error())));
    return;
  }
  // A full disk leaves empty files behind: what runs is not ended by that.
  if (loaded.cause == Cause::file && !loaded.restoring && loaded.outcome.result->services.empty() &&
      !config_->services.empty()) {
    refuse(loaded, no_services(loaded.outcome.result->file));
    return;
  }
  mark_left_out(*loaded.outcome.result, options_.only);
  Taking taking;
  taking.config = std::make_shared<const Config>(std::move(*loaded.outcome.result));
  taking.loaded = std::move(loaded);
  if (!proxy_) {
    taken(std::move(taking), {});
    return;
  }
  taking.listened = proxy_->listeners();
  const auto config = taking.config;
  const auto table = taking.loaded.table;
  proxy_->apply(config, table, [this, taking = std::move(taking)](const auto& outcome) {
    taken(taking, outcome);
  });
}

/// The proxy has taken it, or has not.
void Edge::taken(Taking taking, const tl::expected<void, Failure>& outcome) {
  if (stopping_) return;
  Loaded& loaded = taking.loaded;
  if (!outcome) {
    refuse(loaded, outcome.error());
    return;
  }
  set_log(taking.config->proxy.log);
  const ReloadReport report = remember(taking);
  table_ = loaded.table;
  reloader_.set_current(table_);
  config_ = std::move(taking.config);
  nearby_.apply(*config_);
  const std::vector<BoundAddress> listens =
      proxy_ ? proxy_->listeners() : std::vector<BoundAddress>();
  if (loaded.cause != Cause::left_out) {
    reporter_.listening(*config_, listens, true);
    reporter_.reloaded(report);
  }
  if (!loaded.restoring) invalid_file_.clear();
  if (!loaded.restoring || !options_.has_file) calls_->reloaded(loaded.began, report);
  if (loaded.restoring && loaded.restoring->told) loaded.restoring->told(report);
  options_.notice.ready();
  followed_->apply(*config_);
  services_->apply(*config_, listens);
  reloader_.go_on();
}

/// What became different, as the history has it from now on.
ReloadReport Edge::remember(Taking& taking) {
  Loaded& loaded = taking.loaded;
  std::vector<std::string> changes = std::move(loaded.changes);
  const auto add = [&changes](std::vector<std::string> more) {
    std::move(more.begin(), more.end(), std::back_inserter(changes));
  };
  if (proxy_) add(listener_changes(taking.listened, proxy_->listeners()));
  add(settings_changes(config_->proxy, taking.config->proxy));
  add(tcp_changes(tcp_facts(*config_), tcp_facts(*taking.config)));
  add(service_changes(*config_, *taking.config));
  const bool was_off = config_->proxy.access_log == AccessLogMode::off;
  if (!reports_requests_ && was_off && taking.config->proxy.access_log != AccessLogMode::off)
    changes.emplace_back("~ access_log: requests are shown from the next start on");
  if (!loaded.restoring) {
    history_.add(loaded.cause, taking.config, changes);
  } else if (loaded.cause == Cause::rollback) {
    history_.go_back(loaded.restoring->generation, taking.config, changes);
  } else {
    history_.renew(taking.config);
  }
  const auto took = std::chrono::steady_clock::now() - loaded.began;
  return {std::move(changes), std::chrono::duration_cast<std::chrono::microseconds>(took),
          history_.current(), history_.current_since(),
          history_.is_file(), loaded.cause};
}

/// What was in force before stays.
void Edge::refuse(const Loaded& loaded, Failure failure) {
  options_.notice.ready();
  if (options_.has_file) history_.refuse(loaded.cause, why(failure));
  if (loaded.cause == Cause::rollback) {
    failure.message += fmt::format("; not gone back to generation {}, the routes stay",
                                   loaded.restoring->generation);
  } else if (loaded.cause == Cause::left_out) {
    failure.message += "; not started, what runs stays";
  } else {
    invalid_file_ = failure.message;
    failure.message += "; not reloaded, the old routes stay";
  }
  reporter_.reload_failed(failure);
  if (!loaded.restoring || !options_.has_file)
    calls_->reloaded(loaded.began, tl::unexpected(failure));
  if (loaded.restoring && loaded.restoring->told)
    loaded.restoring->told(tl::unexpected(std::move(failure)));
  reloader_.go_on();
}

}  // namespace devproxy
