#include "certs/trust_system.h"

#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/files.h"
#include "certs/trust_bundle.h"

namespace devproxy {
namespace {

struct Family {
  std::string_view name;
  std::string_view mark;     ///< a path that only this family has
  std::string_view anchors;  ///< folder of single certificates
  std::string_view ending;   ///< Debian's tool takes .crt only
  std::array<std::string_view, 2> update;
  std::array<std::string_view, 2> bundles;  ///< made by it; the first that exists is looked into
  /// Debian's leaves its links to what is gone, unless told to begin anew.
  std::string_view after_removal = {};
};

constexpr std::string_view debian_bundle = "/etc/ssl/certs/ca-certificates.crt";

// Asked in this order: Alpine has what Debian has, and more.
constexpr std::array<Family, 6> families{{
    {"Fedora",
     "/etc/pki/ca-trust/source/anchors",
     "/etc/pki/ca-trust/source/anchors",
     ".pem",
     {"update-ca-trust", "extract"},
     {"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/pki/tls/certs/ca-bundle.crt"},
     ""},
    {"Arch",
     "/etc/ca-certificates/trust-source/anchors",
     "/etc/ca-certificates/trust-source/anchors",
     ".crt",
     {"update-ca-trust", ""},
     {"/etc/ca-certificates/extracted/tls-ca-bundle.pem", debian_bundle},
     ""},
    {"openSUSE",
     "/etc/pki/trust/anchors",
     "/etc/pki/trust/anchors",
     ".pem",
     {"update-ca-certificates", ""},
     {"/var/lib/ca-certificates/ca-bundle.pem", "/etc/ssl/ca-bundle.pem"},
     ""},
    {"openSUSE",
     "/usr/share/pki/trust/anchors",
     "/usr/share/pki/trust/anchors",
     ".pem",
     {"update-ca-certificates", ""},
     {"/var/lib/ca-certificates/ca-bundle.pem", "/etc/ssl/ca-bundle.pem"},
     ""},
    {"Alpine",
     "/etc/alpine-release",
     "/usr/local/share/ca-certificates",
     ".crt",
     {"update-ca-certificates", ""},
     {debian_bundle, "/etc/ssl/cert.pem"},
     "--fresh"},
    {"Debian",
     "/usr/local/share/ca-certificates",
     "/usr/local/share/ca-certificates",
     ".crt",
     {"update-ca-certificates", ""},
     {debian_bundle, debian_bundle},
     "--fresh"},
}};

class LinuxStore final : public TrustStore {
 public:
  LinuxStore(const Surroundings& surroundings, const Family& family)
      : runner_(surroundings.runner),
        folder_(surroundings.root + std::string(family.anchors)),
        ending_(family.ending),
        after_removal_(family.after_removal) {
    std::string bundle = surroundings.root + std::string(family.bundles[0]);
    if (!is_there(bundle) && is_there(surroundings.root + std::string(family.bundles[1])))
      bundle = surroundings.root + std::string(family.bundles[1]);
    label_ = {StoreKind::system, "system (" + std::string(family.name) + ")", std::move(bundle),
              true};
    for (const std::string_view word : family.update) {
      if (!word.empty()) update_.emplace_back(word);
    }
  }

  const StoreLabel& label() const override { return label_; }

  TrustCheck check(const Anchor& anchor) override {
    if (!is_there(label_.where) && !is_there(folder_)) return {TrustState::not_present, "", ""};
    const std::string why = refusal_by_bundle(label_.where, anchor);
    if (why.empty()) return {TrustState::trusted, "", ""};
    const bool put = is_ours(anchor);
    return {TrustState::not_trusted,
            put ? "its file is there, but the bundle was not made anew" : why,
            put ? "sudo " + shell_quoted(update_command()) : "devproxy trust"};
  }

  StorePlan put(const Anchor& anchor) override {
    if (!runner_.find(update_.front())) return without_tool();
    if (is_there(file_of(anchor)) && !is_ours(anchor)) {
      return cannot(file_of(anchor) + " holds another certificate",
                    "move it away, then devproxy trust");
    }
    return {{{"install", "-D", "-m", "0644", anchor.path, file_of(anchor)}, update_command()}};
  }

  StorePlan take_back(std::span<const Anchor> anchors) override {
    StorePlan plan;
    for (const Anchor& anchor : anchors) {
      if (is_ours(anchor)) plan.commands.push_back({"rm", "-f", file_of(anchor)});
    }
    if (plan.commands.empty()) return plan;
    if (!runner_.find(update_.front())) return without_tool();
    plan.commands.push_back(update_command());
    if (!after_removal_.empty()) plan.commands.back().push_back(after_removal_);
    return plan;
  }

 private:
  std::string file_of(const Anchor& anchor) const {
    return folder_ + "/" + anchor.alias() + ending_;
  }
  bool is_ours(const Anchor& anchor) const {
    const auto text = read_file(file_of(anchor));
    return text && holds(*text, anchor);
  }
  /// With its full path: a user's PATH may lack the folders of system programs.
  Words update_command() const {
    Words words = update_;
    words.front() = runner_.find(update_.front()).value_or(update_.front());
    return words;
  }
  StorePlan without_tool() const {
    constexpr std::array<std::string_view, 5> package{"ca-certificates", "ca-certificates",
                                                      "ca-certificates", "ca-certificates-utils",
                                                      "ca-certificates"};
    return cannot(update_.front() + " is missing", install_command(runner_, package));
  }

  CommandRunner& runner_;
  std::string folder_;
  std::string ending_;
  std::string after_removal_;
  Words update_;
  StoreLabel label_;
};

/// Its configuration is declared; whatever a command puts there is gone with the next switch.
class NixStore final : public TrustStore {
 public:
  explicit NixStore(const Surroundings& surroundings) {
    label_ = {StoreKind::system, "system (NixOS)", surroundings.root + std::string(debian_bundle),
              false};
  }
  const StoreLabel& label() const override { return label_; }
  TrustCheck check(const Anchor& anchor) override {
    const std::string why = refusal_by_bundle(label_.where, anchor);
    if (why.empty()) return {TrustState::trusted, "", ""};
    return {TrustState::not_trusted, "NixOS is configured by declaration", snippet(anchor)};
  }
  StorePlan put(const Anchor& anchor) override {
    return cannot("NixOS is configured by declaration", snippet(anchor));
  }
  StorePlan take_back(std::span<const Anchor> anchors) override {
    for (const Anchor& anchor : anchors) {
      if (refusal_by_bundle(label_.where, anchor).empty()) {
        return cannot("NixOS is configured by declaration",
                      "take it out of security.pki.certificates, then sudo nixos-rebuild switch");
      }
    }
    return {};
  }

 private:
  // The text itself, since a build cannot read a file of a private folder.
  static std::string snippet(const Anchor& anchor) {
    const auto pem = read_file(anchor.path);
    return "put this into configuration.nix, then sudo nixos-rebuild switch:\n"
           "security.pki.certificates = [ ''\n" +
           (pem ? *pem : anchor.path + "\n") + "'' ];";
  }
  StoreLabel label_;
};

}  // namespace

std::unique_ptr<TrustStore> system_store(const Surroundings& surroundings) {
  if (is_there(surroundings.root + "/etc/NIXOS")) return std::make_unique<NixStore>(surroundings);
  for (const Family& family : families) {
    if (is_there(surroundings.root + std::string(family.mark)))
      return std::make_unique<LinuxStore>(surroundings, family);
  }
  return nullptr;
}

}  // namespace devproxy
