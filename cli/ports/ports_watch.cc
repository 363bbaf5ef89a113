#include "cli/ports/ports_watch.h"

#include <algorithm>
#include <utility>

namespace devproxy {
namespace {

bool is_same(const TcpSocket& a, const TcpSocket& b) {
  return a.local == b.local && a.inode == b.inode && a.pid == b.pid;
}

}  // namespace

PortsWatch::PortsWatch(Agenda& agenda, std::vector<PortRow> first, MakeReport make_report,
                       OnChange on_change, Task on_look)
    : timer_(agenda),
      rows_(std::move(first)),
      make_report_(std::move(make_report)),
      on_change_(std::move(on_change)),
      on_look_(std::move(on_look)) {
  wait();
}

void PortsWatch::wait() {
  timer_.start(interval_ms, [this] { look(); });
}

void PortsWatch::look() {
  const std::vector<TcpSocket> now = listening_sockets();
  const auto is_there = [&now](const PortRow& row) {
    return std::any_of(now.begin(), now.end(), [&row](const TcpSocket& socket) {
      return is_same(socket, row.held.socket);
    });
  };
  const auto gone = std::stable_partition(rows_.begin(), rows_.end(), is_there);
  for (auto row = gone; row != rows_.end(); ++row) on_change_(*row, false);
  rows_.erase(gone, rows_.end());

  std::vector<TcpSocket> added;
  for (const TcpSocket& socket : now) {
    const bool known = std::any_of(rows_.begin(), rows_.end(), [&socket](const PortRow& row) {
      return is_same(socket, row.held.socket);
    });
    if (!known) added.push_back(socket);
  }
  if (!added.empty()) {
    for (PortRow& row : make_report_(with_processes(added)).rows) {
      on_change_(row, true);
      rows_.push_back(std::move(row));
    }
  }
  on_look_();
  wait();
}

}  // namespace devproxy
