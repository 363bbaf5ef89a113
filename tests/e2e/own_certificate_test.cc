// A certificate of one's own (tls = { cert, key }): docs/config.md promises that the files are
// watched.
#include <poll.h>

#include <ctime>
#include <string>

#include "certs/extensions.h"
#include "certs/openssl.h"
#include "tests/support/edge.h"

namespace devproxy {
namespace {

constexpr std::time_t day = 86'400;

/// Self-signed, for a.localhost.
std::string certificate(EVP_PKEY& key, std::time_t until) {
  const X509Ptr made(X509_new());
  REQUIRE(begin_certificate(*made, key, std::time(nullptr) - 60, until));
  const NamePtr subject = name_of("mine");
  X509_set_subject_name(made.get(), subject.get());
  X509_set_issuer_name(made.get(), subject.get());
  REQUIRE(add_alternative_names(*made, {"a.localhost"}, {}, false));
  REQUIRE(X509_sign(made.get(), &key, EVP_sha256()) > 0);
  return to_pem(*made);
}

/// A client of a.localhost over TLS that believes everybody.
class TlsClient final {
 public:
  explicit TlsClient(std::uint16_t port)
      : socket_(connect_to(Family::v4, port)),
        context_(SSL_CTX_new(TLS_client_method())),
        session_(SSL_new(context_.get())) {
    std::string name = "a.localhost";
    SSL_ctrl(session_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name, name.data());
    SSL_set_fd(session_.get(), socket_.fd());
    wait_for([this] { return SSL_connect(session_.get()); });
  }

  std::time_t certificate_ends() const {
    return not_after(*SSL_get0_peer_certificate(session_.get()));
  }
  /// The head of the answer, as far as one read brings it.
  std::string ask(const std::string& request) {
    wait_for([&] {
      return SSL_write(session_.get(), request.data(), static_cast<int>(request.size()));
    });
    std::string answer(1000, '\0');
    answer.resize(static_cast<std::size_t>(wait_for(
        [&] { return SSL_read(session_.get(), answer.data(), static_cast<int>(answer.size())); })));
    return answer;
  }

 private:
  template <class Step>
  int wait_for(Step&& step) {
    const WaitLimit limit;
    while (true) {
      const int done = step();
      if (done > 0) return done;
      const int why = SSL_get_error(session_.get(), done);
      if (why != SSL_ERROR_WANT_READ && why != SSL_ERROR_WANT_WRITE)
        give_up("TLS to the proxy failed: " + last_error_text());
      if (!wait_ready(socket_.fd(), why == SSL_ERROR_WANT_READ ? POLLIN : POLLOUT, limit))
        give_up("the proxy says nothing more");
    }
  }

  Descriptor socket_;
  SslContextPtr context_;
  SslPtr session_;
};

void wait_for_good_reload(TestProxy& proxy, std::size_t from) {
  proxy.process().wait_for_line(
      [](const std::string& line) {
        return line.find("\"reload\"") != std::string::npos &&
               line.find("\"ok\":true") != std::string::npos;
      },
      from);
}

}  // namespace

TEST_CASE("own certificate: a renewed one is served without a restart", "[e2e][reload]") {
  const bool with_new_key = GENERATE(false, true);
  const std::time_t until = std::time(nullptr) + 10 * day;
  const TempDir files;
  KeyPtr key = std::move(*make_key());
  files.write("mine.pem", certificate(*key, until));
  files.write("mine.key", to_pem(*key));
  FakeUpstream upstream(FakeUpstream::always("HTTP/1.1 204 No Content\r\n\r\n"));
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() +
                  "\ntls = { cert = \"" + files.file("mine.pem") + "\", key = \"" +
                  files.file("mine.key") + "\" }\n");
  TlsClient before(proxy.port());
  CHECK(before.certificate_ends() == until);
  CHECK_THAT(before.ask(get("a.localhost")), ContainsSubstring("204 No Content"));

  const std::size_t from = proxy.mark();
  if (with_new_key) {
    key = std::move(*make_key());
    // For a moment the two do not fit: the old ones stay in force.
    files.replace("mine.key", to_pem(*key));
  }
  files.replace("mine.pem", certificate(*key, until + 90 * day));
  wait_for_good_reload(proxy, from);
  TlsClient after(proxy.port());
  CHECK(after.certificate_ends() == until + 90 * day);
  CHECK_THAT(after.ask(get("a.localhost")), ContainsSubstring("204 No Content"));
  CHECK_THAT(before.ask(get("a.localhost")), ContainsSubstring("204 No Content"));
}

TEST_CASE("own certificate: one that cannot be used leaves the last good one in force",
          "[e2e][reload]") {
  const std::time_t until = std::time(nullptr) + 10 * day;
  const TempDir files;
  const KeyPtr key = std::move(*make_key());
  files.write("mine.pem", certificate(*key, until));
  files.write("mine.key", to_pem(*key));
  FakeUpstream upstream(FakeUpstream::always("HTTP/1.1 204 No Content\r\n\r\n"));
  TestProxy proxy("[services.a]\nhost = \"a.localhost\"\n" + upstream.target() +
                  "\ntls = { cert = \"" + files.file("mine.pem") + "\", key = \"" +
                  files.file("mine.key") + "\" }\n");
  const std::size_t from = proxy.mark();
  files.replace("mine.pem", "half of it");
  CHECK_THAT(proxy.wait_for_refused_reload(from), ContainsSubstring("mine.pem"));
  TlsClient client(proxy.port());
  CHECK(client.certificate_ends() == until);
}

}  // namespace devproxy
