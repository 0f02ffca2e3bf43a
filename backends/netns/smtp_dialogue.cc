#include "backends/netns/smtp_dialogue.h"

#include <algorithm>
#include <array>

namespace vipdrift::netns {
namespace {

constexpr std::string_view kSubject = "Subject:";
constexpr std::array<std::string_view, 6> kGranted{"HELO", "EHLO", "MAIL", "RCPT", "RSET", "NOOP"};

/// RFC 5321, 2.4: commands are known whatever their case.
std::string verb_of(std::string_view line) {
  std::string verb{line.substr(0, 4)};
  std::transform(verb.begin(), verb.end(), verb.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; });
  return verb;
}

}  // namespace

std::string SmtpDialogue::on_line(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (in_mail_) return on_mail_line(line);
  const std::string verb = verb_of(line);
  closes_ = verb == "QUIT";
  if (closes_) return "221 bye\r\n";
  if (!welcome_) return "503 no service here\r\n";
  if (std::find(kGranted.begin(), kGranted.end(), verb) != kGranted.end()) return "250 ok\r\n";
  if (verb != "DATA") return "502 not understood\r\n";
  in_mail_ = in_header_ = true;
  subject_.clear();
  return "354 go on, and end with a dot\r\n";
}

std::string SmtpDialogue::on_mail_line(std::string_view line) {
  if (line == ".") {
    in_mail_ = false;
    if (taken_) taken_(subject_);
    return "250 taken\r\n";
  }
  if (line.empty()) in_header_ = false;
  if (in_header_ && line.substr(0, kSubject.size()) == kSubject) {
    line.remove_prefix(kSubject.size());
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    subject_ = line;
  }
  return {};
}

}  // namespace vipdrift::netns
