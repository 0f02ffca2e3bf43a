#include "backends/netns/world.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <set>
#include <variant>

#include "backends/netns/private_files.h"

namespace vipdrift::netns {
namespace {

using scenarios::WorldError;
using Why = std::optional<std::string>;

constexpr const char* kProtocolFrames = "ip proto 112 or ip6 proto 112 or arp or icmp6";
constexpr const char* kAnswers = "icmp[icmptype] == icmp-echoreply or icmp6[icmp6type] == 129 or tcp";
/// How often a world looks after what has no descriptor: unanswered probes, ended bursts.
constexpr Duration kHousekeeping = std::chrono::milliseconds{20};
constexpr Duration kLinksTake = std::chrono::seconds{5};
/// However slow its daemons are, a world lets the next one begin after this.
constexpr Duration kLaunchTakes = std::chrono::seconds{3};

bool injects(const scenarios::StepAction& action) {
  return std::holds_alternative<scenarios::InjectAdvertisement>(action) ||
         std::holds_alternative<scenarios::InjectArp>(action);
}

/// A program's absolute path, as the shell would find it; the word itself when it is not found.
std::string program_path(const std::string& word) {
  if (word.find('/') != std::string::npos) return std::filesystem::absolute(word).string();
  const char* path = std::getenv("PATH");
  std::string_view rest{path == nullptr ? "/usr/sbin:/usr/bin:/sbin:/bin" : path};
  while (!rest.empty()) {
    const std::string directory{rest.substr(0, rest.find(':'))};
    rest.remove_prefix(std::min(rest.size(), directory.size() + 1));
    if (access((directory + "/" + word).c_str(), X_OK) == 0) return directory + "/" + word;
  }
  return word;
}

}  // namespace

NetnsTestbed::World::World(const scenarios::Scenario& scenario, const NetnsOptions& options,
                           const scenarios::RecordingOptions& recording, scenarios::Timeline& timeline)
    : scenario_(scenario), options_(options), recorder_(timeline, recording) {}

NetnsTestbed::World::~World() {
  if (home_) home_->enter();
}

// ---------------------------------------------------------------- building

NetnsTestbed::World::Error NetnsTestbed::World::build() {
  const auto error = [](Why why) { return WorldError{{}, "namespaces: " + *why}; };
  if (options_.launching != nullptr) launch_ = std::unique_lock(*options_.launching);
  std::string why;
  home_ = NetworkNamespace::here(why);
  if (!home_) return error(why);
  if (!options_.pcap_file.empty()) pcap_ = std::make_unique<capture::CaptureWriter>(options_.pcap_file);
  if (Why failed = add_segments()) return error(failed);
  if (Error failed = add_nodes()) return failed;
  if (Why failed = add_strangers()) return error(failed);
  if (Why failed = add_captures()) return error(failed);
  if (!wait_for_links()) return WorldError{{}, "namespaces: the interfaces do not come up"};
  loop_.run_ready();
  recorder_.clock.begin();
  for (const std::unique_ptr<Segment>& segment : segments_) connectivity_.push_back(segment->connectivity());
  return std::nullopt;
}

Why NetnsTestbed::World::add_segments() {
  for (const scenarios::SegmentSpec& spec : scenario_.cluster.segments) {
    Why error;
    segments_.push_back(Segment::make(spec, error));
    if (error) return error;
  }
  return std::nullopt;
}

NetnsTestbed::World::Error NetnsTestbed::World::add_nodes() {
  const scenarios::Cluster& cluster = scenario_.cluster;
  for (const scenarios::DirectorSpec& spec : cluster.directors) {
    if (Why why = add_node(spec.name, spec.interfaces, &spec)) return WorldError{spec.place, spec.name + ": " + *why};
    if (Why why = prepare(*nodes_.back(), spec)) return WorldError{spec.place, spec.name + ": " + *why};
  }
  for (const auto* hosts : {&cluster.clients, &cluster.real_servers}) {
    for (const scenarios::HostSpec& spec : *hosts) {
      if (Why why = add_node(spec.name, spec.interfaces, nullptr)) {
        return WorldError{spec.place, spec.name + ": " + *why};
      }
      if (Why why = prepare(*nodes_.back(), spec)) return WorldError{spec.place, spec.name + ": " + *why};
    }
  }
  for (const scenarios::DirectorSpec& spec : cluster.directors) {
    if (Why why = mark_packets(spec)) return WorldError{spec.place, spec.name + ": " + *why};
  }
  return std::nullopt;
}

Why NetnsTestbed::World::add_node(const std::string& name, const std::vector<scenarios::InterfaceSpec>& interfaces,
                                  const scenarios::DirectorSpec* director) {
  Why error;
  nodes_.push_back(Node::make(name, static_cast<std::uint32_t>(nodes_.size()), interfaces, error));
  if (error) return error;
  Node& node = *nodes_.back();
  if ((error = plug_in(node, director != nullptr))) return error;
  if (!node.place().enter()) return "its network namespace cannot be entered";
  if ((error = node.boot_network())) return error;
  const std::size_t position = nodes_.size() - 1;
  const Subject& subject = options_.subjects[position % options_.subjects.size()];
  const std::string program = director == nullptr ? std::string{} : program_path(subject.argv.front());
  if ((error = node.boot_init(program, written_directories(name)))) return error;
  if ((error = watch_kernel(node))) return error;
  if (director != nullptr) return add_daemon(node, *director, subject);
  node.prober = std::make_unique<Prober>(name, node.place(), loop_, recorder_,
                                         [this](const MacAddress& mac) { return owner_of(mac); });
  return std::nullopt;
}

Why NetnsTestbed::World::plug_in(const Node& node, bool director) {
  for (const NodeInterface& interface : node.interfaces()) {
    const std::vector<std::size_t> segment = segments(interface.segment);
    if (segment.size() != 1) return "interface '" + interface.name + "' names no segment";
    Port port;
    port.node = node.name();
    port.interface = interface.name;
    port.director = director;
    if (Why why = segments_[segment.front()]->plug(port, node.place().descriptor(), interface.mac)) return why;
    macs_[interface.mac] = node.name();
  }
  return std::nullopt;
}

Why NetnsTestbed::World::watch_kernel(Node& node) {
  KernelMonitor::Changes changes;
  changes.link = [this, &node](const std::string& interface, bool up) {
    if (node.powered && node.daemon && node.interface(interface) != nullptr) {
      recorder_.note(node.name(), scenarios::LinkState{interface, up});
    }
  };
  changes.address = [this, &node](const std::string& interface, const IpPrefix& address, bool present) {
    if (!node.reports(interface, address.address)) return;
    if (present) {
      recorder_.note(node.name(), scenarios::AddressAdded{interface, address.address});
    } else {
      recorder_.note(node.name(), scenarios::AddressRemoved{interface, address.address});
    }
  };
  changes.neighbour = [this, &node](const IpAddress& address, const MacAddress& mac) {
    if (node.prober) recorder_.note(node.name(), scenarios::NeighbourLearned{address, mac, owner_of(mac)});
  };
  node.monitor = std::make_unique<KernelMonitor>(std::move(changes));
  if (!node.monitor->good()) return "rtnetlink cannot be followed";
  loop_.watch(node.monitor->descriptor(), [&node] { node.monitor->receive(); });
  return std::nullopt;
}

Why NetnsTestbed::World::add_daemon(Node& node, const scenarios::DirectorSpec& director, const Subject& subject) {
  node.processes = director.processes;
  node.files = director.files;
  for (const auto& [path, contents] : node.files) {
    const char* mode = contents.rfind("#!", 0) == 0 ? "755" : "644";
    if (Why why = node.init().write_file(path, contents, mode)) return why;
  }
  if (Why why = node.start_processes()) return why;
  node.daemon = std::make_unique<Daemon>(Daemon::Options{scenario_, director, subject, options_.facilities.ipvs},
                                         node.init(), recorder_);
  loop_.watch(node.init().log(), [&node] { node.daemon->read_log(); });
  loop_.watch(node.init().notes(), [&node] { node.daemon->read_notes(); });
  loop_.watch(node.init().reports(), [&node] { node.daemon->read_reports(); });
  return node.daemon->install();
}

std::vector<std::string> NetnsTestbed::World::written_directories(const std::string& node) const {
  std::set<std::string> directories;
  for (const scenarios::Step& step : scenario_.steps) {
    const auto* touch = std::get_if<scenarios::TouchFile>(&step.action);
    if (touch != nullptr && touch->node == node) directories.insert(directory_of(touch->path));
    const auto* remove = std::get_if<scenarios::RemoveFile>(&step.action);
    if (remove != nullptr && remove->node == node) directories.insert(directory_of(remove->path));
  }
  if (const scenarios::DirectorSpec* director = director_spec(node)) {
    for (const auto& file : director->files) directories.insert(directory_of(file.first));
  }
  for (const scenarios::DirectorConfig& config : scenario_.configs) {
    if (config.director != node || config.configuration == nullptr) continue;
    for (const std::string& path : scripts_to_record(*config.configuration)) directories.insert(directory_of(path));
    for (const config::TrackFile& file : config.configuration->track_files) {
      if (can_be_private(directory_of(file.path))) directories.insert(directory_of(file.path));
    }
  }
  return {directories.begin(), directories.end()};
}

// Each wire has a cable whose other end is in the same namespace: what is sent from there enters like any frame.
Why NetnsTestbed::World::add_strangers() {
  const bool wanted = std::any_of(scenario_.steps.begin(), scenario_.steps.end(),
                                  [](const scenarios::Step& step) { return injects(step.action); });
  for (std::size_t i = 0; wanted && i < segments_.size(); ++i) {
    if (!segments_[i]->enter()) return "a segment's namespace cannot be entered";
    std::string error;
    const auto here = NetworkNamespace::here(error);
    if (!here) return error;
    Port port;
    port.interface = "strangers";
    if (Why why = segments_[i]->plug(port, here->descriptor(), MacAddress{{0x02, 0x76, 0x64, 0xff, 0xff, 0x00}})) {
      return why;
    }
    Links links;
    if (Why why = links.set_link(port.interface, true)) return why;
    Descriptor socket(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0));
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_ifindex = static_cast<int>(if_nametoindex(port.interface.c_str()));
    if (!socket || bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
      return std::string("no packet socket: ") + std::strerror(errno);
    }
    strangers_.push_back({std::move(socket)});
  }
  return std::nullopt;
}

Why NetnsTestbed::World::add_captures() {
  for (const std::unique_ptr<Segment>& segment : segments_) {
    if (!segment->enter()) return "a segment's namespace cannot be entered";
    for (std::size_t i = 0; i < segment->ports().size(); ++i) {
      const Port& port = segment->ports()[i];
      const Node* node = find(port.node);
      const bool client = node != nullptr && node->prober != nullptr;
      if (pcap_ || !client) {
        const std::string filter = pcap_ ? std::string{} : kProtocolFrames;
        if (Why why = capture(*segment, i, PortCapture::Direction::entering, filter)) return why;
      }
      if (!client) continue;
      if (Why why = capture(*segment, i, PortCapture::Direction::leaving, kAnswers)) return why;
    }
  }
  return std::nullopt;
}

Why NetnsTestbed::World::capture(Segment& segment, std::size_t port, PortCapture::Direction direction,
                                 const std::string& filter) {
  auto watch = std::make_unique<Watch>();
  watch->segment = &segment;
  watch->port = port;
  watch->direction = direction;
  watch->filter = filter;
  std::string error;
  watch->capture = PortCapture::open(segment.ports()[port].name, direction, filter, error);
  if (!watch->capture) return error;
  watch->place = loop_.watch(watch->capture->descriptor(), [this, &there = *watch] { read(there); });
  watches_.push_back(std::move(watch));
  return std::nullopt;
}

void NetnsTestbed::World::read(const Watch& watch) {
  watch.capture->read([&](Duration stamp, Bytes bytes) { on_frame(watch, watch.direction, stamp, bytes); });
}

void NetnsTestbed::World::close_captures(const Port& port) {
  for (const std::unique_ptr<Watch>& watch : watches_) {
    if (&watch->at() != &port) continue;
    read(*watch);
    loop_.replace(watch->place, -1);
    watch->capture.reset();
  }
}

Why NetnsTestbed::World::open_captures(const Port& port) {
  for (const std::unique_ptr<Watch>& watch : watches_) {
    if (&watch->at() != &port) continue;
    if (!watch->segment->enter()) return "a segment's namespace cannot be entered";
    std::string error;
    watch->capture = PortCapture::open(port.name, watch->direction, watch->filter, error);
    if (!watch->capture) return error;
    loop_.replace(watch->place, watch->capture->descriptor());
  }
  return std::nullopt;
}

// The kernel reports carriers a little later than it has them.
bool NetnsTestbed::World::wait_for_links() {
  const auto patience = std::chrono::steady_clock::now() + kLinksTake;
  const auto all_up = [this] {
    return std::all_of(nodes_.begin(), nodes_.end(), [](const std::unique_ptr<Node>& node) {
      node->monitor->receive();
      return std::all_of(node->interfaces().begin(), node->interfaces().end(),
                         [&](const NodeInterface& interface) { return node->monitor->up(interface.name); });
    });
  };
  while (!all_up()) {
    if (std::chrono::steady_clock::now() > patience) return false;
    loop_.run_until(std::chrono::steady_clock::now() + std::chrono::milliseconds{5});
  }
  return true;
}

void NetnsTestbed::World::end_launch(Duration now) {
  if (!launch_.owns_lock()) return;
  const bool all_ready = std::none_of(nodes_.begin(), nodes_.end(), [](const std::unique_ptr<Node>& node) {
    return node->daemon && node->daemon->getting_ready();
  });
  if (all_ready || now > kLaunchTakes) launch_.unlock();
}

void NetnsTestbed::World::note_lateness(Duration due) {
  const Duration late = recorder_.clock.now() - due;
  if (late > worst_hiccup_.length) worst_hiccup_ = {due, late};
}

// ---------------------------------------------------------------- time

NetnsTestbed::World::Error NetnsTestbed::World::run_until(Duration until) {
  for (Duration now = recorder_.clock.now(); now < until; now = recorder_.clock.now()) {
    const Duration due = std::min(until, now + kHousekeeping);
    loop_.run_until(recorder_.clock.moment(due));
    note_lateness(due);
    end_bursts(recorder_.clock.now() - kBurstGap);
    end_launch(now);
    for (const std::unique_ptr<Node>& node : nodes_) {
      if (node->prober) node->prober->settle();
      if (node->daemon) node->daemon->settle_notes();
      if (node->ipvs) node->ipvs->look();
    }
  }
  if (until < scenario_.end) return std::nullopt;
  loop_.run_ready();
  end_bursts(until + kBurstGap);
  for (const std::unique_ptr<Node>& node : nodes_) {
    if (node->daemon) node->daemon->settle_notes(Duration::zero());
  }
  if (pcap_ == nullptr) return std::nullopt;
  const Why failed = std::exchange(pcap_, nullptr)->close();
  return failed ? Error{WorldError{{}, *failed}} : std::nullopt;
}

scenarios::WorldStatistics NetnsTestbed::World::statistics() const { return {frames_, frames_, 0}; }

std::optional<pid_t> NetnsTestbed::World::init_of(const std::string& name) const {
  for (const std::unique_ptr<Node>& node : nodes_) {
    if (node->name() == name && node->init_if_there() != nullptr) return node->init_if_there()->process();
  }
  return std::nullopt;
}

// ---------------------------------------------------------------- looking up

Node* NetnsTestbed::World::find(const std::string& name) {
  const auto found = std::find_if(nodes_.begin(), nodes_.end(),
                                  [&](const std::unique_ptr<Node>& node) { return node->name() == name; });
  return found == nodes_.end() ? nullptr : found->get();
}

std::vector<std::size_t> NetnsTestbed::World::segments(const std::string& name) const {
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < segments_.size(); ++i) {
    if (name.empty() || segments_[i]->name() == name) found.push_back(i);
  }
  return found;
}

const scenarios::DirectorSpec* NetnsTestbed::World::director_spec(const std::string& name) const {
  const auto& directors = scenario_.cluster.directors;
  const auto found = std::find_if(directors.begin(), directors.end(),
                                  [&](const scenarios::DirectorSpec& spec) { return spec.name == name; });
  return found == directors.end() ? nullptr : &*found;
}

}  // namespace vipdrift::netns
