// The macOS part of doctor_machine: there is no inotify, and FSEvents has no limit of its kind.
#include "cli/doctor/machine.h"

namespace devproxy {

InotifyFacts inotify_facts() {
  return {};
}

}  // namespace devproxy
