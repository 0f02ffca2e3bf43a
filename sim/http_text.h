// As much of HTTP/1.1 (RFC 9112) as simulated clients and checks speak.
#ifndef VIPDRIFT_SIM_HTTP_TEXT_H_
#define VIPDRIFT_SIM_HTTP_TEXT_H_

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace vipdrift::sim {

/// Whether the client closes the connection after the answer.
enum class HttpEnd : std::uint8_t { close, keep };

inline std::string http_get(std::string_view path, std::string_view host, HttpEnd end) {
  std::string text = "GET ";
  text.append(path).append(" HTTP/1.1\r\nHost: ").append(host).append("\r\n");
  if (end == HttpEnd::close) text += "Connection: close\r\n";
  return text += "\r\n";
}

struct HttpAnswer {
  int status = 0;  ///< 0: no HTTP
  std::string server;
  std::string_view body;
};

inline HttpAnswer parse_http(std::string_view text) {
  HttpAnswer answer;
  constexpr std::string_view kVersion = "HTTP/1.1 ";
  if (text.substr(0, kVersion.size()) != kVersion || text.size() < kVersion.size() + 3) return answer;
  const char* digits = text.data() + kVersion.size();
  std::from_chars(digits, digits + 3, answer.status);
  constexpr std::string_view kServer = "\r\nServer: ";
  if (const std::size_t at = text.find(kServer); at != std::string_view::npos) {
    const std::string_view rest = text.substr(at + kServer.size());
    answer.server = std::string{rest.substr(0, rest.find('\r'))};
  }
  const std::size_t end = text.find("\r\n\r\n");
  if (end != std::string_view::npos) answer.body = text.substr(end + 4);
  return answer;
}

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_HTTP_TEXT_H_
