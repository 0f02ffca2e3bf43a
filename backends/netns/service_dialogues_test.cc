// What served connections say, without their sockets.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "backends/netns/smtp_dialogue.h"
#include "backends/netns/tls_session.h"

namespace vipdrift::netns {
namespace {

TEST(SmtpDialogue, TakesAMailAndTellsItsSubject) {
  std::vector<std::string> subjects;
  SmtpDialogue dialogue("220 rs1", [&](const std::string& subject) { subjects.push_back(subject); });
  EXPECT_EQ(dialogue.on_line("helo lvs1\r"), "250 ok\r\n");
  EXPECT_EQ(dialogue.on_line("MAIL FROM:<a@b>\r"), "250 ok\r\n");
  EXPECT_EQ(dialogue.on_line("RCPT TO:<c@d>\r"), "250 ok\r\n");
  EXPECT_EQ(dialogue.on_line("DATA\r").substr(0, 3), "354");
  EXPECT_EQ(dialogue.on_line("Subject: [lvs1] a server - DOWN\r"), "");
  EXPECT_EQ(dialogue.on_line("\r"), "");
  EXPECT_EQ(dialogue.on_line("Subject: not of the header\r"), "");
  EXPECT_TRUE(subjects.empty());
  EXPECT_EQ(dialogue.on_line(".\r"), "250 taken\r\n");
  EXPECT_EQ(subjects, std::vector<std::string>{"[lvs1] a server - DOWN"});
  EXPECT_FALSE(dialogue.closes());
  EXPECT_EQ(dialogue.on_line("QUIT\r"), "221 bye\r\n");
  EXPECT_TRUE(dialogue.closes());
}

TEST(SmtpDialogue, WithAnotherGreetingItRefusesEverything) {
  SmtpDialogue dialogue("554 no", {});
  EXPECT_EQ(dialogue.on_line("HELO lvs1").substr(0, 3), "503");
  EXPECT_EQ(dialogue.on_line("DATA").substr(0, 3), "503");
  EXPECT_EQ(dialogue.on_line("QUIT").substr(0, 3), "221");
}

TEST(TlsSession, TwoOfThemSpeakWithEachOther) {
  std::string error;
  TlsSession server(TlsIdentity::of_server("rs1", error));
  TlsSession client(TlsIdentity::of_client(error));
  ASSERT_EQ(error, "");
  std::string heard;
  ASSERT_TRUE(client.take("").has_value());
  constexpr int kRounds = 8;
  for (int round = 0; round < kRounds && heard.empty(); ++round) {
    if (client.established()) client.say("GET", false);
    const auto asked = server.take(client.wire());
    ASSERT_TRUE(asked.has_value());
    heard = *asked;
    ASSERT_EQ(client.take(server.wire()), "");
  }
  EXPECT_EQ(heard, "GET");
  EXPECT_TRUE(server.established());
  server.say("a page", true);
  EXPECT_EQ(client.take(server.wire()), "a page");
}

TEST(TlsSession, EndsWhatIsNoTls) {
  std::string error;
  TlsSession server(TlsIdentity::of_server("rs1", error));
  EXPECT_FALSE(server.take("GET / HTTP/1.0\r\n\r\n").has_value());
}

}  // namespace
}  // namespace vipdrift::netns
