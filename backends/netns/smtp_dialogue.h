// The server's half of SMTP (RFC 5321), as much of it as health checks and mails of a director need.
#ifndef VIPDRIFT_BACKENDS_NETNS_SMTP_DIALOGUE_H_
#define VIPDRIFT_BACKENDS_NETNS_SMTP_DIALOGUE_H_

#include <functional>
#include <string>
#include <string_view>
#include <utility>

namespace vipdrift::netns {

/// One connection, without a socket: lines in, answers out.
class SmtpDialogue {
 public:
  /// `greeting` has been said; one that is no 220 refuses all that follows. `taken` is called for each mail, with its
  /// subject.
  SmtpDialogue(std::string_view greeting, std::function<void(const std::string& subject)> taken)
      : welcome_(greeting.substr(0, 3) == "220"), taken_(std::move(taken)) {}

  /// The answer to a line (without its end), with the line's end; empty: none is due. After QUIT closes() is true.
  std::string on_line(std::string_view line);
  bool closes() const { return closes_; }

 private:
  std::string on_mail_line(std::string_view line);

  bool welcome_;
  std::function<void(const std::string&)> taken_;
  bool in_mail_ = false;
  bool in_header_ = false;
  bool closes_ = false;
  std::string subject_;
};

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_SMTP_DIALOGUE_H_
