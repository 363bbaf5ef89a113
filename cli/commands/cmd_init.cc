#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "base/text.h"
#include "cli/commands/commands.h"
#include "cli/init/init_file.h"
#include "cli/init/init_form.h"

namespace devproxy {
namespace {

constexpr const char* file_name = "devproxy.toml";

Failure write_failure(int error) {
  if (error == EEXIST) {
    return {ExitCode::failed,
            "init.exists",
            fmt::format("{} is here already, and stays as it is", file_name),
            "devproxy init --dry-run shows what would be written",
            {}};
  }
  const bool denied = error == EACCES || error == EROFS;
  return {denied ? ExitCode::permission : ExitCode::failed,
          "init.write",
          fmt::format("cannot write {}: {}", file_name, std::generic_category().message(error)),
          "go to a folder that you may write to, or use devproxy init --dry-run",
          {}};
}

tl::expected<void, Failure> write_new(const std::string& text) {
  const int descriptor = ::open(file_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (descriptor < 0) return tl::unexpected(write_failure(errno));
  const ssize_t count = ::write(descriptor, text.data(), text.size());
  const int error = count == static_cast<ssize_t>(text.size()) ? 0 : errno;
  if (::close(descriptor) == 0 && error == 0 && count >= 0) return {};
  ::unlink(file_name);
  return tl::unexpected(write_failure(error != 0 ? error : EIO));
}

std::string summary(const Scan& scan) {
  std::string text = fmt::format("wrote {}", file_name);
  if (!scan.files.empty()) text += fmt::format(" from {}", fmt::join(scan.files, ", "));
  text += "\n\n";
  for (const Finding& finding : scan.findings) {
    if (!finding.command.empty()) {
      text += fmt::format(
          "  {} -> {}: {}\n",
          finding.listens ? fmt::format("https://{}:6289", host_of(scan, finding)) : "no URL",
          finding.name, escape(finding.command));
    } else if (finding.port) {
      text += fmt::format("  https://{}:6289 -> {} :{}  ({})\n", host_of(scan, finding),
                          finding.name, *finding.port, finding.reason);
    } else {
      text += fmt::format("  {}: only a comment, {}\n", finding.name, finding.reason);
    }
  }
  if (scan.findings.empty())
    text += "  Nothing here told of a server: open the file and write down yours.\n";
  return text + "\nNext: look it over, then devproxy up\n";
}

}  // namespace

Outcome run_init(const Invocation& invocation, const Console& /*console*/) {
  std::error_code ignored;
  const Scan scan = scan_folder(std::filesystem::current_path(ignored).string());
  const std::string text = init_file(scan);
  if (!invocation.dry_run) {
    if (const auto written = write_new(text); !written) return tl::unexpected(written.error());
  }
  if (invocation.json) {
    write_out(init_form(scan, text, !invocation.dry_run) + "\n");
  } else {
    write_out(invocation.dry_run ? text : summary(scan));
  }
  return ExitCode::done;
}

}  // namespace devproxy
