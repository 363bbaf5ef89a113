// A leaf is a short-lived certificate that the local CA signs for one name, in memory. Pure
// functions; any thread.
#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "certs/authority.h"
#include "certs/openssl.h"

namespace devproxy {

/// Well below the 825 days that Apple allows, and what a clock may be behind.
inline constexpr std::time_t leaf_lifetime = std::time_t{90} * 24 * 3600;
inline constexpr std::time_t clock_tolerance = 3600;

/// What a leaf is good for.
struct LeafNames {
  std::string common_name;             ///< left out of the certificate when longer than 64
  std::vector<std::string> hosts;      ///< DNS names, also *.x
  std::vector<std::string> addresses;  ///< 4 or 16 bytes each
};

/// `host` (see normal_host) and `*.host`. Directly below a bare top domain there is no wildcard:
/// every client refuses *.localhost and its like.
LeafNames names_of_host(std::string_view host);
/// 127.0.0.1, ::1 and localhost: for clients that name nothing, or nothing of ours.
LeafNames names_of_loopback();

/// Valid from an hour before `now`, for 90 days or as long as the CA. Whether the CA permits the
/// names is the caller's question.
Result<X509Ptr> make_leaf(const Authority& authority, EVP_PKEY& key, const LeafNames& names,
                          std::time_t now);

/// When a new one should take its place: at two thirds of its life.
std::time_t renewal_time(const X509& leaf);

}  // namespace devproxy
