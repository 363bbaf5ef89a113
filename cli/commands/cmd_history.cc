// `devproxy history` and `devproxy rollback`.
#include <chrono>
#include <string>
#include <vector>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/running/find_proxy.h"
#include "cli/running/history_form.h"

namespace devproxy {
namespace {

Failure not_a_generation(const std::string& word) {
  return {ExitCode::usage,
          "usage.wrong",
          "\"" + escape(word) + "\" is no generation: they are numbers",
          "devproxy history shows them",
          {}};
}

Failure nothing_runs() {
  return {ExitCode::not_running,
          "proxy.not_running",
          "no devproxy of this user is running",
          "start one with: devproxy up",
          {}};
}

/// Those that are asked: the project's, or all that carry one.
tl::expected<std::vector<FoundProxy>, Failure> wanted(const Invocation& invocation) {
  std::vector<FoundProxy> all;
  if (invocation.all) {
    for (FoundProxy& proxy : find_proxies()) {
      if (!proxy.facts.shared) all.push_back(std::move(proxy));
    }
    if (all.empty()) return tl::unexpected(nothing_runs());
    return all;
  }
  auto proxy = find_proxy_of(invocation);
  if (!proxy) return tl::unexpected(proxy.error());
  all.push_back(std::move(*proxy));
  return all;
}

}  // namespace

Outcome run_history(const Invocation& invocation, const Console& console) {
  auto proxies = wanted(invocation);
  if (!proxies) return tl::unexpected(proxies.error());
  std::vector<std::string> answers;
  for (FoundProxy& proxy : *proxies) {
    auto answer = ask(proxy, {"history", {}}, usual_patience);
    if (!answer) return tl::unexpected(answer.error());
    answers.push_back(std::move(*answer));
  }
  const auto form = join_histories(answers);
  if (!form) {
    return tl::unexpected(
        Failure{ExitCode::failed, "control.no_answer", form.error().detail, "", {}});
  }
  write_out(invocation.json ? *form + "\n" : history_text(*form, console.colour));
  return ExitCode::done;
}

Outcome run_rollback(const Invocation& invocation, const Console& console) {
  const std::string& wanted = invocation.argument;
  if (!wanted.empty() && !parse_number(wanted)) return tl::unexpected(not_a_generation(wanted));
  auto proxy = find_proxy_of(invocation);
  if (!proxy) return tl::unexpected(proxy.error());
  const auto answer = ask(*proxy, {"rollback", {{"generation", wanted}}}, reload_patience);
  if (!answer) return tl::unexpected(answer.error());
  write_out(invocation.json ? *answer + "\n" : rollback_text(*answer, console.colour));
  return ExitCode::done;
}

}  // namespace devproxy
