// The inside of a User-Mode Linux: what its first process does, and the line to the host.
#ifndef VIPDRIFT_BACKENDS_UML_GUEST_H_
#define VIPDRIFT_BACKENDS_UML_GUEST_H_

#include <functional>
#include <optional>
#include <string>

namespace vipdrift::uml {

/// The guest's end of the serial line.
class GuestLine {
 public:
  GuestLine(int descriptor, std::string place) : descriptor_(descriptor), place_(std::move(place)) {}

  /// The host's next line; nullopt when there will be none. On one thread.
  std::optional<std::string> hear();
  /// Whole lines also when several threads speak.
  void tell(const std::string& line) const;
  /// Tells the host that the guest takes orders, or that it never will.
  void ready() const;
  void unable(const std::string& reason) const;
  /// The directory that host and guest share.
  const std::string& place() const { return place_; }

 private:
  int descriptor_;
  std::string place_;
  std::string unfinished_;
};

/// What the guest is there for. Its process is root, has a single thread, and sees the host's files at their paths,
/// read-only but for GuestLine::place(); its directory and PATH are those of the host's client. The guest's power goes
/// off when it returns.
using Duty = std::function<void(GuestLine&)>;

/// The first thing in main(): when this process is the first one of a guest, or was asked by the guest's kernel for a
/// module, it does that work and never returns. Otherwise it returns at once.
void run_guest_if_asked(int argc, char** argv, const Duty& duty);

}  // namespace vipdrift::uml

#endif  // VIPDRIFT_BACKENDS_UML_GUEST_H_
