#include "cli/find_proxy.h"

#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <utility>

#include "base/dirs.h"
#include "base/text.h"
#include "cli/project.h"
#include "control/sockets.h"

namespace devproxy {
namespace {

/// One may have been reached through a symbolic link.
bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code neither_is_there;
  return a == b || std::filesystem::equivalent(a, b, neither_is_there);
}

}  // namespace

std::vector<FoundProxy> find_proxies(std::chrono::milliseconds patience,
                                     std::vector<std::string>* silent) {
  std::vector<FoundProxy> found;
  const auto dirs = find_dirs();
  if (!dirs) return found;
  const std::string own = control_socket_path(dirs->runtime, ::getpid());
  for (const ControlSocket& socket : connect_to_proxies(dirs->runtime)) {
    ControlClient client(socket.descriptor);
    if (socket.path == own) continue;
    const auto reply = client.ask({"status", {}}, patience);
    if (!reply && reply.error().code == Code::timed_out && silent != nullptr)
      silent->push_back(socket.path);
    if (!reply || reply->kind != ControlReply::Kind::answer) continue;
    auto facts = read_running_proxy(reply->json);
    if (facts) found.push_back({std::move(*facts), std::move(client)});
  }
  return found;
}

std::optional<FoundProxy> find_proxy_of(const std::string& file) {
  for (FoundProxy& proxy : find_proxies()) {
    if (is_same_file(proxy.facts.file, file)) return std::move(proxy);
  }
  return std::nullopt;
}

tl::expected<FoundProxy, Failure> find_proxy_of(const Invocation& invocation) {
  LoadOutcome outcome = load(load_request(invocation));
  const std::vector<std::string> files =
      outcome.result ? std::vector{outcome.result->file} : outcome.files;
  std::vector<FoundProxy> running = find_proxies();
  // The main file was read first, then what it includes.
  for (const std::string& file : files) {
    for (FoundProxy& proxy : running) {
      if (is_same_file(proxy.facts.file, file)) return std::move(proxy);
    }
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
                                  escape(reply->failure.message),
                                  escape(reply->failure.hint),
                                  {}});
  }
  return reply->json;
}

Failure not_running(const std::string& file) {
  return {ExitCode::not_running,
          "proxy.not_running",
          fmt::format("no devproxy is running with {}", escape(shown_path(file))),
          "start it with: devproxy up",
          {}};
}

}  // namespace devproxy
