// This program's version, "0.1.0". Defined in a file of its own, which CMake writes: it changes
// alone, and tests link a program of another version. Any thread.
#pragma once

namespace devproxy {

extern const char* const program_version;

}  // namespace devproxy
