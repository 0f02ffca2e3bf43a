#include "backends/netns/requests.h"

#include <gtest/gtest.h>

namespace vipdrift::netns {
namespace {

const std::string kPage =
    "HTTP/1.1 503 Error\r\nServer: rs1\r\nContent-Length: 4\r\nConnection: close\r\n\r\nrs1\n";

TEST(ReadHttpAnswer, TellsStatusAndServerOnceItIsComplete) {
  for (std::size_t size = 0; size < kPage.size(); ++size) {
    EXPECT_FALSE(read_http_answer(kPage.substr(0, size), false).complete) << size;
  }
  const HttpAnswer answer = read_http_answer(kPage, false);
  EXPECT_TRUE(answer.complete);
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.server, "rs1");
}

TEST(ReadHttpAnswer, WithoutALengthTheEndOfTheConnectionCompletesIt) {
  const std::string page = "HTTP/1.0 200 OK\r\nServer: other\r\n\r\ntext";
  EXPECT_FALSE(read_http_answer(page, false).complete);
  EXPECT_TRUE(read_http_answer(page, true).complete);
  EXPECT_EQ(read_http_answer(page, true).status, 200);
}

TEST(ReadHttpAnswer, IsNothingElse) {
  EXPECT_FALSE(read_http_answer("220 mail ESMTP\r\n\r\n", true).complete);
  EXPECT_FALSE(read_http_answer("", true).complete);
}

}  // namespace
}  // namespace vipdrift::netns
