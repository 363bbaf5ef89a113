#include "certs/trust_windows.h"

#include <utility>

#include "base/files.h"
#include "base/text.h"

namespace devproxy {
namespace {

constexpr const char* with_interop =
    "let WSL run Windows programs ([interop] in /etc/wsl.conf), then devproxy trust";

/// For the window in which Windows asks.
constexpr std::chrono::minutes time_to_answer{5};

class WindowsStore final : public TrustStore {
 public:
  WindowsStore(CommandRunner& runner, std::string certutil)
      : runner_(runner),
        certutil_(std::move(certutil)),
        label_{StoreKind::windows, "Windows", "CurrentUser\\Root", false} {}

  const StoreLabel& label() const override { return label_; }

  TrustCheck check(const Anchor& anchor) override {
    if (certutil_.empty())
      return {TrustState::not_trusted, "certutil.exe cannot be run from here", with_interop};
    if (is_in_it(anchor)) return {TrustState::trusted, "", ""};
    return {TrustState::not_trusted, "not in it", "devproxy trust"};
  }

  StorePlan put(const Anchor& anchor) override {
    if (certutil_.empty()) return cannot("certutil.exe cannot be run from here", with_interop);
    const auto path = runner_.run({"wslpath", "-w", anchor.path}, {});
    if (!path || !path->worked())
      return cannot("wslpath does not know " + anchor.path, "update WSL, then devproxy trust");
    StorePlan plan;
    plan.commands.push_back({certutil_, "-user", "-addstore", "Root", windows_path(path->output)});
    plan.options.limit = time_to_answer;
    return plan;
  }

  StorePlan take_back(std::span<const Anchor> anchors) override {
    StorePlan plan;
    plan.options.limit = time_to_answer;
    if (certutil_.empty()) return plan;
    for (const Anchor& anchor : anchors) {
      if (is_in_it(anchor))
        plan.commands.push_back({certutil_, "-user", "-delstore", "Root", anchor.sha1});
    }
    return plan;
  }

 private:
  static std::string windows_path(std::string_view output) {
    const std::size_t end = output.find_last_not_of(" \t\r\n");
    return std::string(output.substr(0, end == std::string_view::npos ? 0 : end + 1));
  }
  /// Its words come in the language of Windows, the hash does not.
  bool is_in_it(const Anchor& anchor) {
    const auto found = runner_.run({certutil_, "-user", "-store", "Root", anchor.sha1}, {});
    if (!found || !found->worked()) return false;
    std::string text = lower(found->output);
    std::erase(text, ' ');
    return text.find(anchor.sha1) != std::string::npos;
  }

  CommandRunner& runner_;
  std::string certutil_;
  StoreLabel label_;
};

}  // namespace

std::unique_ptr<TrustStore> windows_store(const Surroundings& surroundings) {
  const auto kernel = read_file(surroundings.root + "/proc/sys/kernel/osrelease");
  if (!kernel || lower(*kernel).find("microsoft") == std::string::npos) return nullptr;
  auto certutil = surroundings.runner.find("certutil.exe");
  if (!certutil) certutil = surroundings.runner.find("/mnt/c/Windows/System32/certutil.exe");
  return std::make_unique<WindowsStore>(surroundings.runner, certutil.value_or(""));
}

}  // namespace devproxy
