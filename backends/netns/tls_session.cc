#include "backends/netns/tls_session.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <utility>

namespace vipdrift::netns {
namespace {

constexpr long kDay = 86400;

template <auto FreeWith>
struct FreeBy {
  template <class Object>
  void operator()(Object* object) const {
    FreeWith(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, FreeBy<&EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, FreeBy<&X509_free>>;

std::string last_error() {
  std::array<char, 256> text{};
  ERR_error_string_n(ERR_get_error(), text.data(), text.size());
  return text.data();
}

Certificate sign_itself(const std::string& name, EVP_PKEY* key) {
  Certificate made(X509_new());
  X509_set_version(made.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(made.get()), -kDay);
  X509_gmtime_adj(X509_getm_notAfter(made.get()), 365 * kDay);
  X509_NAME* const subject = X509_get_subject_name(made.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1,
                             0);
  X509_set_issuer_name(made.get(), subject);
  X509_set_pubkey(made.get(), key);
  return X509_sign(made.get(), key, EVP_sha256()) > 0 ? std::move(made) : nullptr;
}

}  // namespace

void TlsIdentity::Free::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }
void TlsSession::Free::operator()(ssl_st* session) const { SSL_free(session); }

std::shared_ptr<const TlsIdentity> TlsIdentity::of_server(const std::string& name, std::string& error) {
  auto identity = std::make_shared<TlsIdentity>();
  identity->server_ = true;
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate = key ? sign_itself(name, key.get()) : nullptr;
  identity->context_.reset(SSL_CTX_new(TLS_server_method()));
  const bool good = certificate && identity->context_ &&
                    SSL_CTX_use_certificate(identity->context_.get(), certificate.get()) == 1 &&
                    SSL_CTX_use_PrivateKey(identity->context_.get(), key.get()) == 1;
  if (good) return identity;
  error = "no certificate can be made: " + last_error();
  return nullptr;
}

std::shared_ptr<const TlsIdentity> TlsIdentity::of_client(std::string& error) {
  auto identity = std::make_shared<TlsIdentity>();
  identity->context_.reset(SSL_CTX_new(TLS_client_method()));
  if (identity->context_) return identity;
  error = "TLS cannot be used: " + last_error();
  return nullptr;
}

TlsSession::TlsSession(std::shared_ptr<const TlsIdentity> identity)
    : identity_(std::move(identity)), session_(SSL_new(identity_->context_.get())) {
  SSL_set_bio(session_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
  identity_->server_ ? SSL_set_accept_state(session_.get()) : SSL_set_connect_state(session_.get());
}

bool TlsSession::established() const { return SSL_is_init_finished(session_.get()) == 1; }

std::optional<std::string> TlsSession::take(std::string_view wire) {
  BIO_write(SSL_get_rbio(session_.get()), wire.data(), static_cast<int>(wire.size()));
  std::string said;
  std::array<char, 4096> part{};
  ERR_clear_error();
  for (;;) {
    const int size = SSL_read(session_.get(), part.data(), static_cast<int>(part.size()));
    if (size > 0) {
      said.append(part.data(), static_cast<std::size_t>(size));
      continue;
    }
    const int why = SSL_get_error(session_.get(), size);
    const bool goes_on = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE || why == SSL_ERROR_ZERO_RETURN;
    return goes_on ? std::optional{std::move(said)} : std::nullopt;
  }
}

void TlsSession::say(std::string_view text, bool farewell) {
  ERR_clear_error();
  SSL_write(session_.get(), text.data(), static_cast<int>(text.size()));
  if (farewell) SSL_shutdown(session_.get());
}

std::string TlsSession::wire() {
  std::string bytes;
  std::array<char, 4096> part{};
  for (;;) {
    const int size = BIO_read(SSL_get_wbio(session_.get()), part.data(), static_cast<int>(part.size()));
    if (size <= 0) return bytes;
    bytes.append(part.data(), static_cast<std::size_t>(size));
  }
}

}  // namespace vipdrift::netns
