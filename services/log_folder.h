// Where the output of a project's services is kept. Pure; any thread.
#pragma once

#include <string>

namespace devproxy {

/// Below the state folder: readable by its project's name, and another one for every folder.
std::string service_log_folder(const std::string& state_folder, const std::string& project,
                               const std::string& root);

}  // namespace devproxy
