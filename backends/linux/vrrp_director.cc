#include "backends/linux/vrrp_director.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <map>
#include <utility>
#include <variant>

#include "backends/linux/file_descriptor.h"
#include "protocol/track/tracked_file.h"

namespace vipdrift::linux_backend {
namespace {

/// Bytes of a tracked file that are looked at for its number.
constexpr std::size_t kMostOfATrackedFile = 128;

std::string reason(int error) { return std::strerror(error); }

std::string at(const config::Place& place) { return place.file + ":" + std::to_string(place.line) + ": "; }

}  // namespace

VrrpDirector::VrrpDirector(boost::asio::io_context& context, std::shared_ptr<const config::Configuration> configuration,
                           const vrrp::Profile& profile, bool detailed_log, DirectorSinks sinks)
    : context_(context),
      configuration_(std::move(configuration)),
      profile_(profile),
      detailed_log_(detailed_log),
      sinks_(std::move(sinks)),
      netlink_readable_(context),
      files_readable_(context),
      deadline_(context),
      children_(context, SIGCHLD) {}

// The descriptors of Asio must not close what others own.
VrrpDirector::~VrrpDirector() {
  if (netlink_readable_.is_open()) netlink_readable_.release();
  if (files_readable_.is_open()) files_readable_.release();
  for (const auto& one : listeners_) {
    if (one->readable.is_open()) one->readable.release();
  }
}

std::vector<std::string> VrrpDirector::not_supported(const config::Configuration& configuration) {
  std::vector<std::string> left_out;
  for (const config::VrrpInstance& instance : configuration.instances) {
    const std::string where = at(instance.place) + "vrrp_instance '" + instance.name + "': ";
    if (instance.use_vmac) left_out.push_back(where + "use_vmac is not supported by vipdriftd yet");
    if (!instance.accept) left_out.push_back(where + "no_accept is not supported by vipdriftd yet");
  }
  for (const config::TrackProcess& process : configuration.track_processes) {
    left_out.push_back(at(process.place) + "vrrp_track_process is not supported by vipdriftd yet");
  }
  return left_out;
}

std::optional<std::string> VrrpDirector::start() {
  if (netlink_.error() != 0) return "netlink: " + reason(netlink_.error());
  if (announcements_.error() != 0) return "packet socket: " + reason(announcements_.error());
  if (files_.error() != 0) return "inotify: " + reason(files_.error());
  vrrp::HostFacts facts = netlink_.facts();
  facts.detailed_log = detailed_log_;
  open_listeners();
  watch_files();
  stack_.emplace(configuration_, std::move(facts), profile_);
  netlink_readable_.assign(netlink_.descriptor());
  files_readable_.assign(files_.descriptor());
  wait_for_netlink();
  wait_for_files();
  wait_for_children();
  step(vrrp::Started{});
  for (std::size_t i = 0; i < configuration_->track_files.size(); ++i) report_file(i);
  return std::nullopt;
}

void VrrpDirector::stop() {
  scripts_.abandon();
  step(vrrp::StopRequested{});
}

void VrrpDirector::reload(std::shared_ptr<const config::Configuration> configuration) {
  configuration_ = std::move(configuration);
  scripts_.abandon();  // their numbers are those of the former configuration
  open_listeners();
  watch_files();
  step(vrrp::ConfigurationLoaded{configuration_});
  for (std::size_t i = 0; i < configuration_->track_files.size(); ++i) report_file(i);
}

// ---------------------------------------------------------------- tracked files

// Made before they are watched: what the daemon does itself is no news.
void VrrpDirector::watch_files() {
  files_.forget_all();
  for (const config::TrackFile& file : configuration_->track_files) {
    const bool there = access(file.path.c_str(), F_OK) == 0;
    if (file.init_file == config::InitFile::overwrite || (file.init_file == config::InitFile::create && !there)) {
      std::ofstream out(file.path);
      out << file.init_value << '\n';
      if (!out.flush()) log("cannot write the tracked file " + file.path);
    }
    if (const int error = files_.watch(file.path); error != 0) {
      log("cannot watch the tracked file " + file.path + ": " + reason(error));
    }
  }
}

void VrrpDirector::report_file(std::size_t position) {
  vrrp::FileChanged change{FileId{static_cast<std::uint32_t>(position)}, std::nullopt};
  if (std::ifstream in(configuration_->track_files[position].path); in) {
    std::string contents(kMostOfATrackedFile, '\0');
    in.read(contents.data(), static_cast<std::streamsize>(contents.size()));
    contents.resize(static_cast<std::size_t>(in.gcount()));
    change.value = track::tracked_value(contents);
  }
  step(change);
}

// ---------------------------------------------------------------- sockets

// Sockets stay open across a reload; the filter of an interface that gets new VRIDs is made with its new socket.
void VrrpDirector::open_listeners() {
  std::map<std::pair<std::uint32_t, Family>, std::vector<std::uint8_t>> wanted;
  for (const config::VrrpInstance& instance : configuration_->instances) {
    const InterfaceId interface = interface_named(instance.interface);
    if (interface.value != 0) {
      wanted[{interface.value, instance.family}].push_back(instance.virtual_router_id);
    }
  }
  for (const auto& one : listeners_) one->readable.release();
  listeners_.clear();
  for (const auto& [place, vrids] : wanted) {
    const auto& [index, family] = place;
    const std::string& name = netlink_.interfaces().at(index).name;
    auto socket = std::make_unique<VrrpSocket>(InterfaceId{index}, name, family, vrids);
    if (socket->error() != 0) {
      log("cannot open a VRRP socket on " + name + ": " + reason(socket->error()));
      continue;
    }
    Descriptor readable(context_, socket->descriptor());
    listeners_.push_back(std::make_unique<Listener>(Listener{std::move(socket), std::move(readable), {}}));
    wait_for_datagrams(*listeners_.back());
  }
  for (const config::VrrpInstance& instance : configuration_->instances) {
    if (!instance.unicast_peers.empty()) continue;
    Listener* const found = listener(interface_named(instance.interface), instance.family);
    if (found == nullptr) continue;
    const config::GlobalDefs& global = configuration_->global;
    const IpAddress& group = instance.family == Family::ipv4 ? global.vrrp_mcast_group4 : global.vrrp_mcast_group6;
    if (!found->groups.insert(instance.multicast_group.value_or(group)).second) continue;
    if (const int error = found->socket->join(instance.multicast_group.value_or(group)); error != 0) {
      log("cannot join " + group.to_string() + " on " + instance.interface + ": " + reason(error));
    }
  }
}

VrrpDirector::Listener* VrrpDirector::listener(InterfaceId interface, Family family) {
  for (const auto& one : listeners_) {
    if (one->socket->interface() == interface && one->socket->family() == family) return one.get();
  }
  return nullptr;
}

InterfaceId VrrpDirector::interface_named(const std::string& name) const {
  for (const auto& [index, interface] : netlink_.interfaces()) {
    if (interface.name == name) return interface.id;
  }
  return {};
}

void VrrpDirector::wait_for_datagrams(Listener& one) {
  one.readable.async_wait(Descriptor::wait_read, [this, &one](const boost::system::error_code& error) {
    if (error || ended_) return;
    one.socket->receive([this](const vrrp::Datagram& datagram) { step(datagram); });
    wait_for_datagrams(one);
  });
}

void VrrpDirector::wait_for_netlink() {
  netlink_readable_.async_wait(Descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error || ended_) return;
    netlink_.receive({
        .link = [this](InterfaceId interface, bool up) { step(vrrp::LinkChanged{interface, up}); },
        .address = [this](InterfaceId interface, const IpAddress& address,
                          bool present) { step(vrrp::AddressChanged{interface, address, present}); },
    });
    wait_for_netlink();
  });
}

void VrrpDirector::wait_for_files() {
  files_readable_.async_wait(Descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error || ended_) return;
    files_.receive([this](const std::string& path) {
      for (std::size_t i = 0; i < configuration_->track_files.size(); ++i) {
        if (configuration_->track_files[i].path == path) report_file(i);
      }
    });
    wait_for_files();
  });
}

void VrrpDirector::wait_for_children() {
  children_.async_wait([this](const boost::system::error_code& error, int) {
    if (error || ended_) return;
    scripts_.collect([this](ScriptId script, int exit_status, bool killed) {
      step(vrrp::ScriptFinished{script, exit_status, killed});
    });
    wait_for_children();
  });
}

// ---------------------------------------------------------------- the core

void VrrpDirector::step(const vrrp::Event& event) {
  if (stepping_) {
    waiting_.push_back(event);
  } else {
    step_through(event);
  }
}

// Datagrams come from the event loop alone, never from an action.
void VrrpDirector::step(const vrrp::Datagram& datagram) { step_through(datagram); }

template <class Event>
void VrrpDirector::step_through(const Event& event) {
  if (!stack_ || ended_) return;
  stepping_ = true;
  actions_.clear();
  stack_->step(now(), event, actions_);
  carry_out_all();
  while (!waiting_.empty() && !ended_) {
    const vrrp::Event next = std::move(waiting_.front());
    waiting_.pop_front();
    actions_.clear();
    stack_->step(now(), next, actions_);
    carry_out_all();
  }
  stepping_ = false;
  arm();
}

void VrrpDirector::carry_out_all() {
  for (const vrrp::Action& action : actions_) {
    std::visit([this](const auto& one) { carry_out(one); }, action);
  }
}

// The timer moves forward at once and backward only when it fires: a Backup's deadline moves with every advertisement.
void VrrpDirector::arm() {
  if (ended_ || stack_->next_deadline() >= armed_at_) return;
  armed_at_ = stack_->next_deadline();
  deadline_.expires_at(std::chrono::steady_clock::time_point(armed_at_.time_since_epoch()));
  deadline_.async_wait([this](const boost::system::error_code& error) {
    if (error || ended_) return;
    armed_at_ = kNever;
    // What waits in the sockets counts first: a late daemon must not fall out with a living master.
    for (const auto& one : listeners_) {
      one->socket->receive([this](const vrrp::Datagram& datagram) { step(datagram); });
    }
    if (stack_->next_deadline() <= now()) {
      step(vrrp::DeadlineReached{});
    } else {
      arm();
    }
  });
}

void VrrpDirector::failed(vrrp::ActionFailed::What what, std::optional<InstanceId> instance, const IpAddress& address,
                          int error) {
  if (error != 0) step(vrrp::ActionFailed{what, instance, address, error});
}

void VrrpDirector::log(const std::string& line, bool detail) const {
  if (sinks_.log) sinks_.log(line, detail);
}

// ---------------------------------------------------------------- actions

void VrrpDirector::carry_out(const vrrp::SendAdvertisement& action) {
  Listener* const through = listener(action.interface, action.source.family());
  const int error = through == nullptr ? ENODEV
                                       : through->socket->send(action.source, action.destination, action.ttl,
                                                               actions_.bytes(action));
  failed(vrrp::ActionFailed::What::send_advertisement, action.instance, {}, error);
}

// An address that is there already is as good as added.
void VrrpDirector::carry_out(const vrrp::AddAddress& action) {
  const int error = netlink_.add_address(
      action.interface, {{action.address, action.prefix_length}, action.label, action.lifetime});
  if (error != EEXIST) failed(vrrp::ActionFailed::What::add_address, action.instance, action.address, error);
}

// An address that is gone already is as good as removed.
void VrrpDirector::carry_out(const vrrp::RemoveAddress& action) {
  const int error = netlink_.remove_address(action.interface, {action.address, action.prefix_length});
  if (error == EADDRNOTAVAIL) return;
  failed(vrrp::ActionFailed::What::remove_address, action.instance, action.address, error);
}

void VrrpDirector::carry_out(const vrrp::AnnounceAddress& action) {
  const auto found = netlink_.interfaces().find(action.interface.value);
  if (found == netlink_.interfaces().end()) return;
  for (int i = 0; i < action.repeats; ++i) {
    const int error = announcements_.announce(action.interface, found->second.mac, action.address);
    failed(vrrp::ActionFailed::What::announce, action.instance, action.address, error);
  }
}

void VrrpDirector::carry_out(const vrrp::RunScript& action) {
  const config::VrrpScript& script = configuration_->scripts[action.script.value];
  const int error = scripts_.start(action.script, script.command.argv);
  if (error == 0) return;
  log("Couldn't run script " + script.name + ": " + reason(error));
  step(vrrp::ScriptFinished{action.script, 127, false});  // as a shell says of a command that is not there
}

void VrrpDirector::carry_out(const vrrp::KillScript& action) { scripts_.kill(action.script, action.force); }

void VrrpDirector::carry_out(const vrrp::NotifyScript& action) {
  if (const int error = scripts_.notify(action.argv); error != 0 && !action.argv.empty()) {
    log("Couldn't run notify script " + action.argv.front() + ": " + reason(error));
  }
}

// A FIFO that nobody reads must not hold anything up.
void VrrpDirector::carry_out(const vrrp::NotifyFifo& action) {
  const std::string& path = configuration_->global.vrrp_notify_fifo;
  const FileDescriptor fifo(::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
  const std::string line = action.line + "\n";
  if (!fifo || write(fifo.get(), line.data(), line.size()) < 0) log("Couldn't write to " + path + ": " + reason(errno));
}

void VrrpDirector::carry_out(const vrrp::LogLine& action) { log(action.text, action.detail); }

void VrrpDirector::carry_out(const vrrp::Stopped&) {
  ended_ = true;
  deadline_.cancel();
  children_.cancel();
  if (sinks_.stopped) sinks_.stopped();
}

}  // namespace vipdrift::linux_backend
