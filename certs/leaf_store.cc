#include "certs/leaf_store.h"

#include <utility>

#include "base/files.h"
#include "base/log.h"
#include "certs/leaf.h"
#include "certs/leaf_key.h"

namespace devproxy {

void LeafStore::use(std::string folder, std::vector<std::string> domains) {
  if (folder == folder_ && domains == domains_) return;
  folder_ = std::move(folder);
  domains_ = std::move(domains);
  authority_.reset();  // so that domains which it does not permit are told
  looked_at_ = 0;
}

Result<X509*> LeafStore::leaf(std::string_view host) {
  if (auto opened = open_authority(); !opened) return tl::unexpected<Error>(opened.error());
  if (!authority_->permits(host)) host = {};
  if (const auto found = by_host_.find(host); found != by_host_.end()) {
    const auto entry = found->second;
    if (entry->renew_at > clock_()) {
      leaves_.splice(leaves_.begin(), leaves_, entry);
      return entry->leaf.get();
    }
    by_host_.erase(found);
    leaves_.erase(entry);
  }
  auto made = make(host);
  if (!made) return tl::unexpected<Error>(made.error());
  if (leaves_.size() == max_leaves) {
    by_host_.erase(leaves_.back().host);
    leaves_.pop_back();
  }
  leaves_.push_front(std::move(*made));
  by_host_[leaves_.front().host] = leaves_.begin();
  return leaves_.front().leaf.get();
}

Result<LeafStore::Entry> LeafStore::make(std::string_view host) const {
  const LeafNames names = host.empty() ? names_of_loopback() : names_of_host(host);
  auto leaf = make_leaf(*authority_, *key_, names, clock_());
  if (!leaf) return tl::unexpected<Error>(leaf.error());
  const std::time_t renew_at = renewal_time(**leaf);
  return Entry{std::string(host), std::move(*leaf), renew_at};
}

/// Looks at most once a second whether the certificate is still the one that was read: after a new
/// CA was made and trusted, nobody should have to restart the proxy.
Result<void> LeafStore::open_authority() {
  const std::time_t now = clock_();
  if (authority_ && now == looked_at_) return {};
  looked_at_ = now;
  if (authority_ && is_still_current(now)) return {};
  authority_.reset();
  by_host_.clear();
  leaves_.clear();
  if (!key_) {
    auto key = make_leaf_key();
    if (!key) return tl::unexpected<Error>(key.error());
    key_ = std::move(*key);
  }
  auto authority = Authority::load_or_make(folder_, domains_);
  if (!authority) return tl::unexpected<Error>(authority.error());
  authority_.emplace(std::move(*authority));
  if (const auto good = authority_->check_domains(domains_); !good)
    log(LogLevel::warn, good.error().detail);
  return {};
}

bool LeafStore::is_still_current(std::time_t now) const {
  if (authority_->not_after() <= now) return false;
  const auto text = read_file(Authority::certificate_path(folder_));
  if (!text) return false;
  const auto found = certificates_from_pem(*text);
  return found.size() == 1 && X509_cmp(found.front().get(), &authority_->certificate()) == 0;
}

}  // namespace devproxy
