// Who is behind a program that was started as root: the user who typed sudo, doas or pkexec.
// Becoming that user is for good, and happens before anything is opened and before there is a
// second thread.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/dirs.h"
#include "base/result.h"

namespace devproxy {

struct InvokingUser {
  uid_t uid = 0;
  gid_t gid = 0;
  std::string name;
  std::string home;
};

/// Of SUDO_UID, PKEXEC_UID or DOAS_USER, which mean something to root only. Nothing when there is
/// none, or when it is root; an Error when the system does not know that user.
Result<std::optional<InvokingUser>> invoking_user(const ReadEnvironment& environment);

/// Groups, ids, HOME and the XDG folders: whatever of those is not the user's is forgotten.
Result<void> become(const InvokingUser& user);

// ---- invoking_user_linux.cc, invoking_user_macos.cc

/// All groups that the user is in, instead of ours.
bool take_groups_of(const InvokingUser& user);
/// To other programs of that user, as one that they started: the system hides processes that
/// changed their owner.
void stay_visible();

}  // namespace devproxy
