// Where the services are that the file follows, because somebody else starts them: what is looked
// for, and one look. Any thread.
#pragma once

#include <string>
#include <vector>

#include "config/config.h"
#include "services/follower.h"

namespace devproxy {

/// One for each service that is followed, in the order of the file.
std::vector<FollowRule> follow_rules(const Config& config);

/// The container engines that this user can ask.
EngineSockets own_engines();

/// "node (pid 4312)", with the choice where there was one.
std::string found_words(const Found& found);

/// Looks once for the services that the file follows: FollowTarget::found. Blocks for some
/// milliseconds, for containers up to a second; does nothing when none is followed.
void show_followed(Config& config);

}  // namespace devproxy
