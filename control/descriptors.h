// Open files from one process to another, beside the bytes of a unix socket (SCM_RIGHTS, unix(7)).
// Never blocks; any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

namespace devproxy {

/// Of one message: what the kernel takes at once.
inline constexpr std::size_t most_descriptors = 250;

/// False: not all of it could be sent at once, and the socket is of no use any more.
bool send_descriptors(int socket, std::string_view bytes, const std::vector<int>& descriptors);

/// As recv(); what came with the bytes is appended, closed on exec, and the caller's to close.
ssize_t receive_descriptors(int socket, std::span<char> block, std::vector<int>& descriptors);

}  // namespace devproxy
