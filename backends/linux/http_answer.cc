#include "backends/linux/http_answer.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <boost/beast/http/error.hpp>
#include <optional>
#include <string_view>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

namespace vipdrift::linux_backend {
namespace {

using check::Outcome;
using check::ProbeResult;

struct PatternOption {
  std::string_view name;  ///< keepalived.conf(5), regex_options
  std::uint32_t flag;
};
constexpr std::array kPatternOptions{
    PatternOption{"allow_empty_class", PCRE2_ALLOW_EMPTY_CLASS},
    PatternOption{"alt_bsux", PCRE2_ALT_BSUX},
    PatternOption{"alt_circumflex", PCRE2_ALT_CIRCUMFLEX},
    PatternOption{"alt_verbnames", PCRE2_ALT_VERBNAMES},
    PatternOption{"auto_callout", PCRE2_AUTO_CALLOUT},
    PatternOption{"caseless", PCRE2_CASELESS},
    PatternOption{"dollar_endonly", PCRE2_DOLLAR_ENDONLY},
    PatternOption{"dotall", PCRE2_DOTALL},
    PatternOption{"dupnames", PCRE2_DUPNAMES},
    PatternOption{"extended", PCRE2_EXTENDED},
    PatternOption{"firstline", PCRE2_FIRSTLINE},
    PatternOption{"match_unset_backref", PCRE2_MATCH_UNSET_BACKREF},
    PatternOption{"multiline", PCRE2_MULTILINE},
    PatternOption{"never_backslash_c", PCRE2_NEVER_BACKSLASH_C},
    PatternOption{"never_ucp", PCRE2_NEVER_UCP},
    PatternOption{"never_utf", PCRE2_NEVER_UTF},
    PatternOption{"no_auto_capture", PCRE2_NO_AUTO_CAPTURE},
    PatternOption{"no_auto_possess", PCRE2_NO_AUTO_POSSESS},
    PatternOption{"no_dotstar_anchor", PCRE2_NO_DOTSTAR_ANCHOR},
    PatternOption{"no_start_optimize", PCRE2_NO_START_OPTIMIZE},
    PatternOption{"ucp", PCRE2_UCP},
    PatternOption{"ungreedy", PCRE2_UNGREEDY},
    PatternOption{"use_offset_limit", PCRE2_USE_OFFSET_LIMIT},
    PatternOption{"utf", PCRE2_UTF},
};

/// Steps of one search: a pattern that explodes must not stop the other checks.
constexpr std::uint32_t kMostSteps = 1'000'000;

std::string pcre2_text(int code) {
  std::array<unsigned char, 256> text{};
  pcre2_get_error_message(code, text.data(), text.size());
  return reinterpret_cast<const char*>(text.data());
}

std::string hexadecimal(std::span<const unsigned char> bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const unsigned char byte : bytes) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 0xfU];
  }
  return text;
}

}  // namespace

// ---------------------------------------------------------------- patterns

struct BodyPatterns::Compiled {
  struct Free {
    void operator()(pcre2_code* one) const { pcre2_code_free(one); }
    void operator()(pcre2_match_data* one) const { pcre2_match_data_free(one); }
    void operator()(pcre2_match_context* one) const { pcre2_match_context_free(one); }
  };
  std::unique_ptr<pcre2_code, Free> code;
  std::unique_ptr<pcre2_match_data, Free> match;
  std::unique_ptr<pcre2_match_context, Free> context;
  std::string error;
};

BodyPatterns::BodyPatterns() = default;
BodyPatterns::~BodyPatterns() = default;
void BodyPatterns::forget() { known_.clear(); }

BodyPatterns::Compiled& BodyPatterns::compiled(const check::BodyPattern& pattern) {
  std::unique_ptr<Compiled>& known = known_[{pattern.expression, pattern.options}];
  if (known != nullptr) return *known;
  known = std::make_unique<Compiled>();
  std::uint32_t flags = PCRE2_USE_OFFSET_LIMIT;
  for (const std::string& word : pattern.options) {
    const auto option = std::find_if(kPatternOptions.begin(), kPatternOptions.end(),
                                     [&word](const PatternOption& one) { return one.name == word; });
    if (option == kPatternOptions.end()) {
      known->error = "regex_options: '" + word + "' is not known";
      return *known;
    }
    flags |= option->flag;
  }
  int error = 0;
  std::size_t offset = 0;
  known->code.reset(pcre2_compile(reinterpret_cast<const unsigned char*>(pattern.expression.data()),
                                  pattern.expression.size(), flags, &error, &offset, nullptr));
  if (known->code == nullptr) {
    known->error = "regex '" + pattern.expression + "': " + pcre2_text(error) + " at offset " + std::to_string(offset);
    return *known;
  }
  pcre2_jit_compile(known->code.get(), PCRE2_JIT_COMPLETE);  // without it matching is slower, that is all
  known->match.reset(pcre2_match_data_create_from_pattern(known->code.get(), nullptr));
  known->context.reset(pcre2_match_context_create(nullptr));
  pcre2_set_match_limit(known->context.get(), kMostSteps);
  return *known;
}

bool BodyPatterns::found(const check::BodyPattern& pattern, std::string_view body, std::string& error) {
  Compiled& with = compiled(pattern);
  if (!with.error.empty()) {
    error = with.error;
    return false;
  }
  if (pattern.min_offset > body.size()) return false;
  pcre2_set_offset_limit(with.context.get(), pattern.max_offset.value_or(PCRE2_UNSET));
  const int matches = pcre2_match(with.code.get(), reinterpret_cast<const unsigned char*>(body.data()), body.size(),
                                  pattern.min_offset, 0, with.match.get(), with.context.get());
  if (matches < 0 && matches != PCRE2_ERROR_NOMATCH) error = "regex: " + pcre2_text(matches);
  return matches >= 0;
}

// ---------------------------------------------------------------- the answer

struct HttpAnswer::Digest {
  struct Free {
    void operator()(EVP_MD_CTX* one) const { EVP_MD_CTX_free(one); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context{EVP_MD_CTX_new()};
};

HttpAnswer::HttpAnswer(const check::HttpProbe& probe) : probe_(probe) {
  eager(true);
  header_limit(kMostHeaderBytes);
  body_limit(kMostBytes);
  if (!probe.wants_digest) return;
  digest_ = std::make_unique<Digest>();
  EVP_DigestInit_ex(digest_->context.get(), EVP_md5(), nullptr);
}

HttpAnswer::~HttpAnswer() = default;

std::size_t HttpAnswer::body_part(Text body) {
  if (digest_ != nullptr) EVP_DigestUpdate(digest_->context.get(), body.data(), body.size());
  if (probe_.pattern && body_.size() < kMostSearched) {
    body_.append(body.data(), std::min(body.size(), kMostSearched - body_.size()));
  }
  return body.size();
}

// The parser wants the beginning again with more behind it when it could not do with what it got.
ProbeProgress HttpAnswer::take(std::span<const char> bytes, BodyPatterns& patterns) {
  received_ += bytes.size();
  if (received_ > kMostBytes) return broken("the answer is longer than " + std::to_string(kMostBytes) + " bytes");
  std::string_view left(bytes.data(), bytes.size());
  std::string joined;
  if (!pending_.empty()) {
    joined = std::move(pending_);
    pending_.clear();
    left = joined.append(left);
  }
  while (!left.empty() && !is_done()) {
    Error error;
    const std::size_t taken = put(boost::asio::const_buffer(left.data(), left.size()), error);
    left.remove_prefix(taken);
    if (error == boost::beast::http::error::need_more) {
      pending_ = left;
      return std::nullopt;
    }
    if (error) return broken(error.message());
  }
  if (is_done()) return finished(patterns);
  return std::nullopt;
}

ProbeResult HttpAnswer::end(BodyPatterns& patterns) {
  Error error;
  if (!pending_.empty() || !got_some()) return broken("the connection was closed before the answer was complete");
  put_eof(error);
  if (error) return broken("the connection was closed before the answer was complete");
  return finished(patterns);
}

ProbeResult HttpAnswer::finished(BodyPatterns& patterns) {
  ProbeResult result;
  result.outcome = Outcome::answered;
  result.code = code_;
  if (digest_ != nullptr) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    unsigned size = 0;
    EVP_DigestFinal_ex(digest_->context.get(), bytes.data(), &size);
    result.digest = hexadecimal(std::span(bytes).first(size));
  }
  if (probe_.pattern) {
    result.pattern_found = patterns.found(*probe_.pattern, body_, result.detail);
    if (!result.detail.empty()) result.outcome = Outcome::failed;
  }
  return result;
}

ProbeResult HttpAnswer::broken(std::string detail) {
  ProbeResult result;
  result.outcome = Outcome::broken;
  result.detail = std::move(detail);
  return result;
}

}  // namespace vipdrift::linux_backend
