#include "proxy/net/name_lookup.h"

#include <uv.h>

#include <cstring>
#include <memory>
#include <utility>

namespace devproxy {

/// libuv's request. Frees itself in its callback, which comes even when nobody waits any more.
struct NameLookup::Request {
  uv_getaddrinfo_t request{};
  Loop& loop;
  std::string host;
  Done done;  ///< empty: given up
  NameLookup* owner = nullptr;

  static void on_done(uv_getaddrinfo_t* request, int status, addrinfo* list) {
    finish(std::unique_ptr<Request>(static_cast<Request*>(request->data)), status, list);
  }

  static void finish(std::unique_ptr<Request> self, int status, addrinfo* list) {
    std::vector<sockaddr_storage> addresses;
    for (const addrinfo* entry = list; entry != nullptr; entry = entry->ai_next) {
      sockaddr_storage address{};
      std::memcpy(&address, entry->ai_addr, entry->ai_addrlen);
      addresses.push_back(address);
    }
    uv_freeaddrinfo(list);
    if (self->owner == nullptr) return;
    const Turn turn = self->loop.turn();
    self->owner->request_ = nullptr;
    if (!addresses.empty()) {
      self->done(std::move(addresses));
      return;
    }
    self->done(fail(Code::unresolved, Source::upstream,
                    "the name " + self->host + " has no address (" +
                        (status < 0 ? uv_strerror(status) : "empty answer") + ")"));
  }
};

NameLookup::NameLookup(Loop& loop, const std::string& host, std::uint16_t port, Done done)
    : request_(new Request{{}, loop, host, std::move(done), this}) {
  request_->request.data = request_;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  const std::string service = std::to_string(port);
  const int status = uv_getaddrinfo(loop.uv(), &request_->request, Request::on_done, host.c_str(),
                                    service.c_str(), &hints);
  if (status == 0) return;
  // Failed at once: no callback comes.
  loop.post([request = std::unique_ptr<Request>(request_), status]() mutable {
    Request::finish(std::move(request), status, nullptr);
  });
}

NameLookup::~NameLookup() {
  if (request_ != nullptr) request_->owner = nullptr;
}

}  // namespace devproxy
