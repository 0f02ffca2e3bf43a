#include "sim/md5.h"

#include <array>
#include <bit>
#include <cstdint>

namespace vipdrift::sim {
namespace {

using Word = std::uint32_t;

constexpr std::array<int, 16> kShifts{7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};

// floor(2^32 * abs(sin(i + 1))), RFC 1321, 3.4.
constexpr std::array<Word, 64> kSines{
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

Word mix(unsigned step, Word b, Word c, Word d) {
  switch (step / 16) {
    case 0:
      return (b & c) | (~b & d);
    case 1:
      return (d & b) | (~d & c);
    case 2:
      return b ^ c ^ d;
    default:
      return c ^ (b | ~d);
  }
}

unsigned word_of(unsigned step) {
  constexpr std::array<unsigned, 4> kFactor{1, 5, 3, 7};
  constexpr std::array<unsigned, 4> kOffset{0, 1, 5, 0};
  return (kFactor[step / 16] * step + kOffset[step / 16]) % 16;
}

void add_block(std::string_view block, std::array<Word, 4>& state) {
  std::array<Word, 16> words{};
  for (std::size_t i = 0; i < block.size(); ++i) {
    words[i / 4] |= Word{static_cast<unsigned char>(block[i])} << (i % 4 * 8);
  }
  auto [a, b, c, d] = state;
  for (unsigned step = 0; step < 64; ++step) {
    const Word sum = a + mix(step, b, c, d) + kSines[step] + words[word_of(step)];
    a = d;
    d = c;
    c = b;
    b += std::rotl(sum, kShifts[step / 16 * 4 + step % 4]);
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
}

}  // namespace

std::string md5(std::string_view text) {
  std::string padded{text};
  padded += '\x80';
  while (padded.size() % 64 != 56) padded += '\0';
  const std::uint64_t bits = std::uint64_t{text.size()} * 8;
  for (unsigned i = 0; i < 8; ++i) padded += static_cast<char>(bits >> (i * 8));
  std::array<Word, 4> state{0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
  for (std::size_t at = 0; at < padded.size(); at += 64) add_block(std::string_view{padded}.substr(at, 64), state);
  std::string digits;
  for (const Word word : state) {
    for (unsigned i = 0; i < 4; ++i) {
      const auto byte = static_cast<unsigned>(word >> (i * 8)) & 0xffU;
      digits += "0123456789abcdef"[byte >> 4U];
      digits += "0123456789abcdef"[byte & 0x0fU];
    }
  }
  return digits;
}

}  // namespace vipdrift::sim
