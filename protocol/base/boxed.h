// A value that lives elsewhere, so that whoever seldom has one stays small.
#ifndef VIPDRIFT_PROTOCOL_BASE_BOXED_H_
#define VIPDRIFT_PROTOCOL_BASE_BOXED_H_

#include <memory>
#include <utility>

namespace vipdrift {

/// Behaves as a `Value` that is read: copies share it, and a default one costs no memory. To change it, edit().
template <class Value>
class Boxed {
 public:
  Boxed() = default;
  // Implicit, both ways: it stands for its value.
  Boxed(Value value) : value_(std::make_shared<Value>(std::move(value))) {}
  operator const Value&() const { return **this; }

  const Value& operator*() const { return value_ ? *value_ : nothing(); }
  const Value* operator->() const { return &**this; }
  /// A default value, as far as is known without a look at it.
  bool empty() const { return !value_; }

  /// A value of this box alone. Valid until the box is copied.
  Value& edit() {
    if (!value_ || value_.use_count() > 1) value_ = std::make_shared<Value>(**this);
    return *value_;
  }

  friend bool operator==(const Boxed& a, const Boxed& b) { return a.value_ == b.value_ || *a == *b; }

 private:
  static const Value& nothing() {
    static const Value value{};
    return value;
  }

  std::shared_ptr<Value> value_;
};

}  // namespace vipdrift

#endif  // VIPDRIFT_PROTOCOL_BASE_BOXED_H_
