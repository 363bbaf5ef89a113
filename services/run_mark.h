// Everything that a run of devproxy starts carries its mark in the environment, and so do all its
// descendants unless they throw it away: a process that made itself a daemon is still found. Only
// processes of this user can be seen. Reads the system's tables, a millisecond or so; any thread.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace devproxy {

inline constexpr std::string_view run_mark_variable = "DEVPROXY_RUN_ID";

/// Sixteen hex digits that no other run has.
std::string make_run();
/// The variable's value for a service of the run.
std::string run_mark(std::string_view run, std::string_view service);

std::vector<pid_t> processes_of_service(std::string_view run, std::string_view service);
std::vector<pid_t> processes_of_run(std::string_view run);
/// The mark that a process carries; empty: none, or it cannot be seen.
std::string run_mark_of(pid_t pid);

/// run_mark_linux.cc, run_mark_macos.cc: calls `visit` with each process of this user that is no
/// zombie, and its environment: "NAME=value" with a zero byte behind each.
/// The environment of one process, in the same form; empty when it cannot be seen.
std::string read_environment(pid_t pid);
void visit_environments(const std::function<void(pid_t pid, std::string_view environment)>& visit);

}  // namespace devproxy
