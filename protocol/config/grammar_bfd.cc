// Keywords of bfd_instance and BFD_CHECK, which are read and checked, and have no effect here.
#include <array>
#include <chrono>

#include "protocol/config/grammar.h"

namespace vipdrift::config {
namespace {

/// A decimal number of milliseconds: read like any other number of seconds, which nobody uses.
constexpr Shape milliseconds(std::int64_t least, std::string_view wording) {
  return {.kind = Shape::Kind::seconds,
          .min = Duration{std::chrono::seconds{least}}.count(),
          .max = Duration{std::chrono::seconds{4'294'967}}.count(),
          .wording = wording};
}
constexpr Shape kPause = milliseconds(1, "milliseconds from 1 to 4294967");
constexpr Shape kIdlePause = milliseconds(1000, "milliseconds from 1000 to 4294967");

constexpr auto kInstance = sorted(std::array{
    known("neighbor_ip", "The address of the other end.", takes::address()),
    known("neighbour_ip", "The same as neighbor_ip.", takes::address()),
    known("source_ip", "The source address.", takes::address()),
    known("min_rx", "How often the other end may send at most, in milliseconds (10).", kPause),
    known("min_tx", "How often to send, in milliseconds (10).", kPause),
    known("idle_tx", "How often to send while there is no session, in milliseconds (1000).", kIdlePause),
    known("multiplier", "After how many missing packets the session is down (5).", takes::integer(1, 255)),
    known("passive", "Wait for the other end to begin.", takes::nothing()),
    known("ttl", "The TTL to send with (255).", takes::integer(1, 255)),
    known("hoplimit", "The hop limit to send with (64).", takes::integer(1, 255)),
    known("max_hops", "How many routers may lie between (0); 255: any number.", takes::integer(0, 255)),
    known("multihop", "Use the port of RFC 5883.", takes::optional_boolean(), kNewer),
    known("weight", "What a session adds to the priority when it is up (above 0) or down (below 0).",
          takes::weight(253)),
    known("vrrp", "Tell the VRRP process alone.", takes::nothing()),
    known("checker", "Tell the check process alone.", takes::nothing()),
});
static_assert(distinct(kInstance));

constexpr auto kCheck = sorted(std::array{
    known("name", "The bfd_instance that says whether the server is up.", takes::word("the name of a bfd_instance")),
    known("alpha", "It begins as failed.", takes::optional_boolean()),
});
static_assert(distinct(kCheck));

}  // namespace

std::span<const Keyword> bfd_keywords() { return kInstance; }
std::span<const Keyword> bfd_check_keywords() { return kCheck; }

}  // namespace vipdrift::config
