// The pool of one virtual server: who is in it, whether it has its quorum, and what the kernel must be told.
#ifndef VIPDRIFT_PROTOCOL_CHECK_VIRTUAL_SERVICE_H_
#define VIPDRIFT_PROTOCOL_CHECK_VIRTUAL_SERVICE_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "protocol/base/strong_id.h"
#include "protocol/check/action.h"
#include "protocol/check/check_plan.h"
#include "protocol/ipvs/edits.h"
#include "protocol/ipvs/table.h"

namespace vipdrift::check {

/// Rules (keepalived.conf(5), "quorum", "hysteresis", "sorry_server", "inhibit_on_failure"):
/// - The quorum is lost when the weights of the live servers sum to less than quorum - hysteresis, or to nothing, and
///   gained when they reach quorum + hysteresis.
/// - With its quorum, the pool is the live servers; without it, the sorry server alone, when there is one.
/// - What is inhibited is never taken out: it stays with weight 0.
class VirtualService {
 public:
  struct ServerState {
    bool alive = true;
    int weight = 1;  ///< 0 to 65535
    friend bool operator==(const ServerState&, const ServerState&) = default;
  };
  /// `quorum`: whether it had it until now, which decides what hysteresis means.
  VirtualService(const CheckPlan& plan, VirtualServerId self, std::vector<ServerState> servers, bool quorum);

  bool has_quorum() const { return quorum_; }
  /// The sorry server stays beside real servers until the quorum changes (Profile::reload_trusts_changed_checks).
  void keep_sorry_server() { keeps_sorry_ = true; }
  bool keeps_sorry_server() const { return keeps_sorry_; }
  const std::vector<ServerState>& servers() const { return servers_; }
  std::int64_t live_weight() const { return live_weight_; }

  /// What the kernel should hold.
  std::vector<ipvs::Server> pool(const CheckPlan& plan) const;

  /// The first words at a start or reload: notes, and the quorum unless the world was `told` so. The table is the
  /// engine's business.
  void begin(const CheckPlan& plan, bool told, ActionList& actions) const;

  /// One server counts as `state` from now on: edits, log, scripts, FIFO, mail, and the quorum when that changes.
  /// `is_news`: told although nothing changes, because nothing was known before.
  void change(const CheckPlan& plan, std::uint32_t server, ServerState state, bool is_news, ActionList& actions);

  /// The scripts of omega: every live server and the quorum count as lost, without a change to the table.
  void mourn(const CheckPlan& plan, ActionList& actions) const;

  friend bool operator==(const VirtualService&, const VirtualService&) = default;
  template <class Sink>
  void describe_state(Sink sink) const {
    sink(quorum_);
    sink(keeps_sorry_);
    for (const ServerState& server : servers_) sink(server.weight * 2 + server.alive);
  }

 private:
  const ServicePlan& own(const CheckPlan& plan) const { return plan.services[self_.value]; }
  bool quorum_with(const CheckPlan& plan, std::int64_t weight) const;
  std::optional<ipvs::Server> entry(const CheckPlan& plan, std::uint32_t server) const;
  /// What is in the pool at the address of this server: the sorry server may be one of the real servers.
  std::optional<ipvs::Server> place_of(const CheckPlan& plan, std::uint32_t server) const;
  std::optional<ipvs::Server> sorry_entry(const CheckPlan& plan) const;
  void edit_one(const CheckPlan& plan, const std::optional<ipvs::Server>& before,
                const std::optional<ipvs::Server>& after, ActionList& actions) const;
  void say_change(const CheckPlan& plan, std::uint32_t server, const ServerState& before, ActionList& actions) const;
  void tell_change(const CheckPlan& plan, std::uint32_t server, bool up, ActionList& actions) const;
  void say_quorum(const CheckPlan& plan, ActionList& actions) const;
  void tell_quorum(const CheckPlan& plan, bool up, ActionList& actions) const;

  VirtualServerId self_;
  bool quorum_ = false;
  bool keeps_sorry_ = false;
  std::int64_t live_weight_ = 0;
  std::vector<ServerState> servers_;
};

/// Puts one edit for each key of the service behind `actions`.
void push_edit(const ipvs::Edit& edit, ActionList& actions);

}  // namespace vipdrift::check

#endif  // VIPDRIFT_PROTOCOL_CHECK_VIRTUAL_SERVICE_H_
