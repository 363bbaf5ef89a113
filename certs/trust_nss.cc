#include "certs/trust_nss.h"

#include <algorithm>
#include <array>
#include <utility>

namespace devproxy {
namespace {

constexpr std::array<std::string_view, 5> certutil_packages{
    "libnss3-tools", "nss-tools", "mozilla-nss-tools", "nss", "nss-tools"};

class NssStore final : public TrustStore {
 public:
  NssStore(CommandRunner& runner, NssDatabase database)
      : runner_(runner),
        database_(std::move(database)),
        label_{StoreKind::browser, database_.name, database_.folder, false} {}

  const StoreLabel& label() const override { return label_; }

  TrustCheck check(const Anchor& anchor) override {
    if (database_.folder.empty())
      return {TrustState::not_present,
              database_.hint.empty() ? "" : "it has no certificate database yet", database_.hint};
    if (!exists())
      return {TrustState::not_trusted, "no certificate database yet", "devproxy trust"};
    if (!runner_.find("certutil"))
      return {TrustState::not_trusted, "certutil is missing", install_certutil()};
    const std::vector<std::string> named = under_our_name(anchor);
    if (named.empty()) return {TrustState::not_trusted, "not in it", "devproxy trust"};
    if (std::find(named.begin(), named.end(), anchor.base64) == named.end())
      return {TrustState::not_trusted, "another certificate has its name", look_at_it()};
    // In the database is not yet trusted: the flags decide, and they are refused when a primary
    // password protects them. -u L: as a CA of TLS servers.
    const auto verified = run({"certutil", "-V", "-d", address(), "-u", "L", "-n", anchor.name});
    if (verified && verified->worked()) return {TrustState::trusted, "", ""};
    return {TrustState::not_trusted,
            verified ? "in it, but without trust" : verified.error().detail,
            shell_quoted(put_command(anchor))};
  }

  StorePlan put(const Anchor& anchor) override {
    if (!runner_.find("certutil")) return cannot("certutil is missing", install_certutil());
    StorePlan plan;
    if (!exists() && database_.may_be_made) {
      plan.commands.push_back({"mkdir", "-p", "-m", "0700", database_.folder});
      plan.commands.push_back({"certutil", "-N", "-d", address(), "--empty-password"});
    }
    plan.commands.push_back(put_command(anchor));
    return plan;
  }

  StorePlan take_back(std::span<const Anchor> anchors) override {
    if (!exists()) return {};
    if (!runner_.find("certutil")) {
      // Without it nothing can have been put in by us, unless it was removed since.
      return cannot("certutil is missing, so it cannot be looked into", install_certutil());
    }
    StorePlan plan;
    for (const Anchor& anchor : anchors) {
      const std::vector<std::string> named = under_our_name(anchor);
      if (std::find(named.begin(), named.end(), anchor.base64) == named.end()) continue;
      if (named.size() > 1) {
        // -D takes a name and would choose one of them.
        plan.obstacle = "another certificate has its name";
        plan.next = look_at_it();
        continue;
      }
      plan.commands.push_back({"certutil", "-D", "-d", address(), "-n", anchor.name});
    }
    return plan;
  }

 private:
  bool exists() const {
    return !database_.folder.empty() && is_there(database_.folder + "/cert9.db");
  }
  std::string address() const { return "sql:" + database_.folder; }
  Words put_command(const Anchor& anchor) const {
    return {"certutil", "-A", "-d", address(), "-t", "C,,", "-n", anchor.name, "-i", anchor.path};
  }
  std::string look_at_it() const { return shell_quoted(Words{"certutil", "-L", "-d", address()}); }
  std::string install_certutil() const { return install_command(runner_, certutil_packages); }
  Result<CommandResult> run(const Words& words) { return runner_.run(words, {}); }
  std::vector<std::string> under_our_name(const Anchor& anchor) {
    const auto listed = run({"certutil", "-L", "-d", address(), "-n", anchor.name, "-a"});
    if (!listed || !listed->worked()) return {};
    return certificates_in(listed->output);
  }

  CommandRunner& runner_;
  NssDatabase database_;
  StoreLabel label_;
};

}  // namespace

std::unique_ptr<TrustStore> nss_store(CommandRunner& runner, NssDatabase database) {
  return std::make_unique<NssStore>(runner, std::move(database));
}

}  // namespace devproxy
