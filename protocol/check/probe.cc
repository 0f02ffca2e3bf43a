#include "protocol/check/probe.h"

namespace vipdrift::check {

std::string_view to_string(Outcome outcome) {
  switch (outcome) {
    case Outcome::answered:
      return "answered";
    case Outcome::refused:
      return "refused";
    case Outcome::unreachable:
      return "unreachable";
    case Outcome::timed_out:
      return "timed out";
    case Outcome::broken:
      return "broken";
    case Outcome::failed:
      return "failed";
  }
  return {};
}

}  // namespace vipdrift::check
