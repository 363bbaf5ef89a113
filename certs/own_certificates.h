// The OwnCertificates say which of the user's own certificates a connection gets, if any. Owned by
// ServerTls. One thread.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "certs/own_certificate.h"

namespace devproxy {

class OwnCertificates final {
 public:
  using ByHost = std::vector<std::pair<std::string, OwnCertificate>>;

  /// Reads and checks every file anew. When one is bad, nothing changes. `of_listeners`: those
  /// that find() will be asked for.
  Result<void> apply(const std::optional<OwnCertificate>& own, const ByHost& by_host,
                     const std::vector<OwnCertificate>& of_listeners);

  /// What find() and choose() return lives as long as this object, for connections point to it.
  const LoadedCertificate* find(const OwnCertificate& files) const;
  /// False: every name of one listener has the same answer.
  bool depend_on_host() const { return !now_.hosts.empty() || !now_.suffixes.empty(); }
  /// For `host` in normal form (empty: none was named): the one of its exact name, of its longest
  /// suffix, of its listener, of all; null: the local CA's.
  const LoadedCertificate* choose(std::string_view host,
                                  const LoadedCertificate* of_listener) const;

 private:
  struct Chosen {
    const LoadedCertificate* for_all = nullptr;
    std::map<std::string, const LoadedCertificate*, std::less<>> hosts;
    std::map<std::string, const LoadedCertificate*, std::less<>> suffixes;  ///< "a.b" for "*.a.b"
    std::map<std::pair<std::string, std::string>, const LoadedCertificate*> files;
  };

  Result<const LoadedCertificate*> load(const OwnCertificate& files, Chosen& into);

  Chosen now_;
  std::vector<std::unique_ptr<const LoadedCertificate>> kept_;
};

}  // namespace devproxy
