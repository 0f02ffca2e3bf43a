// TLS of SSL_GET, over sockets that never block (OpenSSL).
#ifndef VIPDRIFT_BACKENDS_LINUX_PROBE_TLS_H_
#define VIPDRIFT_BACKENDS_LINUX_PROBE_TLS_H_

#include <openssl/ssl.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace vipdrift::linux_backend {

/// What the block `SSL` of keepalived.conf(5) says; paths, empty when not given.
struct TlsSettings {
  std::string ca_file;
  std::string certificate_file;  ///< shown to servers that ask for one
  std::string key_file;
  std::string key_password;
  /// Whether a server must show a certificate that the CA file, or else this machine's CAs, vouch for. keepalived never
  /// asks: it checks servers, not who they are.
  bool verifies_servers = false;
  friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

/// What all TLS connections share. Writing to a closed connection raises SIGPIPE, which this makes the process ignore.
class TlsClient {
 public:
  explicit TlsClient(const TlsSettings& settings);

  /// What is wrong with the settings; empty: nothing.
  const std::string& error() const { return error_; }
  SSL_CTX* context() const { return context_.get(); }

 private:
  struct Free {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  };
  std::unique_ptr<SSL_CTX, Free> context_;
  std::string error_;
};

/// How far an operation on a connection has come.
enum class StreamState : std::uint8_t { moved, waits, closed, failed };

class TlsStream {
 public:
  /// `server_name`: for the server to choose its certificate by; empty: not told.
  TlsStream(const TlsClient& client, int socket, const std::string& server_name);

  StreamState shake_hands();
  StreamState write(std::span<const char> bytes, std::size_t& written);
  StreamState read(std::span<char> room, std::size_t& got);
  /// Of what has failed: "certificate has expired".
  const std::string& error() const { return error_; }

 private:
  struct Free {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  StreamState state_after(int result);

  std::unique_ptr<SSL, Free> ssl_;
  std::string error_;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_PROBE_TLS_H_
