// What the commands that stay have in common: the limit of descriptors, and an Edge that runs until
// it is asked to end. Main thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/edge/edge.h"
#include "cli/terminal/line_writer.h"

namespace devproxy {

/// A proxy needs two descriptors per connection; shells hand out 1024. More than 65536 only makes
/// libc's tables large. Programs that we run get back what they had; nothing when nothing was
/// changed.
std::optional<unsigned long long> raise_descriptor_limit();

/// What whoever started us hands over is taken out of the environment: listening sockets, and where
/// to report to. Before anything else, while there is one thread.
void take_what_is_handed_over(LoadRequest& request, EdgeOptions& options);
/// A line for each inherited socket that the configuration has no use for.
void tell_of_unused(const std::vector<InheritedSocket>& inherited, const Config& config);

/// Starts `edge` and returns when it has ended, with all that the writers were given written.
tl::expected<void, Failure> run_edge(Loop& loop, Edge& edge, Config& config,
                                     std::vector<std::string> files,
                                     const std::vector<LineWriter*>& writers);

}  // namespace devproxy
