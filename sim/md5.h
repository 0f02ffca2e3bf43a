// The MD5 of a page (RFC 1321), which the digests of HTTP_GET are.
#ifndef VIPDRIFT_SIM_MD5_H_
#define VIPDRIFT_SIM_MD5_H_

#include <string>
#include <string_view>

namespace vipdrift::sim {

/// 32 lower-case hexadecimal digits.
std::string md5(std::string_view text);

}  // namespace vipdrift::sim

#endif  // VIPDRIFT_SIM_MD5_H_
