// A file descriptor that is closed when its owner goes.
#ifndef VIPDRIFT_BACKENDS_LINUX_FILE_DESCRIPTOR_H_
#define VIPDRIFT_BACKENDS_LINUX_FILE_DESCRIPTOR_H_

#include <unistd.h>

#include <utility>

namespace vipdrift::linux_backend {

class FileDescriptor {
 public:
  FileDescriptor() = default;
  explicit FileDescriptor(int descriptor) : descriptor_(descriptor) {}
  FileDescriptor(FileDescriptor&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileDescriptor& operator=(FileDescriptor&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~FileDescriptor() {
    if (descriptor_ >= 0) close(descriptor_);
  }

  explicit operator bool() const { return descriptor_ >= 0; }
  int get() const { return descriptor_; }
  int release() { return std::exchange(descriptor_, -1); }

 private:
  int descriptor_ = -1;
};

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_FILE_DESCRIPTOR_H_
