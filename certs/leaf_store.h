// The LeafStore has a leaf of the local CA for every name that is asked for, signing it the first
// time. Owned by ServerTls. One thread: its loop's, in the middle of a handshake, which costs about
// a quarter of a millisecond for a new name.
#pragma once

#include <ctime>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "certs/authority.h"

namespace devproxy {

class LeafStore final {
 public:
  using Clock = std::function<std::time_t()>;
  static constexpr std::size_t max_leaves = 512;

  explicit LeafStore(Clock clock) : clock_(std::move(clock)) {}

  /// The folder of the CA, and what a new one would permit. Nothing is read before a leaf is asked
  /// for.
  void use(std::string folder, std::vector<std::string> domains);

  /// For `host` in normal form if the CA permits it, else (and for "") the loopback leaf. Valid
  /// until the next call.
  Result<X509*> leaf(std::string_view host);
  /// One for all leaves of this process; there once a leaf is.
  EVP_PKEY* key() const { return key_.get(); }
  std::size_t size() const { return leaves_.size(); }

 private:
  struct Entry {
    std::string host;
    X509Ptr leaf;
    std::time_t renew_at = 0;
  };

  Result<void> open_authority();
  bool is_still_current(std::time_t now) const;
  Result<Entry> make(std::string_view host) const;

  const Clock clock_;
  std::string folder_;
  std::vector<std::string> domains_;
  std::optional<Authority> authority_;
  std::time_t looked_at_ = 0;
  KeyPtr key_;
  std::list<Entry> leaves_;  ///< the last used first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_host_;  ///< views of Entry
};

}  // namespace devproxy
