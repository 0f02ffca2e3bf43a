// TLS of what machines serve and ask, without a socket.
#ifndef VIPDRIFT_BACKENDS_NETNS_TLS_SESSION_H_
#define VIPDRIFT_BACKENDS_NETNS_TLS_SESSION_H_

#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct ssl_ctx_st;
struct ssl_st;

namespace vipdrift::netns {

/// Of a server: a key, and a certificate that it has signed itself, made on the spot: health checks verify none unless
/// told so. Of a client: nothing, and it verifies nothing.
class TlsIdentity {
 public:
  /// `name` becomes the certificate's common name.
  static std::shared_ptr<const TlsIdentity> of_server(const std::string& name, std::string& error);
  static std::shared_ptr<const TlsIdentity> of_client(std::string& error);

 private:
  friend class TlsSession;
  struct Free {
    void operator()(ssl_ctx_st* context) const;
  };
  std::unique_ptr<ssl_ctx_st, Free> context_;
  bool server_ = false;
};

/// One connection. The owner carries bytes between it and the wire.
class TlsSession {
 public:
  explicit TlsSession(std::shared_ptr<const TlsIdentity> identity);

  /// What the peer has said in these bytes of the wire, in the clear; nullopt: it is no TLS, and the connection ends.
  std::optional<std::string> take(std::string_view wire);
  /// The handshake is over: something may be said.
  bool established() const;
  /// Text for the peer; with `farewell` the last one.
  void say(std::string_view text, bool farewell);
  /// What is to go onto the wire since the last call.
  std::string wire();

 private:
  struct Free {
    void operator()(ssl_st* session) const;
  };

  std::shared_ptr<const TlsIdentity> identity_;
  std::unique_ptr<ssl_st, Free> session_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_TLS_SESSION_H_
