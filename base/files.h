// Whole files: read at once, or written so that a reader, or a crash, never sees half of one.
// Blocking; any thread.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace devproxy {

/// Code::missing when there is none, Code::too_large when it is longer than `limit`.
Result<std::string> read_file(const std::string& path, std::size_t limit = 16U << 20U);

/// Takes the place of what is there, as one step. The folder must exist.
Result<void> write_atomically(const std::string& path, std::string_view bytes, mode_t mode);

/// Never takes anybody's place: false, and nothing written, when the name is taken. Of several
/// writers of one name exactly one hears true, and every reader sees that one's whole file.
Result<bool> write_new(const std::string& path, std::string_view bytes, mode_t mode);

}  // namespace devproxy
