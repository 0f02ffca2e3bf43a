// How a world and the inits of its nodes talk: lists of words, each list one packet of a SOCK_SEQPACKET pair.
#ifndef VIPDRIFT_BACKENDS_NETNS_MESSAGES_H_
#define VIPDRIFT_BACKENDS_NETNS_MESSAGES_H_

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vipdrift::netns {

using Words = std::vector<std::string>;

/// A message holds no more bytes than this, the lengths of its words (4 bytes each) included.
inline constexpr std::size_t kLargestMessage = 96 * 1024;
/// Long texts travel in pieces of this size.
inline constexpr std::size_t kPiece = 64 * 1024;

/// The words as bytes and back; nothing when the bytes are no message.
std::string pack(const Words& words);
std::optional<Words> unpack(std::string_view bytes);

/// False: the other side is gone, or the message is too large.
bool send_words(int socket, const Words& words);
/// Waits for a message. Nothing: the other side is gone, or (on a socket that does not wait) has said nothing.
std::optional<Words> receive_words(int socket);

}  // namespace vipdrift::netns

#endif  // VIPDRIFT_BACKENDS_NETNS_MESSAGES_H_
