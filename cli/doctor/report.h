// Everything that `devproxy doctor` found, in order of importance, and its two forms: for people
// and "devproxy.doctor/v1". Pure; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "cli/doctor/diagnosis.h"
#include "cli/doctor/names.h"

namespace devproxy {

struct DoctorReport {
  std::string project;  ///< empty: no file was found
  std::string file;
  ResolverFacts resolver;
  Diagnoses findings;

  std::size_t count(Health health) const;
  /// What --fix would do something about.
  std::size_t fixable() const;
};

/// Problems first, then warnings; otherwise as the checks were made.
void sort_by_importance(Diagnoses& findings);

struct DoctorView {
  std::size_t width = SIZE_MAX;  ///< of the terminal; SIZE_MAX: lines are not broken
  bool colour = false;
};
std::string doctor_text(const DoctorReport& report, const DoctorView& view);
std::string doctor_form(const DoctorReport& report);

}  // namespace devproxy
