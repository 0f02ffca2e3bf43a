// The answer to an HTTP probe, piece by piece as it arrives.
#ifndef VIPDRIFT_BACKENDS_LINUX_HTTP_ANSWER_H_
#define VIPDRIFT_BACKENDS_LINUX_HTTP_ANSWER_H_

#include <boost/beast/http/basic_parser.hpp>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "backends/linux/probe_socket.h"
#include "protocol/check/probe.h"

namespace vipdrift::linux_backend {

/// Compiled body patterns, each compiled once.
class BodyPatterns {
 public:
  BodyPatterns();
  ~BodyPatterns();
  BodyPatterns(const BodyPatterns&) = delete;
  BodyPatterns& operator=(const BodyPatterns&) = delete;

  /// Whether `body` has a match. What is wrong with the pattern goes into `error`; empty: nothing.
  bool found(const check::BodyPattern& pattern, std::string_view body, std::string& error);
  /// After a reload: the old ones will not be asked for again.
  void forget();

 private:
  struct Compiled;
  Compiled& compiled(const check::BodyPattern& pattern);

  std::map<std::pair<std::string, std::vector<std::string>>, std::unique_ptr<Compiled>> known_;
};

/// Reads one response (RFC 9112); chunked bodies are put together. Nothing is allocated for a header that comes in one
/// piece, unless a digest or a pattern is asked for.
class HttpAnswer : private boost::beast::http::basic_parser<false> {
 public:
  /// Longer answers are broken ones.
  static constexpr std::uint64_t kMostBytes = 16U << 20U;
  static constexpr std::uint32_t kMostHeaderBytes = 64U << 10U;
  /// The pattern is looked for in so much of the body.
  static constexpr std::size_t kMostSearched = 1U << 20U;

  explicit HttpAnswer(const check::HttpProbe& probe);
  ~HttpAnswer() override;

  /// More of the answer. The result once the answer is complete, or wrong.
  ProbeProgress take(std::span<const char> bytes, BodyPatterns& patterns);
  /// The connection has been closed.
  check::ProbeResult end(BodyPatterns& patterns);

 private:
  using Error = boost::beast::error_code;
  using Text = boost::beast::string_view;

  // NOLINTNEXTLINE: names of the library
  void on_request_impl(boost::beast::http::verb, Text, Text, int, Error&) override {}
  void on_response_impl(int code, Text, int, Error&) override { code_ = code; }
  void on_field_impl(boost::beast::http::field, Text, Text, Error&) override {}
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(Text body, Error&) override { return body_part(body); }
  void on_chunk_header_impl(std::uint64_t, Text, Error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, Text body, Error&) override { return body_part(body); }
  void on_finish_impl(Error&) override {}

  std::size_t body_part(Text body);
  check::ProbeResult finished(BodyPatterns& patterns);
  static check::ProbeResult broken(std::string detail);

  struct Digest;
  const check::HttpProbe& probe_;
  std::unique_ptr<Digest> digest_;
  std::string body_;     ///< for the pattern
  std::string pending_;  ///< read, and not yet taken by the parser
  int code_ = 0;
  std::uint64_t received_ = 0;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_HTTP_ANSWER_H_
