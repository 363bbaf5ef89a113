#include "cli/trust/trust_form.h"

#include "base/json.h"

namespace devproxy {
namespace {

const char* word_for(TrustAction action) {
  switch (action) {
    case TrustAction::check:
      return "check";
    case TrustAction::put:
      return "trust";
    case TrustAction::take_back:
      return "untrust";
  }
  return "";
}

const char* word_for(TrustState state) {
  switch (state) {
    case TrustState::trusted:
      return "trusted";
    case TrustState::not_trusted:
      return "not_trusted";
    case TrustState::not_present:
      return "not_present";
  }
  return "";
}

const char* word_for(StoreKind kind) {
  switch (kind) {
    case StoreKind::system:
      return "system";
    case StoreKind::browser:
      return "browser";
    case StoreKind::java:
      return "java";
    case StoreKind::windows:
      return "windows";
  }
  return "";
}

Json optional_text(const std::string& text) {
  return text.empty() ? Json(nullptr) : Json(text);
}

Json store_of(const StoreReport& report) {
  return {{"name", report.label.name},
          {"kind", word_for(report.label.kind)},
          {"path", optional_text(report.label.where)},
          {"needs_root", report.label.needs_root},
          {"state", word_for(report.state)},
          {"changed", report.changed},
          {"failed", report.failed},
          {"why", optional_text(report.why)},
          {"next", optional_text(report.next)}};
}

Json ca_of(const Anchor& anchor) {
  return {{"path", anchor.path}, {"name", anchor.name}, {"sha256", anchor.sha256}};
}

std::string print(const Json& form) {
  return json_line(form);
}

}  // namespace

std::string trust_form(const TrustOutcome& outcome) {
  const bool no_ca = outcome.example || outcome.anchor.path.empty();
  Json form{{"schema", "devproxy.trust/v1"}, {"action", word_for(outcome.action)},
            {"dry_run", outcome.dry_run},    {"ca", no_ca ? Json(nullptr) : ca_of(outcome.anchor)},
            {"stores", Json::array()},       {"left", Json::array()}};
  for (const StoreReport& report : outcome.reports) form["stores"].push_back(store_of(report));
  for (const Words& words : outcome.left) form["left"].push_back(words);
  return print(form);
}

std::string env_form(const Anchor& anchor, const std::vector<CaVariable>& variables,
                     const std::string& problem) {
  Json form{{"schema", "devproxy.env/v1"},
            {"ca", ca_of(anchor)},
            {"set", Json::object()},
            {"kept", Json::object()},
            {"problem", optional_text(problem)}};
  for (const CaVariable& variable : variables) {
    if (variable.kept.empty()) {
      form["set"][variable.name] = variable.value;
    } else {
      form["kept"][variable.name] = variable.kept;
    }
  }
  return print(form);
}

}  // namespace devproxy
