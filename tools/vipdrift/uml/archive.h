// Values as bytes and back, between two processes of this very program. Nothing is to be read by any other.
//
// A plain struct is carried when kFieldsOf says how many fields it has; a struct that grows, and a variant with an
// alternative that is not known, do not compile.
#ifndef VIPDRIFT_TOOLS_VIPDRIFT_UML_ARCHIVE_H_
#define VIPDRIFT_TOOLS_VIPDRIFT_UML_ARCHIVE_H_

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "protocol/net/ip_address.h"

namespace vipdrift::tools {

/// Specialised for every struct that is carried.
template <class T>
inline constexpr std::size_t kFieldsOf = 0;

/// References to the fields of a plain struct, in their order.
template <class T>
auto fields_of(T& value) {
  constexpr std::size_t count = kFieldsOf<std::remove_const_t<T>>;
  static_assert(count >= 1 && count <= 10, "kFieldsOf does not know this type, or it has more than ten fields");
  if constexpr (count == 1) {
    auto& [a] = value;
    return std::tie(a);
  } else if constexpr (count == 2) {
    auto& [a, b] = value;
    return std::tie(a, b);
  } else if constexpr (count == 3) {
    auto& [a, b, c] = value;
    return std::tie(a, b, c);
  } else if constexpr (count == 4) {
    auto& [a, b, c, d] = value;
    return std::tie(a, b, c, d);
  } else if constexpr (count == 5) {
    auto& [a, b, c, d, e] = value;
    return std::tie(a, b, c, d, e);
  } else if constexpr (count == 6) {
    auto& [a, b, c, d, e, f] = value;
    return std::tie(a, b, c, d, e, f);
  } else if constexpr (count == 7) {
    auto& [a, b, c, d, e, f, g] = value;
    return std::tie(a, b, c, d, e, f, g);
  } else if constexpr (count == 8) {
    auto& [a, b, c, d, e, f, g, h] = value;
    return std::tie(a, b, c, d, e, f, g, h);
  } else if constexpr (count == 9) {
    auto& [a, b, c, d, e, f, g, h, i] = value;
    return std::tie(a, b, c, d, e, f, g, h, i);
  } else {
    auto& [a, b, c, d, e, f, g, h, i, j] = value;
    return std::tie(a, b, c, d, e, f, g, h, i, j);
  }
}

class ArchiveWriter {
 public:
  template <class T>
  ArchiveWriter& operator<<(const T& value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      const std::size_t at = bytes_.size();
      bytes_.resize(at + sizeof value);
      std::memcpy(bytes_.data() + at, &value, sizeof value);
    } else {
      std::apply([this](const auto&... field) { (void)(*this << ... << field); }, fields_of(value));
    }
    return *this;
  }
  template <class Rep, class Period>
  ArchiveWriter& operator<<(const std::chrono::duration<Rep, Period>& value) {
    return *this << value.count();
  }
  ArchiveWriter& operator<<(const std::string& value) {
    *this << value.size();
    bytes_ += value;
    return *this;
  }
  ArchiveWriter& operator<<(const IpAddress& address) {
    *this << address.family();
    for (const std::uint8_t byte : address.bytes()) *this << byte;
    return *this;
  }
  template <class T>
  ArchiveWriter& operator<<(const std::vector<T>& values) {
    *this << values.size();
    for (const T& value : values) *this << value;
    return *this;
  }
  template <class T, std::size_t size>
  ArchiveWriter& operator<<(const std::array<T, size>& values) {
    for (const T& value : values) *this << value;
    return *this;
  }
  template <class T>
  ArchiveWriter& operator<<(const std::optional<T>& value) {
    *this << value.has_value();
    return value ? *this << *value : *this;
  }
  /// Equal pointers come back as pointers to copies.
  template <class T>
  ArchiveWriter& operator<<(const std::shared_ptr<const T>& value) {
    *this << (value != nullptr);
    return value ? *this << *value : *this;
  }
  template <class... Ts>
  ArchiveWriter& operator<<(const std::variant<Ts...>& value) {
    *this << value.index();
    std::visit([this](const auto& alternative) { *this << alternative; }, value);
    return *this;
  }

  std::string take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

/// Reads what a writer wrote. After bytes that are none, good() is false and what was read means nothing.
class ArchiveReader {
 public:
  explicit ArchiveReader(std::string bytes) : bytes_(std::move(bytes)) {}

  bool good() const { return good_; }
  /// Everything has been read, and nothing was missing.
  bool at_end() const { return good_ && at_ == bytes_.size(); }

  template <class T>
  ArchiveReader& operator>>(T& value) {
    if constexpr (std::is_arithmetic_v<T> || std::is_enum_v<T>) {
      if (take(sizeof value)) std::memcpy(&value, bytes_.data() + at_ - sizeof value, sizeof value);
    } else {
      std::apply([this](auto&... field) { (void)(*this >> ... >> field); }, fields_of(value));
    }
    return *this;
  }
  template <class Rep, class Period>
  ArchiveReader& operator>>(std::chrono::duration<Rep, Period>& value) {
    Rep count{};
    *this >> count;
    value = std::chrono::duration<Rep, Period>{count};
    return *this;
  }
  ArchiveReader& operator>>(std::string& value) {
    const std::size_t size = length();
    if (take(size)) value.assign(bytes_, at_ - size, size);
    return *this;
  }
  ArchiveReader& operator>>(IpAddress& address) {
    Family family{};
    *this >> family;
    std::array<std::uint8_t, 16> bytes{};
    for (std::size_t i = 0; i < address_size(family); ++i) *this >> bytes[i];
    address = IpAddress::from_bytes(family, bytes);
    return *this;
  }
  template <class T>
  ArchiveReader& operator>>(std::vector<T>& values) {
    const std::size_t size = length();
    values.clear();
    for (std::size_t i = 0; good_ && i < size; ++i) *this >> values.emplace_back();
    return *this;
  }
  template <class T, std::size_t size>
  ArchiveReader& operator>>(std::array<T, size>& values) {
    for (T& value : values) *this >> value;
    return *this;
  }
  template <class T>
  ArchiveReader& operator>>(std::optional<T>& value) {
    bool there = false;
    *this >> there;
    value.reset();
    return there ? *this >> value.emplace() : *this;
  }
  template <class T>
  ArchiveReader& operator>>(std::shared_ptr<const T>& value) {
    bool there = false;
    *this >> there;
    value.reset();
    if (!there) return *this;
    auto made = std::make_shared<T>();
    *this >> *made;
    value = std::move(made);
    return *this;
  }
  template <class... Ts>
  ArchiveReader& operator>>(std::variant<Ts...>& value) {
    std::size_t index = 0;
    *this >> index;
    if (index >= sizeof...(Ts)) good_ = false;
    if (good_) emplace(value, index, std::index_sequence_for<Ts...>{});
    return *this;
  }

 private:
  bool take(std::size_t size) {
    good_ = good_ && size <= bytes_.size() - at_;
    if (good_) at_ += size;
    return good_;
  }
  /// Of what follows: never more than there are bytes.
  std::size_t length() {
    std::size_t length = 0;
    *this >> length;
    good_ = good_ && length <= bytes_.size();
    return good_ ? length : 0;
  }
  template <class Variant, std::size_t... indices>
  void emplace(Variant& value, std::size_t index, std::index_sequence<indices...>) {
    (void)((index == indices && (*this >> value.template emplace<indices>(), true)) || ...);
  }

  std::string bytes_;
  std::size_t at_ = 0;
  bool good_ = true;
};

}  // namespace vipdrift::tools

#endif  // VIPDRIFT_TOOLS_VIPDRIFT_UML_ARCHIVE_H_
