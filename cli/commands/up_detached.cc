#include "cli/commands/up_detached.h"

#include <fmt/format.h>
#include <sys/wait.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "base/dirs.h"
#include "base/text.h"
#include "cli/project/project.h"
#include "cli/running/find_proxy.h"
#include "cli/running/spawn_self.h"
#include "cli/running/status.h"
#include "control/control_client.h"
#include "control/sockets.h"
#include "services/log_folder.h"

namespace devproxy {
namespace {

/// Starting a shared proxy may take its own ten seconds.
constexpr std::chrono::seconds start_patience{15};
constexpr std::chrono::milliseconds look_again{20};
constexpr std::chrono::milliseconds status_limit{2'000};

tl::unexpected<Failure> not_in_background(const std::string& why) {
  return tl::unexpected(Failure{ExitCode::failed,
                                "up.detached",
                                "devproxy cannot run in the background: " + why,
                                "devproxy up runs it in this terminal",
                                {}});
}

std::optional<RunningProxy> ask_status(const std::string& runtime, pid_t pid) {
  const int descriptor = connect_to_proxy(runtime, pid);
  if (descriptor < 0) return std::nullopt;
  ControlClient client(descriptor);
  const auto reply = client.ask({"status", {}}, status_limit);
  if (!reply || reply->kind != ControlReply::Kind::answer) return std::nullopt;
  auto facts = read_running_proxy(reply->json);
  return facts ? std::optional(std::move(*facts)) : std::nullopt;
}

/// What it printed is a failure as run() reports it, and its exit code tells the kind.
tl::unexpected<Failure> ended(int status, const std::string& log, std::uintmax_t from) {
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 1;
  const bool is_known = code > 0 && code <= static_cast<int>(ExitCode::timed_out);
  return tl::unexpected(Failure{
      is_known ? static_cast<ExitCode>(code) : ExitCode::failed,
      "up.detached",
      fmt::format("devproxy up ended in the background; it said last:\n{}", last_words(log, from)),
      fmt::format("all of it is in {}", escape_own(shown_path(log))),
      {}});
}

}  // namespace

Outcome up_detached(const Config& config, const Invocation& invocation, const Console& console) {
  const auto dirs = find_dirs();
  if (!dirs) return not_in_background(dirs.error().detail);
  const std::string folder = service_log_folder(dirs->state, config.project, config.root);
  for (const std::string& needed : {dirs->state, folder}) {
    if (const auto made = make_private_dir(needed); !made)
      return not_in_background(made.error().detail);
  }
  const std::string log = folder + "/_up.log";
  std::vector<std::string> words{std::string(detached_word), log, "up", "-c", config.file};
  if (invocation.force) words.emplace_back("--force");
  words.insert(words.end(), invocation.services.begin(), invocation.services.end());
  // What stands there is of earlier ones.
  std::error_code no_file;
  const std::uintmax_t size = std::filesystem::file_size(log, no_file);
  const std::uintmax_t before = no_file ? 0 : size;
  const auto pid = spawn_self(std::move(words), log);
  if (!pid) return not_in_background(pid.error().detail);

  const auto give_up = std::chrono::steady_clock::now() + start_patience;
  for (;;) {
    int status = 0;
    if (::waitpid(*pid, &status, WNOHANG) == *pid) return ended(status, log, before);
    if (auto facts = ask_status(dirs->runtime, *pid)) {
      const std::vector<ProxyStatus> started{status_of(std::move(*facts))};
      write_out(invocation.json
                    ? status_form(started) + "\n"
                    : status_text(started, console.colour) +
                          "\nIt runs in the background: devproxy logs -f shows what it prints, "
                          "devproxy down ends it.\n");
      return ExitCode::done;
    }
    if (std::chrono::steady_clock::now() >= give_up)
      return not_in_background(fmt::format("it does not answer (pid {}); it said last:\n{}", *pid,
                                           last_words(log, before)));
    std::this_thread::sleep_for(look_again);
  }
}

}  // namespace devproxy
