#include "sim/mail_sender.h"

#include <memory>
#include <utility>

namespace vipdrift::sim {

void MailSender::send(const config::GlobalDefs& global, std::string subject) {
  const auto address = IpAddress::parse(global.smtp_server);
  if (!address) return;
  Question question;
  question.kind = Question::Kind::stream;
  question.address = *address;
  question.port = global.smtp_port;
  question.timeout = global.smtp_connect_timeout;
  question.data = std::make_shared<const std::string>("HELO " + kernel_.name() + "\r\nSubject: " + subject +
                                                      "\r\n\r\n.\r\nQUIT\r\n");
  under_way_.emplace(++last_, std::move(subject));
  transport_.begin(std::move(question), *this, last_);
}

void MailSender::on_reply(std::uint64_t tag, const Reply& reply) {
  const auto mail = under_way_.extract(tag);
  const bool taken = reply.outcome == check::Outcome::answered && reply.data.starts_with("220");
  if (!mail.empty() && taken) world_.recorder.note(kernel_.name(), scenarios::MailTaken{mail.mapped()});
}

}  // namespace vipdrift::sim
