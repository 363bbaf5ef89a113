// A TrustRun puts a CA into every store, or takes it back: each store by itself, verified
// afterwards, so that one that fails never stops the others. In two steps: what needs no root is
// done at once, the rest is shown first and done when somebody agreed. Main thread of a command;
// blocks while commands run.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "certs/trust_anchor.h"
#include "certs/trust_store.h"

namespace devproxy {

enum class TrustAction : std::uint8_t { check, put, take_back };

struct StoreReport {
  StoreLabel label;
  TrustState state = TrustState::not_present;
  std::string why;
  std::string next;
  bool changed = false;         ///< by us, now
  bool failed = false;          ///< what was to be done could not be, or did not help
  std::vector<Words> commands;  ///< not run (yet): for root, or by a dry run; without sudo
};

class TrustRun final {
 public:
  /// `anchors`: put() and check() take the first, take_back() all of them. Both must outlive it.
  TrustRun(const Surroundings& surroundings, const TrustStores& stores,
           const std::vector<Anchor>& anchors)
      : surroundings_(surroundings), stores_(stores), anchors_(anchors) {}

  /// Looks at every store, and does what it can without more rights than we have. A dry run leaves
  /// everything in `commands`.
  void begin(TrustAction action, bool dry_run);
  /// What begin() left over, in order: to be shown. With sudo (or doas) before what needs root.
  std::vector<Words> root_commands() const { return commands(true); }
  std::vector<Words> all_commands() const { return commands(false); }
  /// Runs them on this terminal; a store's further commands not when one failed.
  void run_root_commands();

  const std::vector<StoreReport>& reports() const { return reports_; }
  /// Something is left that only root may do.
  bool needs_root() const;
  bool any_failed() const;
  bool any_changed() const;

 private:
  StoreReport look(TrustStore& store);
  void begin_store(TrustStore& store, StoreReport& report, bool dry_run);
  void run_commands(TrustStore& store, StoreReport& report, const std::vector<Words>& commands,
                    const RunOptions& options);
  void verify(TrustStore& store, StoreReport& report);
  std::vector<Words> commands(bool of_root_only) const;
  Words with_root(Words words) const;

  const Surroundings& surroundings_;
  const TrustStores& stores_;
  const std::vector<Anchor>& anchors_;
  TrustAction action_ = TrustAction::check;
  std::vector<StoreReport> reports_;  ///< one for each store
};

}  // namespace devproxy
