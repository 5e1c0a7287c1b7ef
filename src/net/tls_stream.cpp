// SPDX-License-Identifier: Apache-2.0
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include "base/format.h"
#include "net/stream.h"

namespace karez::net {
namespace {

template <auto free_it>
struct Freed {
  void operator()(auto* p) const noexcept { free_it(p); }
};
using Context = std::unique_ptr<SSL_CTX, Freed<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Freed<SSL_free>>;
using Memory = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Freed<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;

std::string library_words() {
  char text[256] = "no reason given";
  if (const unsigned long code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

Error bad_material(std::string_view what) {
  return Error(Errc::invalid_argument, "net.tls_bad_pem")
      .with(karez::format("the {} is no usable PEM: {}", what, library_words()));
}

Memory memory_of(const std::string& pem) { return Memory(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

Result<> trust(SSL_CTX* context, const std::string& ca_pem) {
  if (ca_pem.empty()) {
    SSL_CTX_set_default_verify_paths(context);
    return {};
  }
  const Memory memory = memory_of(ca_pem);
  int count = 0;
  while (const Certificate root{PEM_read_bio_X509(memory.get(), nullptr, nullptr, nullptr)}) {
    X509_STORE_add_cert(SSL_CTX_get_cert_store(context), root.get());
    ++count;
  }
  if (count == 0) return fail(bad_material("CA certificate"));
  ERR_clear_error();  // the end of the text counts as an error there
  return {};
}

Result<> identify(SSL_CTX* context, const TlsOptions& options) {
  if (options.certificate_pem.empty() && options.key_pem.empty()) return {};
  const Memory certificate_text = memory_of(options.certificate_pem);
  const Certificate certificate{PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr)};
  if (!certificate || SSL_CTX_use_certificate(context, certificate.get()) != 1)
    return fail(bad_material("certificate"));
  while (X509* const issuer = PEM_read_bio_X509(certificate_text.get(), nullptr, nullptr, nullptr)) {
    SSL_CTX_add0_chain_cert(context, issuer);
  }
  ERR_clear_error();  // as above
  const Memory key_text = memory_of(options.key_pem);
  const Key key{PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr)};
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1) return fail(bad_material("private key"));
  if (SSL_CTX_check_private_key(context) != 1) {
    return fail(
        Error(Errc::invalid_argument, "net.tls_bad_pem").with("the private key does not belong to the certificate"));
  }
  return {};
}

bool is_ip_address(const std::string& name) {
  ASN1_OCTET_STRING* const ip = a2i_IPADDRESS(name.c_str());
  ASN1_OCTET_STRING_free(ip);
  ERR_clear_error();
  return ip != nullptr;
}

// TLS over another stream by way of memory: the library never sees a socket.
class TlsStream final : public Stream {
 public:
  TlsStream(Context context, Session session, std::unique_ptr<Stream> inner)
      : context_(std::move(context)), session_(std::move(session)), inner_(std::move(inner)) {}
  ~TlsStream() override { close(); }

  Task<Result<>> handshake(Deadline deadline, std::string name) {
    for (;;) {
      const int done = SSL_do_handshake(session_.get());
      const int why = SSL_get_error(session_.get(), done);
      KZ_CO_CHECK(co_await flush(deadline));
      if (done == 1) co_return {};
      if (why != SSL_ERROR_WANT_READ) co_return fail(handshake_error(name));
      KZ_CO_CHECK(co_await fill(deadline));
    }
  }

  Task<Result<std::size_t>> read_some(std::span<std::byte> into, Deadline deadline) override {
    if (into.empty()) co_return std::size_t{0};
    for (;;) {
      if (closed_) co_return fail(Errc::cancelled, "net.cancelled");
      std::size_t count = 0;
      ERR_clear_error();
      const int done = SSL_read_ex(session_.get(), into.data(), into.size(), &count);
      const int why = SSL_get_error(session_.get(), done);
      KZ_CO_CHECK(co_await flush(deadline));
      if (done == 1) co_return count;
      if (why == SSL_ERROR_ZERO_RETURN) co_return fail(Errc::unavailable, "net.closed");
      if (why != SSL_ERROR_WANT_READ) {
        co_return fail(Error(Errc::protocol, "net.tls_broken").with(library_words()));
      }
      KZ_CO_CHECK(co_await fill(deadline));
    }
  }

  Task<Result<>> write_all(ByteView bytes, Deadline deadline) override {
    while (!bytes.empty()) {
      if (closed_) co_return fail(Errc::cancelled, "net.cancelled");
      const std::size_t part = std::min<std::size_t>(bytes.size(), 16384);
      std::size_t count = 0;
      ERR_clear_error();
      // Memory takes all; only a renegotiation could ask to read first, and there is none since TLS 1.3.
      if (SSL_write_ex(session_.get(), bytes.data(), part, &count) != 1) {
        co_return fail(Error(Errc::protocol, "net.tls_broken").with(library_words()));
      }
      bytes = bytes.subspan(count);
      KZ_CO_CHECK(co_await flush(deadline));
    }
    co_return {};
  }

  void close() override {
    if (std::exchange(closed_, true)) return;
    inner_->close();
  }
  std::string peer() const override { return inner_->peer(); }

 private:
  Error handshake_error(const std::string& name) const {
    const long verdict = SSL_get_verify_result(session_.get());
    if (verdict != X509_V_OK) {
      ERR_clear_error();
      return Error(Errc::denied, "net.tls_untrusted")
          .with(karez::format("the certificate of {} is not trusted: {}", name, X509_verify_cert_error_string(verdict)))
          .cure("Add the CA that issued it, or use the name that the certificate is made for.");
    }
    return Error(Errc::protocol, "net.tls_handshake")
        .with(karez::format("no TLS connection with {}: {}", name, library_words()))
        .cure("Check that this port speaks TLS.");
  }

  // Sends what the library has ready. Reader and writer may both come here; one of them does it.
  Task<Result<>> flush(Deadline deadline) {
    if (flushing_) co_return {};
    flushing_ = true;
    Result<> outcome;
    std::array<std::byte, 4096> buffer;
    while (outcome) {
      const int n = BIO_read(SSL_get_wbio(session_.get()), buffer.data(), static_cast<int>(buffer.size()));
      if (n <= 0) break;
      outcome = co_await inner_->write_all(std::span(buffer).first(static_cast<std::size_t>(n)), deadline);
    }
    flushing_ = false;
    co_return outcome;
  }

  Task<Result<>> fill(Deadline deadline) {
    std::array<std::byte, 4096> buffer;
    KZ_CO_TRY(const std::size_t n, co_await inner_->read_some(buffer, deadline));
    BIO_write(SSL_get_rbio(session_.get()), buffer.data(), static_cast<int>(n));
    co_return {};
  }

  Context context_;
  Session session_;
  std::unique_ptr<Stream> inner_;
  bool closed_ = false, flushing_ = false;
};

Result<std::unique_ptr<TlsStream>> make_tls(const std::string& name, const TlsOptions& options,
                                            std::unique_ptr<Stream> inner) {
  Context context{SSL_CTX_new(TLS_client_method())};
  if (!context) return fail(Error(Errc::internal, "net.tls_unavailable").with(library_words()));
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  KZ_CHECK(trust(context.get(), options.ca_pem));
  KZ_CHECK(identify(context.get(), options));
  Session session{SSL_new(context.get())};
  if (!session) return fail(Error(Errc::internal, "net.tls_unavailable").with(library_words()));
  if (is_ip_address(name)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session.get()), name.c_str());
  } else {
    SSL_set1_host(session.get(), name.c_str());
    SSL_set_tlsext_host_name(session.get(), name.c_str());
  }
  SSL_set_bio(session.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  SSL_set_connect_state(session.get());
  return std::make_unique<TlsStream>(std::move(context), std::move(session), std::move(inner));
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> connect_tls(Loop& loop, std::string host, std::uint16_t port, TlsOptions tls,
                                                  Deadline deadline, std::stop_token stop) {
  KZ_CO_TRY(auto inner, co_await connect_tcp(loop, host, port, deadline, stop));
  const std::string name = tls.server_name.empty() ? host : tls.server_name;
  KZ_CO_TRY(std::unique_ptr<TlsStream> stream, make_tls(name, tls, std::move(inner)));
  const std::stop_callback on_stop(stop, [&] { stream->close(); });
  KZ_CO_CHECK(co_await stream->handshake(deadline, name));
  co_return std::unique_ptr<Stream>(std::move(stream));
}

}  // namespace karez::net
