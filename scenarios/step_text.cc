#include "scenarios/step_text.h"

#include "scenarios/durations.h"
#include "scenarios/target.h"
#include "scenarios/timeline.h"

namespace vipdrift::scenarios {
namespace {

std::string joined(const std::vector<std::string>& names) {
  std::string line;
  for (const std::string& name : names) line += (line.empty() ? "" : ", ") + name;
  return line;
}

std::string of_part(const std::vector<std::string>& directors, DaemonPart part) {
  return (part == DaemonPart::daemon ? "" : std::string{to_string(part)} + " of ") + joined(directors);
}

std::string on(const std::string& segment) { return segment.empty() ? "" : " on " + segment; }

std::string faults_text(const LinkFaults& faults) {
  std::string line;
  if (faults.cut) line += " cut";
  if (faults.loss.value != 0) line += " loss " + to_text(faults.loss);
  if (faults.delay != Duration{0}) line += " delay " + to_text(faults.delay);
  if (faults.jitter != Duration{0}) line += " jitter " + to_text(faults.jitter);
  if (faults.duplication.value != 0) line += " duplication " + to_text(faults.duplication);
  if (faults.reordering.value != 0) line += " reordering " + to_text(faults.reordering);
  if (faults.corruption.value != 0) line += " corruption " + to_text(faults.corruption);
  return line.empty() ? " none" : line;
}

struct Describer {
  std::string operator()(const StartDaemon& it) const { return "start " + joined(it.directors); }
  std::string operator()(const StopDaemon& it) const { return "stop " + joined(it.directors); }
  std::string operator()(const CrashDaemon& it) const { return "crash " + of_part(it.directors, it.part); }
  std::string operator()(const PauseDaemon& it) const { return "pause " + of_part(it.directors, it.part); }
  std::string operator()(const ResumeDaemon& it) const { return "resume " + of_part(it.directors, it.part); }
  std::string operator()(const PowerOff& it) const { return "power off " + joined(it.nodes); }
  std::string operator()(const PowerOn& it) const { return "power on " + joined(it.nodes); }
  std::string operator()(const PauseNode& it) const { return "pause machine " + joined(it.nodes); }
  std::string operator()(const ResumeNode& it) const { return "resume machine " + joined(it.nodes); }
  std::string operator()(const ReloadDaemon& it) const {
    return "reload " + it.director + (it.config_file ? " with " + *it.config_file : "");
  }
  std::string operator()(const InterfaceDown& it) const { return "interface down " + it.node + " " + it.interface; }
  std::string operator()(const InterfaceUp& it) const { return "interface up " + it.node + " " + it.interface; }
  std::string operator()(const DeleteInterface& it) const {
    return "delete interface " + it.node + " " + it.interface;
  }
  std::string operator()(const CreateInterface& it) const {
    return "create interface " + it.node + " " + it.interface;
  }
  std::string operator()(const Isolate& it) const { return "isolate " + it.node; }
  std::string operator()(const Partition& it) const {
    std::string line;
    for (const auto& group : it.groups) line += (line.empty() ? "" : " | ") + joined(group);
    return "partition" + on(it.segment) + ": " + line;
  }
  std::string operator()(const CutOneWay& it) const { return "cut " + it.from + " -> " + it.to + on(it.segment); }
  std::string operator()(const Heal&) const { return "heal"; }
  std::string operator()(const SetFaults& it) const {
    const std::string direction = it.from_node && it.to_node ? "" : it.from_node ? " out" : " in";
    const std::string where = it.node.empty() ? on(it.segment) : " of " + it.node + on(it.segment) + direction;
    return "faults" + where + ":" + faults_text(it.faults);
  }
  std::string operator()(const TouchFile& it) const { return "touch " + it.path + " on " + it.node; }
  std::string operator()(const RemoveFile& it) const { return "remove " + it.path + " on " + it.node; }
  std::string operator()(const StartProcess& it) const { return "start process " + it.process + " on " + it.node; }
  std::string operator()(const StopProcess& it) const { return "stop process " + it.process + " on " + it.node; }
  std::string operator()(const RemoveAddressByHand& it) const {
    return "remove address " + it.address.to_string() + " on " + it.node;
  }
  std::string operator()(const AddAddressByHand& it) const {
    return "add address " + it.address.to_string() + " on " + it.node + " " + it.interface;
  }
  std::string operator()(const StepClock& it) const { return "step clock of " + it.node + " by " + to_text(it.by); }
  std::string operator()(const InjectAdvertisement& it) const {
    return "advertise vrid " + std::to_string(it.vrid) + " priority " + std::to_string(it.priority) + " from " +
           it.source.to_string() +
           (it.times > 1 ? ", " + std::to_string(it.times) + " times every " + to_text(it.every) : "");
  }
  std::string operator()(const InjectArp& it) const {
    return "gratuitous ARP " + it.address.to_string() + " at " + it.mac.to_string() + on(it.segment);
  }
  std::string operator()(const FlushArp& it) const { return "flush ARP of " + it.client; }
  std::string operator()(const StartProbe& it) const {
    return "probe " + target_text(it.target, it.port) + " from " + it.client + " every " + to_text(it.every);
  }
  std::string operator()(const StopService& it) const {
    return "stop service " + std::to_string(it.port) + " of " + it.node;
  }
  std::string operator()(const StartService& it) const {
    return "start service " + std::to_string(it.port) + " of " + it.node;
  }
  std::string operator()(const SetService& it) const {
    std::string line = "service " + std::to_string(it.port) + " of " + it.node + ":";
    if (it.status) line += " status " + std::to_string(*it.status);
    if (it.delay) line += " delay " + to_text(*it.delay);
    if (it.drip) line += " drip " + to_text(*it.drip);
    if (it.body) line += " another body";
    return line;
  }
  std::string operator()(const StartRequests& it) const {
    return "request " + to_string(it.url) + " from " + it.client + " every " + to_text(it.every);
  }
  std::string operator()(const OpenConnection& it) const {
    return "connect " + it.client + " to " + target_text(it.target, it.port);
  }
  std::string operator()(const EditIpvs& it) const {
    return "edit IPVS on " + it.director + ": " + (it.edit ? to_string(*it.edit) : "clear");
  }
  std::string operator()(const Comment& it) const { return it.text; }
};

}  // namespace

std::string describe(const StepAction& action) { return std::visit(Describer{}, action); }

}  // namespace vipdrift::scenarios
