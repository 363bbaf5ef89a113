#include "cli/trust_form.h"

#include <nlohmann/json.hpp>

namespace devproxy {
namespace {

using nlohmann::ordered_json;

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

ordered_json optional_text(const std::string& text) {
  return text.empty() ? ordered_json(nullptr) : ordered_json(text);
}

ordered_json store_of(const StoreReport& report) {
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

ordered_json ca_of(const Anchor& anchor) {
  return {{"path", anchor.path}, {"name", anchor.name}, {"sha256", anchor.sha256}};
}

std::string print(const ordered_json& form) {
  return form.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace

std::string trust_form(const TrustOutcome& outcome) {
  const bool no_ca = outcome.example || outcome.anchor.path.empty();
  ordered_json form{{"schema", "devproxy.trust/v1"},
                    {"action", word_for(outcome.action)},
                    {"dry_run", outcome.dry_run},
                    {"ca", no_ca ? ordered_json(nullptr) : ca_of(outcome.anchor)},
                    {"stores", ordered_json::array()},
                    {"left", ordered_json::array()}};
  for (const StoreReport& report : outcome.reports) form["stores"].push_back(store_of(report));
  for (const Words& words : outcome.left) form["left"].push_back(words);
  return print(form);
}

std::string env_form(const Anchor& anchor, const std::vector<CaVariable>& variables,
                     const std::string& problem) {
  ordered_json form{{"schema", "devproxy.env/v1"},
                    {"ca", ca_of(anchor)},
                    {"set", ordered_json::object()},
                    {"kept", ordered_json::object()},
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
