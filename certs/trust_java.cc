#include "certs/trust_java.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

namespace devproxy {
namespace {

namespace fs = std::filesystem;

class JavaStore final : public TrustStore {
 public:
  JavaStore(const Surroundings& surroundings, std::string keytool, std::string file)
      : runner_(surroundings.runner),
        keytool_(std::move(keytool)),
        label_{StoreKind::java, "Java", std::move(file), false} {
    label_.needs_root = !surroundings.is_root && ::access(label_.where.c_str(), W_OK) != 0;
  }

  const StoreLabel& label() const override { return label_; }

  TrustCheck check(const Anchor& anchor) override {
    // Under whatever alias: Debian's own tools copy the system's store into it.
    const auto listed = runner_.run(keytool({"-list", "-rfc"}), {});
    if (!listed) return {TrustState::not_trusted, listed.error().detail, ""};
    if (holds(listed->output, anchor)) return {TrustState::trusted, "", ""};
    if (!listed->worked()) return {TrustState::not_trusted, listed->last_words(), ""};
    return {TrustState::not_trusted, "not in it", "devproxy trust --java"};
  }

  StorePlan put(const Anchor& anchor) override {
    return {
        {keytool({"-importcert", "-noprompt", "-alias", anchor.alias(), "-file", anchor.path})}};
  }

  StorePlan take_back(std::span<const Anchor> anchors) override {
    StorePlan plan;
    for (const Anchor& anchor : anchors) {
      // The second is what Debian's ca-certificates-java makes of the system's store; it does not
      // notice when that shrinks.
      for (const std::string& alias : {anchor.alias(), "debian:" + anchor.alias() + ".pem"}) {
        const auto exported = runner_.run(keytool({"-exportcert", "-rfc", "-alias", alias}), {});
        if (exported && exported->worked() && holds(exported->output, anchor))
          plan.commands.push_back(keytool({"-delete", "-alias", alias}));
      }
    }
    return plan;
  }

 private:
  Words keytool(Words words) const {
    words.insert(words.begin(), keytool_);
    // The password of every JDK's cacerts; it guards nothing.
    for (const char* word : {"-keystore", label_.where.c_str(), "-storepass", "changeit"})
      words.emplace_back(word);
    return words;
  }

  CommandRunner& runner_;
  std::string keytool_;
  StoreLabel label_;
};

std::vector<std::string> subfolders(const std::string& folder) {
  std::vector<std::string> result;
  std::error_code failed;
  for (const auto& entry : fs::directory_iterator(folder, failed))
    result.push_back(entry.path().string());
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<std::string> java_homes(const Surroundings& surroundings) {
  std::vector<std::string> homes;
  if (const auto home = surroundings.environment("JAVA_HOME"); home && !home->empty())
    homes.push_back(*home);
  for (const std::string& folder :
       {surroundings.root + "/usr/lib/jvm", surroundings.home + "/.sdkman/candidates/java"}) {
    for (std::string& home : subfolders(folder)) homes.push_back(std::move(home));
  }
  for (const std::string& bundle :
       subfolders(surroundings.root + "/Library/Java/JavaVirtualMachines"))
    homes.push_back(bundle + "/Contents/Home");
  return homes;
}

}  // namespace

TrustStores java_stores(const Surroundings& surroundings) {
  TrustStores stores;
  std::set<std::string> seen;
  for (const std::string& home : java_homes(surroundings)) {
    for (const char* place : {"/lib/security/cacerts", "/jre/lib/security/cacerts"}) {
      std::error_code failed;
      const std::string file = fs::canonical(home + place, failed).string();
      if (failed || !seen.insert(file).second) continue;
      auto keytool = surroundings.runner.find(home + "/bin/keytool");
      if (!keytool) keytool = surroundings.runner.find("keytool");
      if (keytool) stores.push_back(std::make_unique<JavaStore>(surroundings, *keytool, file));
    }
  }
  return stores;
}

}  // namespace devproxy
