// What goes over the serial line, a line each. Everything else is between the host's client and the guest's duty.
#ifndef VIPDRIFT_BACKENDS_UML_LINE_WORDS_H_
#define VIPDRIFT_BACKENDS_UML_LINE_WORDS_H_

namespace vipdrift::uml {

/// From the guest: it takes orders now.
inline constexpr const char* kReady = "ready";
/// From the guest, once a second.
inline constexpr const char* kAlive = "alive";
/// From the guest, and a reason behind it: it will never be ready.
inline constexpr const char* kUnable = "unable: ";

}  // namespace vipdrift::uml

#endif  // VIPDRIFT_BACKENDS_UML_LINE_WORDS_H_
