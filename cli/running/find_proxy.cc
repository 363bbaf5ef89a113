#include "cli/running/find_proxy.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>

#include "base/dirs.h"
#include "base/text.h"
#include "cli/project/project.h"
#include "control/sockets.h"

namespace devproxy {
namespace {

/// One may have been reached through a symbolic link.
bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code neither_is_there;
  return a == b || std::filesystem::equivalent(a, b, neither_is_there);
}

/// Asks all at once. One that hangs is waited for when the others have answered.
class Search final {
 public:
  explicit Search(std::chrono::milliseconds patience)
      : end_(std::chrono::steady_clock::now() + patience) {
    const auto dirs = find_dirs();
    if (!dirs) return;
    const std::string own = control_socket_path(dirs->runtime, ::getpid());
    for (const ControlSocket& socket : connect_to_proxies(dirs->runtime)) {
      ControlClient client(socket.descriptor);
      if (socket.path != own && client.begin({"status", {}}))
        asked_.push_back({socket.path, std::move(client)});
    }
  }

  /// `found` says whether to go on.
  void run(const std::function<bool(FoundProxy)>& found) {
    for (const bool is_late : {false, true}) {
      std::vector<Asked> late;
      for (Asked& each : asked_) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end_ - std::chrono::steady_clock::now());
        const auto limit = is_late ? left : std::min(left, first_patience);
        const auto reply = each.client.finish(std::max(limit, std::chrono::milliseconds(1)));
        if (!reply && reply.error().code == Code::timed_out) late.push_back(std::move(each));
        if (!reply || reply->kind != ControlReply::Kind::answer) continue;
        auto facts = read_running_proxy(reply->json);
        if (facts && !found({std::move(*facts), std::move(each.client)})) return;
      }
      asked_ = std::move(late);
    }
  }
  /// The sockets of those that did not answer.
  std::vector<std::string> silent() const {
    std::vector<std::string> paths;
    for (const Asked& each : asked_) paths.push_back(each.path);
    return paths;
  }

 private:
  static constexpr std::chrono::milliseconds first_patience{200};
  struct Asked {
    std::string path;
    ControlClient client;
  };

  std::chrono::steady_clock::time_point end_;
  std::vector<Asked> asked_;
};

}  // namespace

std::vector<FoundProxy> find_proxies(std::chrono::milliseconds patience,
                                     std::vector<std::string>* silent) {
  Search search(patience);
  std::vector<FoundProxy> found;
  search.run([&found](FoundProxy proxy) {
    found.push_back(std::move(proxy));
    return true;
  });
  if (silent != nullptr) *silent = search.silent();
  std::stable_sort(found.begin(), found.end(), [](const FoundProxy& a, const FoundProxy& b) {
    if (a.facts.shared != b.facts.shared) return a.facts.shared;
    return a.facts.since < b.facts.since;
  });
  return found;
}

std::optional<FoundProxy> find_proxy_of(const std::string& file) {
  std::optional<FoundProxy> found;
  Search(usual_patience).run([&](FoundProxy proxy) {
    if (!is_same_file(proxy.facts.file, file)) return true;
    found = std::move(proxy);
    return false;
  });
  return found;
}

tl::expected<FoundProxy, Failure> find_proxy_of(const Invocation& invocation) {
  LoadOutcome outcome = load(load_request(invocation));
  const std::vector<std::string> files =
      outcome.result ? std::vector{outcome.result->file} : outcome.files;
  // The main file was read first, then what it includes.
  for (const std::string& file : files) {
    if (auto proxy = find_proxy_of(file)) return std::move(*proxy);
  }
  return tl::unexpected(outcome.result ? not_running(outcome.result->file)
                                       : invalid_file(std::move(outcome.result.error())));
}

tl::expected<std::string, Failure> ask(FoundProxy& proxy, const ControlCall& call,
                                       std::chrono::milliseconds limit,
                                       const ControlClient::OnEvent& on_event) {
  const auto reply = proxy.client.ask(call, limit, on_event);
  if (!reply) {
    const bool late = reply.error().code == Code::timed_out;
    return tl::unexpected(Failure{late ? ExitCode::timed_out : ExitCode::not_running,
                                  "control.no_answer",
                                  fmt::format("{}: {}", call.name, reply.error().detail),
                                  "devproxy status tells whether it still runs",
                                  {}});
  }
  if (reply->kind == ControlReply::Kind::failure) {
    return tl::unexpected(Failure{static_cast<ExitCode>(reply->failure.exit),
                                  reply->failure.code,
                                  escape_own(reply->failure.message),
                                  escape_own(reply->failure.hint),
                                  {}});
  }
  return reply->json;
}

Failure not_running(const std::string& file) {
  std::vector<std::string> silent;
  find_proxies(std::chrono::milliseconds(200), &silent);
  if (!silent.empty()) {
    std::string_view pid = silent.front();
    pid = pid.substr(pid.rfind('-') + 1);
    pid = pid.substr(0, pid.find('.'));
    return {ExitCode::not_running,
            "proxy.silent",
            fmt::format("no devproxy answers for {}, and the one of pid {} does not answer at all",
                        escape_own(shown_path(file)), pid),
            fmt::format("if it was stopped, kill -CONT {0} lets it go on; kill {0} ends it", pid),
            {}};
  }
  return {ExitCode::not_running,
          "proxy.not_running",
          fmt::format("no devproxy is running with {}", escape_own(shown_path(file))),
          "start it with: devproxy up",
          {}};
}

}  // namespace devproxy
