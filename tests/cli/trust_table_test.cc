#include "cli/trust/trust_table.h"

#include "base/json.h"
#include "tests/support/test.h"

namespace devproxy {
namespace {

StoreReport report(StoreKind kind, const char* name, const char* where, TrustState state) {
  StoreReport made;
  made.label = {kind, name, where, kind == StoreKind::system};
  made.state = state;
  return made;
}

/// A browser that trusts from now on, one that cannot, one that is not here, and a system that
/// waits for root.
TrustOutcome after_trust() {
  TrustOutcome outcome;
  outcome.action = TrustAction::put;
  outcome.anchor.path = "/home/a/state/ca.pem";
  outcome.anchor.name = "devproxy CA a@b 1";
  outcome.anchor.sha256 = "ab";
  outcome.reports = {
      report(StoreKind::browser, "Chrome", "/home/a/.pki/nssdb", TrustState::trusted),
      report(StoreKind::browser, "Firefox", "/home/a/.mozilla/x", TrustState::not_trusted),
      report(StoreKind::browser, "Opera", "", TrustState::not_present),
      report(StoreKind::system, "system (Debian)", "/etc/bundle", TrustState::not_trusted)};
  outcome.reports[0].changed = true;
  outcome.reports[1].failed = true;
  outcome.reports[1].why = "certutil is missing";
  outcome.reports[1].next = "sudo apt install libnss3-tools";
  outcome.reports[3].why = "not in it";
  outcome.reports[3].next = "devproxy trust";
  outcome.reports[3].commands = {{"install", "a b"}};
  outcome.left = {{"sudo", "install", "a b"}};
  return outcome;
}

TEST_CASE("trust table: store, path, state, why, and the next step below", "[cli]") {
  CHECK(trust_table(after_trust(), "/home/a", false) ==
        "  STORE            PATH          STATE\n"
        "  Chrome           ~/.pki/nssdb  trusted, from now on\n"
        "  Firefox          ~/.mozilla/x  not trusted: certutil is missing\n"
        "                   sudo apt install libnss3-tools\n"
        "  Opera            -             not present\n"
        "  system (Debian)  /etc/bundle   not trusted: needs root\n");
  CHECK(trust_summary(after_trust()) ==
        "\nLeft to do, as root:\n"
        "  sudo install 'a b'\n"
        "\nRestart these if they run, they look only when they start: Chrome\n"
        "\nNode, Deno and Python's requests have lists of their own: eval \"$(devproxy env)\"\n");
}

TEST_CASE("trust table: colours do not move the columns", "[cli]") {
  const std::string text = trust_table(after_trust(), "/home/a", true);
  CHECK_THAT(text, ContainsSubstring("~/.pki/nssdb  \x1b[32mtrusted, from now on\x1b[0m\n"));
  CHECK_THAT(text, ContainsSubstring("\x1b[31mnot trusted\x1b[0m: certutil is missing\n"));
}

TEST_CASE("trust table: a check names the next step once", "[cli]") {
  TrustOutcome outcome = after_trust();
  outcome.action = TrustAction::check;
  outcome.reports[3].commands.clear();
  outcome.left.clear();
  CHECK_THAT(trust_table(outcome, "", false), ContainsSubstring("not trusted: not in it\n"));
  CHECK_THAT(trust_summary(outcome), ContainsSubstring("\nNext: devproxy trust\n"));
}

TEST_CASE("trust table: untrust speaks of taking back", "[cli]") {
  TrustOutcome outcome = after_trust();
  outcome.action = TrustAction::take_back;
  outcome.reports[0].state = TrustState::not_trusted;
  outcome.reports[1] = outcome.reports[0];
  outcome.reports[1].changed = false;
  const std::string text = trust_table(outcome, "", false);
  CHECK_THAT(text, ContainsSubstring("taken back\n"));
  CHECK_THAT(text, ContainsSubstring("nothing of ours\n"));
  CHECK_THAT(text, ContainsSubstring("to be taken back\n"));
  outcome.reports[1].failed = true;
  outcome.reports[1].why = "it is locked";
  CHECK_THAT(trust_table(outcome, "", false), ContainsSubstring("still trusted: it is locked\n"));
}

TEST_CASE("trust table: a dry run says what would be done, and that the CA comes first", "[cli]") {
  TrustOutcome outcome = after_trust();
  outcome.dry_run = true;
  outcome.example = true;
  CHECK_THAT(trust_table(outcome, "", false), ContainsSubstring("to be put in\n"));
  CHECK_THAT(trust_summary(outcome), ContainsSubstring("There is no CA yet."));
  CHECK_THAT(trust_summary(outcome), ContainsSubstring("\nWould be run:\n  sudo install 'a b'\n"));
}

TEST_CASE("trust form: the same for programs", "[cli]") {
  const std::string text = trust_form(after_trust());
  CHECK(text.starts_with("{\"schema\":\"devproxy.trust/v1\",\"action\":\"trust\""));
  const auto form = parse_json(text);
  CHECK(form["ca"]["path"] == "/home/a/state/ca.pem");
  REQUIRE(form["stores"].size() == 4);
  CHECK(form["stores"][0]["state"] == "trusted");
  CHECK(form["stores"][0]["changed"] == true);
  CHECK(form["stores"][0]["why"].is_null());
  CHECK(form["stores"][1]["why"] == "certutil is missing");
  CHECK(form["stores"][2]["state"] == "not_present");
  CHECK(form["stores"][2]["path"].is_null());
  CHECK(form["stores"][3]["needs_root"] == true);
  CHECK(form["left"] == parse_json(R"([["sudo", "install", "a b"]])"));
  TrustOutcome none;
  none.action = TrustAction::take_back;
  CHECK(parse_json(trust_form(none))["ca"].is_null());
}

}  // namespace
}  // namespace devproxy
