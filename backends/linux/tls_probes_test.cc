// SSL_GET, against a TLS server with certificates made on the spot.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <boost/asio/ssl.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "backends/linux/probe_test_support.h"

namespace vipdrift::linux_backend {
namespace {

using namespace std::chrono_literals;
using check::Outcome;
using check::ProbeResult;
using testing::HasSubstr;
namespace ssl = boost::asio::ssl;

/// A key, and a certificate that it has signed itself, in files.
class Certificate {
 public:
  Certificate(const std::string& stem, const char* name, long days, const char* password = nullptr)
      : certificate_(stem + ".crt"), key_(stem + ".key") {
    std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    std::unique_ptr<X509, void (*)(X509*)> made(X509_new(), X509_free);
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    constexpr long kDay = 86400;
    X509_gmtime_adj(X509_getm_notBefore(made.get()), -2 * kDay);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), days * kDay);
    X509_NAME* const subject = X509_get_subject_name(made.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    X509_set_issuer_name(made.get(), subject);
    X509_set_pubkey(made.get(), key.get());
    X509_sign(made.get(), key.get(), EVP_sha256());
    std::FILE* file = std::fopen(certificate_.c_str(), "we");
    PEM_write_X509(file, made.get());
    std::fclose(file);
    file = std::fopen(key_.c_str(), "we");
    const auto* const words = reinterpret_cast<const unsigned char*>(password);
    PEM_write_PrivateKey(file, key.get(), password == nullptr ? nullptr : EVP_aes_128_cbc(), words,
                         password == nullptr ? 0 : static_cast<int>(std::string(password).size()), nullptr, nullptr);
    std::fclose(file);
  }
  ~Certificate() {
    std::filesystem::remove(certificate_);
    std::filesystem::remove(key_);
  }
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  const std::string& certificate() const { return certificate_; }
  const std::string& key() const { return key_; }

 private:
  std::string certificate_;
  std::string key_;
};

/// Answers each request with one page.
class TlsServer {
 public:
  TlsServer(boost::asio::io_context& context, const Certificate& own)
      : tls_(ssl::context::tls_server), acceptor_(context, {boost::asio::ip::address_v4::loopback(), 0}) {
    tls_.use_certificate_file(own.certificate(), ssl::context::pem);
    tls_.use_private_key_file(own.key(), ssl::context::pem);
    accept();
  }

  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  const std::vector<std::string>& names() const { return names_; }
  /// From now on clients must show a certificate signed by `authority`.
  void demand(const Certificate& authority) {
    tls_.load_verify_file(authority.certificate());
    tls_.set_verify_mode(ssl::verify_peer | ssl::verify_fail_if_no_peer_cert);
  }

 private:
  struct Talk : std::enable_shared_from_this<Talk> {
    Talk(boost::asio::ip::tcp::socket socket, ssl::context& tls) : stream(std::move(socket), tls) {}
    ssl::stream<boost::asio::ip::tcp::socket> stream;
    boost::asio::streambuf input;
    std::string output = "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nRS1";
  };

  void accept() {
    acceptor_.async_accept([this](const boost::system::error_code& failed, boost::asio::ip::tcp::socket socket) {
      if (failed) return;
      const auto talk = std::make_shared<Talk>(std::move(socket), tls_);
      talk->stream.async_handshake(ssl::stream_base::server, [this, talk](const boost::system::error_code& error) {
        if (error) return;
        const char* const name = SSL_get_servername(talk->stream.native_handle(), TLSEXT_NAMETYPE_host_name);
        names_.emplace_back(name == nullptr ? "" : name);
        boost::asio::async_read_until(talk->stream, talk->input, "\r\n\r\n", [talk](auto wrong, std::size_t) {
          if (wrong) return;
          boost::asio::async_write(talk->stream, boost::asio::buffer(talk->output), [talk](auto, std::size_t) {});
        });
      });
      accept();
    });
  }

  ssl::context tls_;
  boost::asio::ip::tcp::acceptor acceptor_;
  std::vector<std::string> names_;
};

class TlsProbesTest : public ProbeTest {
 protected:
  static std::string stem(const char* name) {
    return testing::TempDir() + "vipdrift_" + name + "_" + std::to_string(getpid());
  }
  static check::HttpProbe secure(std::uint16_t port) {
    check::HttpProbe probe = get(port);
    probe.tls = true;
    return probe;
  }
  Certificate own_{stem("server"), "rs1.example.com", 10};
};

TEST_F(TlsProbesTest, APageIsReadOverTlsWhoeverHasSignedTheCertificate) {
  TlsServer server(context_, own_);
  check::HttpProbe probe = secure(server.port());
  probe.wants_digest = true;
  const ProbeResult result = probed(probe);
  EXPECT_EQ(result.outcome, Outcome::answered) << result.detail;
  EXPECT_EQ(result.code, 200);
  EXPECT_EQ(result.digest, "2a930a92031a8ca9c29d204a8c67eeca");
}

TEST_F(TlsProbesTest, TheServerNameIsToldWhenAskedFor) {
  TlsServer server(context_, own_);
  check::HttpProbe probe = secure(server.port());
  probe.virtual_host = "www.example.com:443";
  probed(probe);
  probe.server_name_indication = true;
  probed(probe);
  EXPECT_THAT(server.names(), testing::ElementsAre("", "www.example.com"));
}

TEST_F(TlsProbesTest, AServerThatSpeaksNoTlsIsBroken) {
  ScriptedServer plain(context_, {"", {"220 mail server\r\n"}, 0ms, true});
  const ProbeResult result = probed(secure(plain.port()));
  EXPECT_EQ(result.outcome, Outcome::broken);
  EXPECT_THAT(result.detail, HasSubstr("TLS: "));
  EXPECT_EQ(probed(secure(1)).outcome, Outcome::refused);
}

TEST_F(TlsProbesTest, AHandshakeThatHangsTimesOut) {
  ScriptedServer mute(context_, {"never", {}, 0ms, true});
  check::HttpProbe probe = secure(mute.port());
  probe.connection.timeout = 150ms;
  EXPECT_EQ(probed(probe).outcome, Outcome::timed_out);
  expect_took(0, 150ms);
}

TEST_F(TlsProbesTest, AServerThatWantsACertificateGetsIt) {
  const Certificate mine(stem("client"), "lb1.example.com", 10, "secret");
  TlsServer server(context_, own_);
  server.demand(mine);
  EXPECT_EQ(probed(secure(server.port())).outcome, Outcome::broken);
  EXPECT_EQ(probes_->configure({{}, mine.certificate(), mine.key(), "secret", false}), "");
  EXPECT_EQ(probed(secure(server.port())).outcome, Outcome::answered) << results_[0].detail;
}

TEST_F(TlsProbesTest, WrongFilesFailInWords) {
  const Certificate mine(stem("client"), "lb1.example.com", 10, "secret");
  EXPECT_THAT(probes_->configure({{}, "/no/such.crt", {}, {}, false}), HasSubstr("SSL certificate '/no/such.crt': "));
  EXPECT_THAT(probes_->configure({{}, mine.certificate(), mine.key(), "wrong", false}), HasSubstr("SSL key '"));
  TlsServer server(context_, own_);
  const ProbeResult result = probed(secure(server.port()));
  EXPECT_EQ(result.outcome, Outcome::failed);
  EXPECT_THAT(result.detail, HasSubstr("SSL key '"));
}

TEST_F(TlsProbesTest, ServersAreVerifiedWhenAskedFor) {
  const Certificate old(stem("old"), "rs2.example.com", -1);
  TlsServer server(context_, own_);
  TlsServer expired(context_, old);
  ASSERT_EQ(probes_->configure({own_.certificate(), {}, {}, {}, true}), "");
  EXPECT_EQ(probed(secure(server.port())).outcome, Outcome::answered) << results_[0].detail;
  ASSERT_EQ(probes_->configure({old.certificate(), {}, {}, {}, true}), "");
  EXPECT_EQ(probed(secure(expired.port())).outcome, Outcome::broken);
  EXPECT_EQ(results_[0].detail, "TLS: certificate has expired");
  EXPECT_EQ(probed(secure(server.port())).outcome, Outcome::broken);
}

}  // namespace
}  // namespace vipdrift::linux_backend
