#include "scenarios/service_answers.h"

#include <algorithm>
#include <cstddef>

namespace vipdrift::scenarios {
namespace {

constexpr std::size_t kDnsHeader = 12;

/// The query with the header of a response (RFC 1035, 4.1.1): recursion as it was desired, and no records.
std::string dns_answer(const std::string& error, std::string_view query) {
  if (query.size() < kDnsHeader) return {};
  const std::vector<std::string>& errors = dns_errors();
  const auto found = std::find(errors.begin(), errors.end(), error);
  std::string answer{query};
  answer[2] = static_cast<char>(0x80 | (answer[2] & 0x01));
  answer[3] = static_cast<char>(found == errors.end() ? 0 : found - errors.begin());
  return answer;
}

}  // namespace

const std::vector<std::string>& dns_errors() {
  static const std::vector<std::string> names{"NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED"};
  return names;
}

std::string datagram_answer(const ServedPort& service, const std::string& node, std::string_view query) {
  if (service.protocol == ServiceProtocol::dns) return dns_answer(service.body, query);
  return service.body.empty() ? node + "\n" : service.body;
}

std::string smtp_greeting(const ServedPort& service, const std::string& node) {
  return (service.body.empty() ? "220 " + node : service.body) + "\r\n";
}

}  // namespace vipdrift::scenarios
