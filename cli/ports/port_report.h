// A PortReport is who listens on this machine's TCP ports, beside what a devproxy.toml expects: the
// forms for people and for programs are made from it. Asking the system and putting together are
// apart, so that the second is pure and tested with values. Any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/port_class.h"
#include "base/process_facts.h"
#include "base/tcp_sockets.h"
#include "config/config.h"

namespace devproxy {

struct HeldSocket {
  TcpSocket socket;
  std::optional<ProcessFacts> process;  ///< unknown when it belongs to another user
};

/// With their processes: one walk over /proc for all of them.
std::vector<HeldSocket> with_processes(const std::vector<TcpSocket>& sockets);

/// A port that the file speaks of.
struct ExpectedPort {
  std::uint16_t port = 0;
  std::string service;           ///< empty: it is the proxy's own listener
  bool either_loopback = false;  ///< 127.0.0.1 or ::1
  std::string host;              ///< else: an IP literal
  Position at;
  std::string stable_for;  ///< of the proxy's own: the service whose stable TCP port this is
};
std::vector<ExpectedPort> expected_ports(const Config& config);
/// "web of shop", "the proxy of shop".
std::string expected_by_text(const ExpectedPort& expected, const std::string& project);

/// A port that a running devproxy of this user speaks of, whatever file it has.
struct RunningPort {
  std::uint16_t port = 0;
  std::string project;     ///< empty: of none, as the proxy of all projects
  std::string service;     ///< empty: the proxy's own listener,
  std::int64_t proxy = 0;  ///< and that process has it
};

struct PortRow {
  HeldSocket held;
  std::string project;  ///< whose service or proxy it is
  std::string service;  ///< empty: none
  bool of_proxy = false;

  std::uint16_t port() const { return held.socket.local.port; }
  std::string host() const { return to_text(held.socket.local.address); }
  /// "127.0.0.1:5173", "[::1]:5173".
  std::string address() const;
  /// Nobody beyond this machine reaches it.
  bool is_loopback() const;
};

/// What stands between the file and the ports as they are.
struct PortConflict {
  std::string code;  ///< stable: "taken", "two_owners", "elsewhere", "other_user", "ephemeral",
                     ///< "refused_by_browsers"
  std::uint16_t port = 0;
  std::string message;
  std::string hint;
};

struct PortReport {
  std::string project;  ///< empty: no file was found
  std::string file;
  std::string file_problem;  ///< why a file that is there says nothing here
  KernelPorts kernel;
  std::vector<ExpectedPort> expected;
  std::vector<PortRow> rows;  ///< by port, then by address
  std::vector<PortConflict> conflicts;
};

/// `config` may be null.
PortReport port_report(std::vector<HeldSocket> sockets, const Config* config, KernelPorts kernel);
/// Names the rows that the file has no name for.
void name_rows(std::vector<PortRow>& rows, const std::vector<RunningPort>& running);
/// "web of shop", "the proxy of shop", "the proxy of all projects"; empty: nobody's that we know.
std::string belongs_text(const PortRow& row);
/// One row where a process has several sockets on the same address (SO_REUSEPORT).
void fold_twins(std::vector<PortRow>& rows);
/// What remains of it for one port.
PortReport only_port(PortReport report, std::uint16_t port);

/// Part of port_report().
std::vector<PortConflict> port_conflicts(const PortReport& report, const Config& config);

}  // namespace devproxy
