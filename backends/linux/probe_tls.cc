#include "backends/linux/probe_tls.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

namespace vipdrift::linux_backend {
namespace {

/// The last reason that OpenSSL gives, and an empty queue.
std::string last_words() {
  std::string words;
  while (const unsigned long code = ERR_get_error()) {
    const char* const reason = ERR_reason_error_string(code);
    if (reason != nullptr) words = reason;
  }
  return words.empty() ? "TLS error" : words;
}

int tell_password(char* room, int size, int /*writes*/, void* password) {
  const auto& words = *static_cast<const std::string*>(password);
  const int length = std::min(size, static_cast<int>(words.size()));
  std::memcpy(room, words.data(), static_cast<std::size_t>(length));
  return length;
}

}  // namespace

TlsClient::TlsClient(const TlsSettings& settings) : context_(SSL_CTX_new(TLS_client_method())) {
  signal(SIGPIPE, SIG_IGN);
  SSL_CTX* const context = context_.get();
  if (context == nullptr) {
    error_ = last_words();
    return;
  }
  // Many servers end without a word; what counts is whether the answer is complete.
  SSL_CTX_set_options(context, SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_quiet_shutdown(context, 1);
  SSL_CTX_set_default_passwd_cb(context, tell_password);
  SSL_CTX_set_default_passwd_cb_userdata(context, const_cast<std::string*>(&settings.key_password));
  const auto file_error = [this](const char* what, const std::string& path) {
    if (error_.empty()) error_ = std::string("SSL ") + what + " '" + path + "': " + last_words();
  };
  const std::string& certificate = settings.certificate_file;
  if (!settings.ca_file.empty() && SSL_CTX_load_verify_locations(context, settings.ca_file.c_str(), nullptr) != 1) {
    file_error("ca", settings.ca_file);
  }
  if (!certificate.empty() && SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
    file_error("certificate", certificate);
  }
  if (!settings.key_file.empty() &&
      SSL_CTX_use_PrivateKey_file(context, settings.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    file_error("key", settings.key_file);
  }
  if (settings.verifies_servers) {
    if (settings.ca_file.empty()) SSL_CTX_set_default_verify_paths(context);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  }
  SSL_CTX_set_default_passwd_cb_userdata(context, nullptr);
}

TlsStream::TlsStream(const TlsClient& client, int socket, const std::string& server_name)
    : ssl_(SSL_new(client.context())) {
  if (ssl_ == nullptr) {
    error_ = last_words();
    return;
  }
  SSL_set_fd(ssl_.get(), socket);
  SSL_set_connect_state(ssl_.get());
  if (server_name.empty()) return;
  SSL_ctrl(ssl_.get(), SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
           const_cast<char*>(server_name.c_str()));
}

StreamState TlsStream::shake_hands() {
  if (ssl_ == nullptr) return StreamState::failed;
  return state_after(SSL_do_handshake(ssl_.get()));
}

StreamState TlsStream::write(std::span<const char> bytes, std::size_t& written) {
  return state_after(SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written));
}

StreamState TlsStream::read(std::span<char> room, std::size_t& got) {
  return state_after(SSL_read_ex(ssl_.get(), room.data(), room.size(), &got));
}

StreamState TlsStream::state_after(int result) {
  if (result > 0) return StreamState::moved;
  const int kernel_error = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      return StreamState::waits;
    case SSL_ERROR_ZERO_RETURN:
      return StreamState::closed;
    case SSL_ERROR_SYSCALL:
      error_ = kernel_error == 0 ? "the connection was closed" : std::strerror(kernel_error);
      ERR_clear_error();
      return StreamState::failed;
    default:
      error_ = last_words();
      if (const long why = SSL_get_verify_result(ssl_.get()); why != X509_V_OK) {
        error_ = X509_verify_cert_error_string(why);
      }
      return StreamState::failed;
  }
}

}  // namespace vipdrift::linux_backend
