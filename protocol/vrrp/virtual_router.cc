#include "protocol/vrrp/virtual_router.h"

#include <algorithm>
#include <string>

#include "protocol/vrrp/notification.h"
#include "protocol/vrrp/timers.h"

namespace vipdrift::vrrp {
namespace {

/// An address owner that wants to be Master is one after this time (keepalived: one microsecond).
constexpr Duration kOwnerStart = std::chrono::microseconds{1};

/// Bits of logged_ after those of the discard reasons.
constexpr unsigned kLowerPriorityBit = static_cast<unsigned>(Discard::count);
constexpr unsigned kSameAddressBit = kLowerPriorityBit + 1;
constexpr unsigned kAddressListBit = kLowerPriorityBit + 2;

std::string with(std::string_view before, int number, std::string_view after) {
  return std::string(before) + std::to_string(number) + std::string(after);
}

/// What keepalived says with -D alone. Nothing is put together for nobody.
void log_detail(const InstancePlan& plan, const Context& context, std::string_view text) {
  if (!context.plan.host.detailed_log) return;
  context.actions.push(LogLine{"(" + plan.config->name + ") " + std::string(text), true});
}

}  // namespace

VirtualRouter::VirtualRouter(const InstancePlan& plan, const Profile& profile)
    : plan_(&plan),
      profile_(&profile),
      master_interval_(plan.config->advert_int),
      effective_priority_(plan.config->priority),
      total_priority_(plan.config->priority) {
  update_master_down_interval();
}

// ---------------------------------------------------------------- packets

// Inline: once an advertisement.
inline VirtualRouter::Outcome VirtualRouter::receive_in_backup(const Advertisement& advertisement,
                                                               const Datagram& datagram, Backup& backup,
                                                               const Context& context) {
  const IpAddress& from = datagram.source;
  const TimePoint arrived = context.now - datagram.age;
  if (advertisement.priority == 0) {
    ++statistics_.priority_zero_received;
    log_detail(*plan_, context, "Backup received priority 0 advertisement");
    backup.stored_timer = skew();
    backup.master_down = arrived + backup.stored_timer;
    return Outcome::stay;
  }
  if (advertisement.priority >= effective_priority_) {
    if (backup.preempt_delay_end) end_preempt_delay(backup, context);
  } else if (!accepts_lower(backup, context)) {
    if (backup.holds_leftovers) release_leftovers(backup, context);
    backup.stored_timer = backup.master_down - context.now;
    if (first_time(kLowerPriorityBit)) log_lower_priority(advertisement, from, context);
    return Outcome::stay;
  }
  if (plan_->config->version == Version::v3 && advertisement.interval != master_interval_) {
    learn_interval(advertisement.interval, context);
  }
  if (backup.holds_leftovers) [[unlikely]]
    release_leftovers(backup, context);
  master_address_ = from;
  master_priority_ = advertisement.priority;
  wants_master_ = false;
  backup.stored_timer = master_down_interval_;
  backup.master_down = arrived + master_down_interval_;
  if (!backup.preempt_delay_end) backup.last.remember(datagram);
  return Outcome::stay;
}

VirtualRouter::Outcome VirtualRouter::receive(const Datagram& datagram, const Context& context) {
  forget_last();
  Backup* backup = std::get_if<Backup>(&state_);
  Master* master = std::get_if<Master>(&state_);
  if (backup == nullptr && master == nullptr) return Outcome::stay;
  if (master != nullptr && master->lease_end <= context.now) return Outcome::lease_lost;

  Advertisement advertisement;
  Discard reason = examine(datagram, plan_->rules, advertisement);
  if (reason == Discard::none && plan_->config->owner_ignore_adverts && plan_->is_owner()) {
    reason = Discard::owner_ignores;
  }
  Outcome outcome = Outcome::stay;
  if (reason == Discard::none) [[likely]] {
    ++statistics_.received;
    if (advertisement.address_list_differs && first_time(kAddressListBit)) {
      log(context, "advertisement from " + datagram.source.to_string() + " lists other addresses than ours");
    }
    outcome = backup != nullptr ? receive_in_backup(advertisement, datagram, *backup, context)
                                : receive_in_master(advertisement, datagram.source, *master, context);
  } else {
    discard(reason, datagram, context);
    if (backup != nullptr) backup->stored_timer = backup->master_down - context.now;
  }
  if (master != nullptr && outcome != Outcome::yield && profile_->any_packet_rearms_master &&
      !plan_->config->lower_prio_no_advert) {
    master->next_advertisement = context.now + plan_->config->advert_int;
  }
  return outcome;
}

void VirtualRouter::log_lower_priority(const Advertisement& advertisement, const IpAddress& from,
                                       const Context& context) const {
  log(context,
      with("received lower priority (", advertisement.priority, ") advert from ") + from.to_string() + " - discarding");
}

/// Whether a master of lower priority is good enough; keeps the preempt delay, which begins with the first one.
bool VirtualRouter::accepts_lower(Backup& backup, const Context& context) {
  const config::VrrpInstance& config = *plan_->config;
  if (config.nopreempt) return true;
  if (config.preempt_delay == Duration{0}) return false;
  if (!backup.preempt_delay_end) {
    backup.preempt_delay_end = context.now + config.preempt_delay;
    log(context, "start preempt delay");
    return true;
  }
  return context.now < *backup.preempt_delay_end;
}

void VirtualRouter::end_preempt_delay(Backup& backup, const Context& context) {
  backup.preempt_delay_end.reset();
  log(context, "stop preempt delay");
}

VirtualRouter::Outcome VirtualRouter::receive_in_master(const Advertisement& advertisement, const IpAddress& from,
                                                        Master& master, const Context& context) {
  const config::VrrpInstance& config = *plan_->config;
  const int theirs = advertisement.priority;
  if (theirs == 0) {
    ++statistics_.priority_zero_received;
    send_advertisement(effective_priority_, context);
    master.next_advertisement = context.now + config.advert_int;
    return Outcome::stay;
  }
  master.highest_other_priority = std::max(master.highest_other_priority, theirs);
  if (theirs == effective_priority_ && from == source_) {
    if (first_time(kSameAddressBit)) {
      log(context, "WARNING - equal priority advert received from remote host with our IP address");
    }
    return Outcome::stay;
  }
  const bool they_win = theirs > effective_priority_ || (theirs == effective_priority_ && from > source_);
  if (!they_win) {
    meet_loser(advertisement, from, master, context);
    return Outcome::met_loser;
  }
  if (config.higher_prio_send_advert || profile_->step_down_advertises) {
    send_advertisement(effective_priority_, context);
  }
  log(context, "Master received advert from " + from.to_string() +
                   (theirs > effective_priority_
                        ? with(" with higher priority ", theirs, with(", ours ", effective_priority_, ""))
                        : with(" with same priority ", theirs, " but higher IP address than ours")));
  if (config.version == Version::v3 && advertisement.interval != master_interval_) {
    learn_interval(advertisement.interval, context);
  }
  master_address_ = from;
  master_priority_ = theirs;
  return Outcome::yield;
}

void VirtualRouter::meet_loser(const Advertisement& advertisement, const IpAddress& from, Master& master,
                               const Context& context) {
  log(context, "Received advert from " + from.to_string() + with(" with lower priority ", advertisement.priority, "") +
                   with(", ours ", effective_priority_, ", forcing new election"));
  if (!plan_->config->lower_prio_no_advert) send_advertisement(effective_priority_, context);
  master.announcer.answer_rival(context.now, *plan_, *profile_, context.actions);
  notify_instance(*plan_->config, context.plan.configuration->global, NotifyState::master_rx_lower_priority,
                  effective_priority_, context.actions);
}

void VirtualRouter::announce_for_group(const Context& context) {
  if (Master* master = std::get_if<Master>(&state_)) {
    master->announcer.answer_rival(context.now, *plan_, *profile_, context.actions);
  }
}

void VirtualRouter::discard(Discard reason, const Datagram& datagram, const Context& context) {
  ++statistics_.discards.edit()[static_cast<std::size_t>(reason)];
  context.actions.push(DiscardNote{plan_->id, plan_->config->virtual_router_id, reason, datagram.source});
  if (first_time(static_cast<unsigned>(reason))) {
    log(context,
        "discarding advertisement from " + datagram.source.to_string() + ": " + std::string(to_string(reason)));
  }
}

// ---------------------------------------------------------------- deadlines

VirtualRouter::Outcome VirtualRouter::fire(const Context& context) {
  if (Backup* backup = std::get_if<Backup>(&state_)) {
    if (backup->master_down > context.now) return Outcome::stay;
    log_detail(*plan_, context, "Receive advertisement timeout");
    return Outcome::master_down;
  }
  Master* master = std::get_if<Master>(&state_);
  if (master == nullptr) return Outcome::stay;
  if (master->lease_end <= context.now) return Outcome::lease_lost;
  if (master->next_advertisement <= context.now) {
    const config::VrrpInstance& config = *plan_->config;
    if (config.timer_expired_backup && is_starved(*master, context)) return Outcome::starved;
    send_advertisement(effective_priority_, context);
    master->next_advertisement = context.now + config.advert_int;
  }
  if (master->lease_renewal <= context.now) {
    add_addresses(context);
    begin_lease(*master, context);
  }
  master->announcer.advance(context.now, *plan_, context.actions);
  return Outcome::stay;
}

bool VirtualRouter::is_starved(const Master& master, const Context& context) const {
  const config::VrrpInstance& config = *plan_->config;
  const Duration patience =
      config.advert_int * 3 +
      skew_time(config.version, std::max(1, master.highest_other_priority), config.advert_int, *profile_);
  return context.now - master.last_advertisement > patience;
}

void VirtualRouter::wait_for_group(const Context& context) {
  wants_master_ = true;
  Backup& backup = std::get<Backup>(state_);
  backup.stored_timer = master_down_interval_;
  backup.master_down = context.now + master_down_interval_;
}

// ---------------------------------------------------------------- tracking

void VirtualRouter::set_contribution(const track::Contribution& contribution, const Context& context) {
  faults_.trackers = contribution.faults;
  if (plan_->is_owner()) return;
  total_priority_ = plan_->config->priority + contribution.priority;
  const int before = effective_priority_;
  const int after = track::effective_priority(plan_->config->priority, contribution.priority);
  if (after == before) return;
  forget_last();
  const Duration skew_before = skew();
  log(context, with("Changing effective priority from ", before, with(" to ", after, "")));
  context.actions.push(PriorityNote{plan_->id, before, after});
  effective_priority_ = after;
  update_master_down_interval();
  shift_backup_deadline(skew_before, context);
  if (plan_->config->notify_priority_changes && context.plan.configuration->global.has_notify_fifo() &&
      (state() == State::master || state() == State::backup)) {
    context.actions.push(NotifyFifo{"INSTANCE \"" + plan_->config->name + "\" " + std::string(to_string(state())) +
                                    "_PRIORITY " + std::to_string(after)});
  }
}

void VirtualRouter::shift_backup_deadline(Duration skew_before, const Context& context) {
  Backup* backup = std::get_if<Backup>(&state_);
  if (backup == nullptr) return;
  if (profile_->backup_deadline_shift == DeadlineShift::from_stored_timer) {
    backup->master_down += master_down_interval_ - backup->stored_timer;
    backup->stored_timer = master_down_interval_;
  } else {
    backup->master_down += skew() - skew_before;
  }
  backup->master_down = std::max(backup->master_down, context.now);
}

void VirtualRouter::set_source(const IpAddress& source) {
  faults_.no_source_address = source.is_unspecified();
  if (source == source_) return;
  source_ = source;
  message_priority_ = -1;
}

// ---------------------------------------------------------------- transitions

void VirtualRouter::start(const StartConditions& conditions, const Context& context) {
  const config::VrrpInstance& config = *plan_->config;
  const bool configured = config.state ? *config.state == config::WantedState::master : plan_->is_owner();
  const bool wanted = configured && conditions.may_head_for_master;
  Duration timer = master_down_interval_;
  if (wanted && plan_->is_owner()) {
    timer = kOwnerStart;
  } else if (wanted && profile_->state_master_starts_sooner) {
    timer = config.advert_int + skew();
  }
  if (conditions.holds_leftovers) {
    timer = std::min(timer, config.advert_int + skew());
    wants_master_ = true;
    log(context, "keeping the addresses of a predecessor unless another master speaks");
  }
  const State from = state();
  state_ = Backup{.master_down = conditions.timers_from + timer,
                  .stored_timer = timer,
                  .preempt_delay_end = std::nullopt,
                  .holds_leftovers = conditions.holds_leftovers};
  log(context, conditions.waited_for_scripts ? "Entering BACKUP STATE" : "Entering BACKUP STATE (init)");
  change_state(from, context);
  notify(NotifyState::backup, context);
}

void VirtualRouter::become_master(const Context& context) {
  const State from = state();
  if (!profile_->own_interval_needs_detail_log || context.plan.host.detailed_log) reset_interval();
  state_.emplace<Master>();
  wants_master_ = true;
  logged_ = 0;
  ++statistics_.became_master;
  send_advertisement(effective_priority_, context);
  std::get<Master>(state_).next_advertisement = context.now + plan_->config->advert_int;
  log(context, "Entering MASTER STATE");
  change_state(from, context);
  add_possessions(context);
  Master& master = std::get<Master>(state_);
  begin_lease(master, context);
  master.announcer.start(context.now, *plan_, *profile_, context.actions);
  notify(NotifyState::master, context);
}

void VirtualRouter::become_backup(const Context& context) { enter_backup(master_down_interval_, context); }

void VirtualRouter::enter_backup(Duration timer, const Context& context) {
  const State from = state();
  log(context, "Entering BACKUP STATE");
  if (from == State::master) remove_possessions(context);
  state_ = Backup{.master_down = context.now + timer, .stored_timer = timer, .preempt_delay_end = std::nullopt};
  wants_master_ = false;
  logged_ = 0;
  change_state(from, context);
  notify(NotifyState::backup, context);
}

void VirtualRouter::become_fault(const Context& context) {
  const State from = state();
  if (from == State::master) {
    for (int i = 0; i < profile_->fault_farewells; ++i) send_advertisement(0, context);
    remove_possessions(context);
  } else if (Backup* backup = std::get_if<Backup>(&state_); backup != nullptr && backup->holds_leftovers) {
    release_leftovers(*backup, context);
  }
  log(context, "Entering FAULT STATE");
  state_ = Fault{};
  wants_master_ = false;
  logged_ = 0;
  change_state(from, context);
  notify(NotifyState::fault, context);
}

void VirtualRouter::recover(const Context& context) {
  reset_interval();
  if (plan_->is_unicast()) {
    // A master whose neighbour entry for us has gone stale must be able to reach us (keepalived issue 1283).
    context.actions.push(AnnounceAddress{plan_->id, plan_->interface, source_, 1, plan_->sending_mac});
  }
  enter_backup(master_down_interval_, context);
}

void VirtualRouter::lose_possession(std::string_view what, const Context& context) {
  if (state() != State::master) return;
  log(context, what);
  send_advertisement(0, context);
  enter_backup(skew(), context);
}

void VirtualRouter::lose_lease(const Context& context) {
  log(context, "the daemon did not run for so long that its addresses have run out");
  become_backup(context);
}

void VirtualRouter::leave(NotifyState told, const Context& context) {
  const State from = state();
  if (from == State::master) {
    send_advertisement(0, context);
    remove_possessions(context);
  } else if (Backup* backup = std::get_if<Backup>(&state_); backup != nullptr && backup->holds_leftovers) {
    release_leftovers(*backup, context);
  }
  for (const PlannedMacvlan& macvlan : plan_->macvlans) {
    if (macvlan.interface.value == 0) continue;
    context.actions.push(RemoveVirtualMac{plan_->id, macvlan.interface, macvlan.mac, macvlan.name});
  }
  state_ = Initialize{};
  change_state(from, context);
  last_notified_.reset();
  notify(told, context);
}

// ---------------------------------------------------------------- reload

void VirtualRouter::advertise_if_master(const Context& context) {
  if (state() == State::master) send_advertisement(effective_priority_, context);
}

// ---------------------------------------------------------------- parts

void VirtualRouter::send_advertisement(int priority, const Context& context) {
  if (plan_->interface.value == 0) return;  // the interface is gone
  const config::VrrpInstance& config = *plan_->config;
  const auto encode_for = [&](const IpAddress& destination) {
    const AdvertisementContent content{
        .version = config.version,
        .family = config.family,
        .vrid = config.virtual_router_id,
        .priority = static_cast<std::uint8_t>(priority),
        .interval = config.advert_int,
        .auth_type = config.auth_type,
        .password = plan_->rules.password,
        .ipv4_checksum = config.v3_checksum_as_v2 ? Ipv4Checksum::message_only : Ipv4Checksum::with_pseudo_header,
        .source = source_,
        .destination = destination,
        .addresses = plan_->advertised};
    message_.resize(encoded_size(content));
    encode(content, message_);
    message_priority_ = priority;
  };
  const auto push = [&](const IpAddress& destination) {
    ++statistics_.sent;
    if (priority == 0) ++statistics_.priority_zero_sent;
    context.actions.push(SendAdvertisement{plan_->id, plan_->interface, source_, destination, plan_->ttl,
                                           static_cast<std::uint8_t>(priority), plan_->sending_mac, 0, 0},
                         message_);
  };
  if (plan_->is_unicast()) {
    for (const IpAddress& peer : plan_->peer_addresses) {
      encode_for(peer);  // the v3 and IPv6 checksums cover the destination
      push(peer);
    }
  } else {
    if (message_priority_ != priority) encode_for(plan_->group_address);
    push(plan_->group_address);
  }
  if (Master* master = std::get_if<Master>(&state_)) master->last_advertisement = context.now;
}

void VirtualRouter::learn_interval(Duration interval, const Context& context) {
  const auto milliseconds = [](Duration time) { return std::to_string(time / std::chrono::milliseconds{1}) + "ms"; };
  log(context, "advertisement interval updated from " + milliseconds(master_interval_) + " to " +
                   milliseconds(interval) + " by master");
  use_interval(interval);
}

void VirtualRouter::use_interval(Duration interval) {
  master_interval_ = interval;
  update_master_down_interval();
}

void VirtualRouter::update_master_down_interval() {
  master_down_interval_ = vrrp::master_down_interval(plan_->config->version, effective_priority_, master_interval_,
                                                     plan_->config->down_timer_adverts, *profile_);
}

Duration VirtualRouter::skew() const {
  return skew_time(plan_->config->version, effective_priority_, master_interval_, *profile_);
}

void VirtualRouter::change_state(State from, const Context& context) {
  if (from == State::master) ++statistics_.released_master;
  statistics_.last_transition = context.now;
  context.actions.push(StateNote{plan_->id, from, state(), plan_->config->name, plan_->config->virtual_router_id});
}

/// Exactly one notification per change: a state that was told already is not told again.
void VirtualRouter::notify(NotifyState told, const Context& context) {
  if (last_notified_ == told) return;
  last_notified_ = told;
  notify_instance(*plan_->config, context.plan.configuration->global, told, effective_priority_, context.actions);
}

void VirtualRouter::log(const Context& context, std::string_view text) const {
  context.actions.push(LogLine{"(" + plan_->config->name + ") " + std::string(text), false});
}

bool VirtualRouter::first_time(unsigned bit) {
  const std::uint32_t mask = std::uint32_t{1} << bit;
  if ((logged_ & mask) != 0) return false;
  logged_ |= mask;
  return true;
}

}  // namespace vipdrift::vrrp
