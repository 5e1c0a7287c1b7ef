// SPDX-License-Identifier: Apache-2.0
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "net/blocking.h"
#include "net/stream.h"

namespace karez::net {
namespace {

using namespace std::chrono_literals;

struct Identity {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  Identity() {
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME* const name = X509_get_subject_name(certificate);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
    X509_set_issuer_name(certificate, name);
    X509_EXTENSION* const alt =
        X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:broker.test,IP:127.0.0.1");
    X509_add_ext(certificate, alt, -1);
    X509_EXTENSION_free(alt);
    X509_sign(certificate, key, EVP_sha256());
  }
  ~Identity() {
    X509_free(certificate);
    EVP_PKEY_free(key);
  }
  std::string pem() const {
    BIO* const memory = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(memory, certificate);
    char* data = nullptr;
    const long n = BIO_get_mem_data(memory, &data);
    std::string out(data, static_cast<std::size_t>(n));
    BIO_free(memory);
    return out;
  }
};

// Echoes on one connection with the library's own blocking calls.
struct EchoServer {
  Identity identity;
  int socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
  std::uint16_t port = 0;
  std::jthread thread;
  EchoServer() {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&at), size), 0);
    ::listen(socket_, 1);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    thread = std::jthread([this] { serve(); });
  }
  ~EchoServer() {
    ::shutdown(socket_, SHUT_RDWR);
    thread.join();
    ::close(socket_);
  }
  void serve() {
    const int peer = ::accept(socket_, nullptr, nullptr);
    if (peer < 0) return;
    SSL_CTX* const context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context, identity.certificate);
    SSL_CTX_use_PrivateKey(context, identity.key);
    SSL* const session = SSL_new(context);
    SSL_set_fd(session, peer);
    if (SSL_accept(session) == 1) {
      char buffer[4096];
      for (int n; (n = SSL_read(session, buffer, sizeof buffer)) > 0;) SSL_write(session, buffer, n);
      SSL_shutdown(session);
    }
    SSL_free(session);
    SSL_CTX_free(context);
    ::close(peer);
  }
};

struct Tls : testing::Test {
  EchoServer server;
  Loop loop{"test"};
  TaskScope scope{loop};
  Result<std::string> echo(TlsOptions options, std::string text) {
    return run_blocking<std::string>(scope, [&, options, text](std::stop_token stop) -> Task<Result<std::string>> {
      KZ_CO_TRY(const auto stream,
                co_await connect_tls(loop, "127.0.0.1", server.port, options, Deadline::after(10s), stop));
      KZ_CO_CHECK(co_await stream->write_all(as_bytes(text), Deadline::after(10s)));
      std::string got(text.size(), '\0');
      KZ_CO_CHECK(co_await read_exactly(*stream, std::as_writable_bytes(std::span(got)), Deadline::after(10s)));
      co_return got;
    });
  }
};

TEST_F(Tls, EchoesMoreThanOneRecord) {
  const std::string text(3000, 'k');
  const auto got = echo({.ca_pem = server.identity.pem()}, text);
  ASSERT_TRUE(got) << got.error().message();
  EXPECT_EQ(*got, text);
}

TEST_F(Tls, AcceptsTheNameOfTheCertificate) {
  EXPECT_TRUE(echo({.server_name = "broker.test", .ca_pem = server.identity.pem()}, "x"));
}

TEST_F(Tls, RefusesAnUnknownIssuer) {
  const auto got = echo({}, "x");
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().slug(), "net.tls_untrusted");
  EXPECT_FALSE(got.error().cure_text().empty());
}

TEST_F(Tls, RefusesAnotherName) {
  const auto got = echo({.server_name = "other.test", .ca_pem = server.identity.pem()}, "x");
  EXPECT_EQ(got.error().slug(), "net.tls_untrusted");
}

TEST_F(Tls, RefusesPemThatIsNone) { EXPECT_EQ(echo({.ca_pem = "nonsense"}, "x").error().slug(), "net.tls_bad_pem"); }

TEST(TlsClient, SaysThatThePortSpeaksNoTls) {
  Loop loop("test");
  auto listener = *Listener::open(loop, "127.0.0.1", 0);
  TaskScope scope(loop);
  scope.spawn([&](std::stop_token stop) -> Task<Result<>> {
    KZ_CO_TRY(const auto peer, co_await listener->accept(stop));
    KZ_CO_CHECK(co_await peer->write_all(as_bytes("220 welcome to plain text, no TLS here\r\n"), Deadline::after(5s)));
    std::array<std::byte, 64> buffer;
    (void)co_await peer->read_some(buffer, Deadline::after(5s));
    co_return {};
  });
  const auto got = run_blocking<std::unique_ptr<Stream>>(scope, [&](std::stop_token stop) {
    return connect_tls(loop, "127.0.0.1", listener->port(), {}, Deadline::after(5s), stop);
  });
  ASSERT_FALSE(got);
  EXPECT_EQ(got.error().slug(), "net.tls_handshake");
}

}  // namespace
}  // namespace karez::net
