#include "certs/trust_keychain.h"

#include <filesystem>
#include <system_error>
#include <utility>

namespace devproxy {
namespace {

class KeychainStore final : public TrustStore {
 public:
  KeychainStore(CommandRunner& runner, std::string keychain)
      : runner_(runner), label_{StoreKind::system, "macOS keychain", std::move(keychain), true} {}

  const StoreLabel& label() const override { return label_; }

  TrustCheck check(const Anchor& anchor) override {
    if (!is_in_it(anchor)) return {TrustState::not_trusted, "not in it", "devproxy trust"};
    // -L: no network. As the user who browses, not as root: their settings differ.
    const auto verified =
        runner_.run({"security", "verify-cert", "-c", anchor.path, "-L", "-p", "ssl"}, {});
    if (verified && verified->worked()) return {TrustState::trusted, "", ""};
    return {TrustState::not_trusted,
            "in it, but without trust: " +
                (verified ? verified->last_words() : verified.error().detail),
            "sudo " + shell_quoted(put_command(anchor))};
  }

  StorePlan put(const Anchor& anchor) override { return {{put_command(anchor)}}; }

  StorePlan take_back(std::span<const Anchor> anchors) override {
    StorePlan plan;
    for (const Anchor& anchor : anchors) {
      if (!is_in_it(anchor)) continue;
      plan.commands.push_back({"security", "remove-trusted-cert", "-d", anchor.path});
      // By hash: a name is ambiguous as soon as two certificates have it.
      plan.commands.push_back({"security", "delete-certificate", "-Z", anchor.sha1, label_.where});
    }
    return plan;
  }

 private:
  bool is_in_it(const Anchor& anchor) {
    const auto found = runner_.run({"security", "find-certificate", "-a", "-p", label_.where}, {});
    return found && holds(found->output, anchor);
  }
  Words put_command(const Anchor& anchor) const {
    return {
        "security", "add-trusted-cert", "-d",       "-r", "trustRoot", "-p", "ssl", "-p", "basic",
        "-k",       label_.where,       anchor.path};
  }

  CommandRunner& runner_;
  StoreLabel label_;
};

}  // namespace

std::unique_ptr<TrustStore> keychain_store(const Surroundings& surroundings) {
  std::string keychain = surroundings.root + "/Library/Keychains/System.keychain";
  std::error_code failed;
  if (!std::filesystem::exists(keychain, failed)) return nullptr;
  return std::make_unique<KeychainStore>(surroundings.runner, std::move(keychain));
}

}  // namespace devproxy
