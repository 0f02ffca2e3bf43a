// A VRRP stack on this machine: sockets, netlink and processes around the pure core.
#ifndef VIPDRIFT_BACKENDS_LINUX_VRRP_DIRECTOR_H_
#define VIPDRIFT_BACKENDS_LINUX_VRRP_DIRECTOR_H_

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backends/linux/announcement_socket.h"
#include "backends/linux/errands.h"
#include "backends/linux/file_watcher.h"
#include "backends/linux/kernel_work.h"
#include "backends/linux/netlink.h"
#include "backends/linux/netlink_socket.h"
#include "backends/linux/reading_rhythm.h"
#include "backends/linux/vrrp_socket.h"
#include "protocol/config/configuration.h"
#include "protocol/vrrp/vrrp_stack.h"

namespace vipdrift::linux_backend {

/// What a director tells the outside. All may be empty.
struct DirectorSinks {
  /// One line for the log, worded as keepalived words it. `detail`: only with -D.
  std::function<void(const std::string& line, bool detail)> log;
  /// The stop is complete.
  std::function<void()> stopped;
  /// After a step of thousands of actions: their memory is not needed any more.
  std::function<void()> burst_over;
  /// An instance has another state.
  std::function<void(const vrrp::StateNote& note)> state_changed = {};
};

/// Runs one configuration on the namespace it lives in. Everything happens on the context's thread; nothing blocks.
class VrrpDirector {
 public:
  VrrpDirector(boost::asio::io_context& context, std::shared_ptr<const config::Configuration> configuration,
               const vrrp::Profile& profile, bool detailed_log, DirectorSinks sinks);
  ~VrrpDirector();
  VrrpDirector(const VrrpDirector&) = delete;
  VrrpDirector& operator=(const VrrpDirector&) = delete;

  /// Opens sockets and starts the stack. An error in words when the machine refuses something without which nothing
  /// works; the director is then of no use.
  std::optional<std::string> start();
  /// A graceful stop: priority 0, addresses removed or left there for good, then DirectorSinks::stopped.
  enum class AtStop { remove_addresses, keep_addresses };
  void stop(AtStop addresses);
  void reload(std::shared_ptr<const config::Configuration> configuration);
  /// What the health checks say of a virtual server.
  void quorum_changed(VirtualServerId service, bool up) { step(vrrp::QuorumChanged{service, up}); }

  const vrrp::VrrpStack* stack() const { return stack_ ? &*stack_ : nullptr; }
  /// When that instance of stack() changed its state last, by the wall clock; absent: never.
  std::optional<std::chrono::system_clock::time_point> last_transition(const vrrp::VirtualRouter& router) const;
  /// The host as it is now.
  vrrp::HostFacts host() const { return netlink_.facts(); }

 private:
  using Descriptor = boost::asio::posix::stream_descriptor;
  struct Listener {
    std::unique_ptr<VrrpSocket> socket;
    Descriptor readable;
    std::set<IpAddress> groups;
    bool joined_all = false;  ///< the kernel let it into each group
    std::vector<InstanceId> senders{};  ///< of what is in line in the socket
  };

  TimePoint now() const { return TimePoint{std::chrono::steady_clock::now().time_since_epoch()}; }
  void step(const vrrp::Event& event);
  template <class Event>
  void step_through(TimePoint time, const Event& event);
  void step_waiting();
  void carry_out_all();
  void catch_up();
  void send_advertisements();
  void flush(Listener& listener);
  void arm();
  void wait_for_deadline();
  void wait_for_netlink();
  void wait_for_files();
  void wait_for_datagrams(const std::shared_ptr<Listener>& listener);
  void begin_rhythm(TimePoint next);
  void read_at(TimePoint next);
  void end_rhythm();
  std::size_t read_all();
  std::size_t read(Listener& listener);
  Duration allowed_pause();

  void watch_files();
  void report_file(std::size_t position);
  void open_listeners();
  void close_listener(Listener& listener);
  void react(const vrrp::Event& change);
  int send_from_virtual_mac(const vrrp::SendAdvertisement& action);
  Listener* listener(InterfaceId interface, Family family);
  InterfaceId interface_named(const std::string& name) const;
  void failed(vrrp::ActionFailed::What what, std::optional<InstanceId> instance, const IpAddress& address, int error);
  void log(const std::string& line, bool detail = false) const;

  void carry_out(const vrrp::SendAdvertisement&) {}  // has left already, see send_advertisements()
  void carry_out(const vrrp::AddAddress& action) { kernel_.carry_out(action); }
  void carry_out(const vrrp::RemoveAddress& action);
  void carry_out(const vrrp::AddRoute& action) { kernel_.carry_out(action); }
  void carry_out(const vrrp::RemoveRoute& action) { kernel_.carry_out(action); }
  void carry_out(const vrrp::AddRule& action) { kernel_.carry_out(action); }
  void carry_out(const vrrp::RemoveRule& action) { kernel_.carry_out(action); }
  void carry_out(const vrrp::AddVirtualMac& action) { kernel_.carry_out(action); }
  void carry_out(const vrrp::RemoveVirtualMac& action) { kernel_.carry_out(action); }
  void carry_out(const vrrp::AnnounceAddress& action);
  void carry_out(const vrrp::RunScript& action) { errands_.run(action.script); }
  void carry_out(const vrrp::KillScript& action) { errands_.kill(action.script, action.force); }
  void carry_out(const vrrp::NotifyScript& action) { errands_.notify(action); }
  void carry_out(const vrrp::NotifyFifo& action) { errands_.tell(action); }
  void carry_out(const vrrp::NotifyMail& action) { errands_.mail(action); }
  void carry_out(const vrrp::StateNote& action);
  void carry_out(const vrrp::PriorityNote&) {}
  void carry_out(const vrrp::DiscardNote&) {}
  void carry_out(const vrrp::LogLine& action) { unlogged_.push_back(action); }
  void carry_out(const vrrp::Stopped&);

  boost::asio::io_context& context_;
  std::shared_ptr<const config::Configuration> configuration_;
  vrrp::Profile profile_;
  bool detailed_log_;
  DirectorSinks sinks_;

  NetlinkSocket requests_{NETLINK_ROUTE};
  Netlink netlink_{requests_};
  KernelWork kernel_;
  AnnouncementSocket announcements_;
  Inbox inbox_;
  Errands errands_;
  FileWatcher files_;
  Descriptor netlink_readable_;
  Descriptor files_readable_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer next_reading_;
  std::vector<std::shared_ptr<Listener>> listeners_;
  std::optional<vrrp::VrrpStack> stack_;
  vrrp::ActionList actions_;
  std::vector<std::uint8_t> frame_;         ///< of an advertisement that a virtual MAC address sends
  std::uint16_t next_identification_ = 1;  ///< of its IPv4 header
  std::deque<vrrp::Event> waiting_;  ///< events that carrying out actions has caused
  std::vector<vrrp::LogLine> unlogged_;
  TimePoint armed_at_ = kNever;  ///< when deadline_ fires
  TimePoint stepped_at_ = TimePoint::min();
  ReadingRhythm rhythm_;
  bool in_rhythm_ = false;
  std::optional<Duration> allowed_pause_;  ///< absent: to be worked out anew
  AtStop at_stop_ = AtStop::remove_addresses;
  bool stepping_ = false;
  bool had_burst_ = false;
  bool ended_ = false;
};

// Here because a datagram takes this way too.
template <class Event>
void VrrpDirector::step_through(TimePoint time, const Event& event) {
  if (!stack_ || ended_) return;
  stepping_ = true;
  stepped_at_ = std::max(time, stepped_at_);
  actions_.clear();
  stack_->step(stepped_at_, event, actions_);
  if (!actions_.empty()) carry_out_all();
  if (!waiting_.empty()) step_waiting();
  stepping_ = false;
}

}  // namespace vipdrift::linux_backend

#endif  // VIPDRIFT_BACKENDS_LINUX_VRRP_DIRECTOR_H_
