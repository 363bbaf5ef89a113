#include "cli/trust/local_ca.h"

#include <pwd.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/dirs.h"
#include "base/text.h"
#include "certs/authority.h"
#include "cli/project/project.h"
#include "cli/terminal/console.h"
#include "cli/terminal/environment.h"

namespace devproxy {
namespace {

Failure ca_failure(const Error& error) {
  // "what is wrong; what to do"
  const std::size_t cut = error.detail.find("; ");
  const bool two = cut != std::string::npos;
  return {error.code == Code::denied ? ExitCode::permission : ExitCode::failed,
          "ca.unusable",
          error.detail.substr(0, cut),
          two ? error.detail.substr(cut + 2) : "",
          {}};
}

/// A file here may name domains of its own; one that is broken must not keep anybody from trusting.
std::vector<std::string> configured_domains(const Invocation& invocation) {
  const LoadOutcome outcome = load(load_request(invocation));
  return outcome.result ? outcome.result->proxy.domains : std::vector<std::string>{};
}

tl::expected<Anchor, Failure> anchor_at(const std::string& folder) {
  auto anchor = read_anchor(Authority::certificate_path(folder));
  if (!anchor) return tl::unexpected(ca_failure(anchor.error()));
  return std::move(*anchor);
}

}  // namespace

tl::expected<std::string, Failure> state_folder() {
  const Result<Dirs> dirs = find_dirs();
  if (!dirs) return tl::unexpected(ca_failure(dirs.error()));
  return dirs->state;
}

tl::expected<std::optional<Anchor>, Failure> existing_ca(const std::string& state) {
  const Result<Authority> authority = Authority::load(state);
  if (!authority && authority.error().code == Code::missing) return std::nullopt;
  if (!authority) return tl::unexpected(ca_failure(authority.error()));
  auto anchor = anchor_at(state);
  if (!anchor) return tl::unexpected(anchor.error());
  return std::move(*anchor);
}

tl::expected<Anchor, Failure> local_ca(const std::string& state, const Invocation& invocation) {
  const std::vector<std::string> domains = configured_domains(invocation);
  const Result<Authority> authority = Authority::load_or_make(state, domains);
  if (!authority) return tl::unexpected(ca_failure(authority.error()));
  if (const auto fits = authority->check_domains(domains); !fits)
    write_error("devproxy: warning: " + escape(fits.error().detail) + "\n");
  return anchor_at(state);
}

tl::expected<Anchor, Failure> example_ca(const std::string& state) {
  std::error_code ignored;
  std::string folder = (std::filesystem::temp_directory_path(ignored) / "devproxy-XXXXXX").string();
  if (::mkdtemp(folder.data()) == nullptr) {
    return tl::unexpected(
        Failure{ExitCode::failed,
                "ca.example",
                "cannot make a folder in " + std::filesystem::temp_directory_path(ignored).string(),
                "set TMPDIR to a folder that you may write to",
                {}});
  }
  const Result<Authority> authority = Authority::load_or_make(folder, {});
  auto anchor = authority ? anchor_at(folder) : tl::unexpected(ca_failure(authority.error()));
  std::filesystem::remove_all(folder, ignored);
  if (anchor) anchor->path = Authority::certificate_path(state);
  return anchor;
}

Surroundings real_surroundings(CommandRunner& runner) {
  std::string home = environment("HOME").value_or("");
  if (home.empty()) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): commands have one thread
    if (const passwd* entry = ::getpwuid(::getuid()); entry != nullptr) home = entry->pw_dir;
  }
  const auto read = [](const char* name) { return environment(name); };
  return {runner, std::move(home), read, ::geteuid() == 0, ""};
}

}  // namespace devproxy
