#include "sim/md5.h"

#include <openssl/evp.h>

#include <array>

namespace vipdrift::sim {

std::string md5(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), bytes.data(), &size, EVP_md5(), nullptr);
  std::string digits;
  for (unsigned i = 0; i < size; ++i) {
    digits += "0123456789abcdef"[bytes[i] >> 4U];
    digits += "0123456789abcdef"[bytes[i] & 0x0fU];
  }
  return digits;
}

}  // namespace vipdrift::sim
