// A PortsWatch tells what changes among the listeners of this machine: one dump by the kernel every
// 200 ms, and a walk over /proc only for sockets that are new. Loop thread; owned by run_ports().
#pragma once

#include <functional>
#include <vector>

#include "base/agenda.h"
#include "cli/ports/port_report.h"

namespace devproxy {

class PortsWatch final {
 public:
  static constexpr std::uint64_t interval_ms = 200;
  using OnChange = std::function<void(const PortRow& row, bool opened)>;
  using MakeReport = std::function<PortReport(std::vector<HeldSocket>)>;

  /// `first` is what was told already; `make_report` puts new listeners beside the file;
  /// `on_look` is called after each look, whether anything changed or not.
  PortsWatch(Agenda& agenda, std::vector<PortRow> first, MakeReport make_report, OnChange on_change,
             Task on_look);
  PortsWatch(const PortsWatch&) = delete;
  PortsWatch& operator=(const PortsWatch&) = delete;

 private:
  void look();
  void wait();

  Timer timer_;
  std::vector<PortRow> rows_;
  MakeReport make_report_;
  OnChange on_change_;
  Task on_look_;
};

}  // namespace devproxy
