// A ProcessTree is everything that one start of a service grew into: the process group of the
// program, and whatever else carries the mark. Only that is ever signalled. Values but for the
// questions to the system; loop thread.
#pragma once

#include <sys/types.h>

#include <string>

namespace devproxy {

class ProcessTree final {
 public:
  ProcessTree(pid_t leader, std::string run, std::string service)
      : leader_(leader), run_(std::move(run)), service_(std::move(service)) {}

  pid_t leader() const { return leader_; }
  /// False when nothing of it is left.
  bool signal(int number);
  bool is_alive() { return signal(0); }
  /// Called when the leader was reaped: its number is the group's only while the group has members.
  void note_leader_gone() { leader_gone_ = true; }

 private:
  pid_t leader_;
  std::string run_;
  std::string service_;
  bool leader_gone_ = false;
  bool group_gone_ = false;
};

/// Whether anybody but zombies is in the group: those stay for ever where nobody reaps them, as in
/// a container without an init. process_tree_linux.cc, process_tree_macos.cc.
bool has_living_member(pid_t group);

}  // namespace devproxy
