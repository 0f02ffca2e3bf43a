// Clients, directors with IPVS and real servers together: what a client gets to see.
#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "protocol/ipvs/edits.h"
#include "scenarios/loader_test_support.h"
#include "scenarios/verdict.h"
#include "sim/probe_runner.h"
#include "sim/sim_testbed.h"
#include "sim/virtual_kernel.h"

namespace vipdrift::sim {
namespace {

using scenarios::Judgement;
using std::chrono::milliseconds;
using std::chrono::seconds;

const IpAddress kVip = IpAddress::v4(10, 1, 10, 7);
const IpAddress kRs1 = IpAddress::v4(10, 1, 10, 11);
const IpAddress kRs2 = IpAddress::v4(10, 1, 10, 12);

const char* kCluster =
    "directors:\n"
    "  lvs1: {config: lvs1.conf, address: 10.1.10.1/24, serves: [80], fwmarks: {3: [10.1.10.7:8080]},\n"
    "         scripts: {/bin/check: {always: fails, exit_status: 3, takes: 50ms}}}\n"
    "  lvs2: {config: lvs1.conf, address: 10.1.10.2/24}\n"
    "clients:\n"
    "  client: {address: 10.1.10.200/24}\n"
    "real_servers:\n"
    "  rs1: {address: 10.1.10.11/24, serves: {80: http, 8080: http, 53: udp, 25: smtp}, lvs_dr: 10.1.10.7}\n"
    "  rs2: {address: 10.1.10.12/24, serves: {80: http, 53: udp}, lvs_dr: 10.1.10.7}\n";

ipvs::ServiceKey http_service(std::uint16_t port = 80) { return {Family::ipv4, 0, ipvs::Transport::tcp, kVip, port}; }

ipvs::Server server(const IpAddress& address, ipvs::Method method = ipvs::Method::direct_route,
                    std::uint16_t port = 80) {
  ipvs::Server result{{address, port}, {}};
  result.settings.forwarding.method = method;
  return result;
}

/// A scenario whose IPVS tables are written by hand, and what its expectations come to.
class Play {
 public:
  explicit Play(const std::string& steps, const std::string& cluster = kCluster, const std::string& more = {}) {
    const scenarios::Files files{
        {"dir/cluster.yaml", cluster},
        {"dir/lvs1.conf",
         more + "vrrp_instance VI_1 {\n  interface eth0\n  virtual_router_id 51\n"
         "  virtual_ipaddress {\n    10.1.10.7\n  }\n}\n"}};
    auto loaded = scenarios::load_from(
        files, scenarios::with_steps("  - {at: 0s, add_address: {on: lvs1, address: 10.1.10.7/32, interface: eth0}}\n" +
                                     steps));
    EXPECT_TRUE(loaded.ok()) << scenarios::messages(loaded);
    if (!loaded.ok()) return;
    scenario_ = std::move(*loaded.scenario);
    EXPECT_FALSE(testbed.build(scenario_, {}, timeline_).has_value());
  }

  Play& table(const std::string& director, const std::vector<ipvs::Server>& servers,
              ipvs::ServiceKey key = http_service()) {
    ipvs::ServiceSettings settings;
    settings.scheduler = ipvs::Scheduler::rr;
    edit(director, ipvs::AddService{key, settings});
    for (const ipvs::Server& each : servers) edit(director, ipvs::AddServer{key, each});
    return *this;
  }
  void edit(const std::string& director, const ipvs::Edit& edit) {
    EXPECT_EQ(testbed.kernel(director)->edit_ipvs(edit), kDone);
  }
  /// `what` happens at `at`, before the steps of that time.
  Play& then(Duration at, std::function<void()> what) {
    extras_.emplace_back(at, std::move(what));
    return *this;
  }

  void expect_held() {
    std::size_t next = 0;
    const auto reach = [&](Duration at) {
      while (next < extras_.size() && extras_[next].first <= at) {
        testbed.run_until(extras_[next].first);
        extras_[next++].second();
      }
      testbed.run_until(at);
    };
    for (const scenarios::Step& step : scenario_.steps) {
      reach(step.at);
      const auto error = testbed.apply(step);
      EXPECT_FALSE(error.has_value()) << (error ? error->message : "");
    }
    reach(scenario_.end);
    timeline_.sort_by_time();
    for (const Judgement& judgement : scenarios::judge(scenario_, timeline_, {}).judgements) {
      EXPECT_TRUE(judgement.held) << judgement.expected << ": " << judgement.seen;
    }
  }

  SimTestbed testbed;

 private:
  scenarios::Scenario scenario_;
  scenarios::Timeline timeline_;
  std::vector<std::pair<Duration, std::function<void()>>> extras_;
};

std::string expect_answers(const std::string& at, const std::string& from, const std::string& length) {
  return "  - {at: " + at + ", expect: {answers: {url: \"http://10.1.10.7/\", from: " + from + "}, for: " + length +
         "}}\n";
}

// ---------------------------------------------------------------- direct routing

TEST(Balancing, RoundRobinAlternatesStrictly) {
  Play play{
      "  - {at: 1s, expect: {answers: {url: \"http://10.1.10.7/\", from: [rs1, rs2], in_turn: true, status: 200}, "
      "for: 10s}}\n"};
  play.table("lvs1", {server(kRs1), server(kRs2)}).expect_held();
}

TEST(Balancing, AStoppedServiceRefusesItsShareAndAStartedOneServesAgain) {
  Play play{
      "  - {at: 5s, stop_service: {node: rs1, port: 80}}\n"
      "  - {at: 6s, expect: {shares: {url: \"http://10.1.10.7/\", are: {rs1: 0%, rs2: 45..55%}}, for: 4s}}\n"
      "  - {at: 11s, start_service: {node: rs1, port: 80}}\n" +
      expect_answers("11s", "[rs1, rs2]", "4s")};
  play.table("lvs1", {server(kRs1), server(kRs2)}).expect_held();
}

TEST(Balancing, AnEmptyPoolRefuses) {
  Play play{"  - {at: 1s, expect: {refused: \"http://10.1.10.7/\", for: 5s}}\n"};
  play.table("lvs1", {}).expect_held();
}

TEST(Balancing, TheSorryServerIsTheDirectorItself) {
  Play play{expect_answers("1s", "lvs1", "5s")};
  play.table("lvs1", {server(IpAddress::v4(127, 0, 0, 1))}).expect_held();
}

TEST(Balancing, WithoutAServiceTheHostAnswersItself) {
  Play play{expect_answers("1s", "lvs1", "5s")};
  play.expect_held();
}

TEST(Balancing, ADeadMachineLetsItsShareTimeOut) {
  Play play{
      "  - {at: 5s, power_off: rs1}\n"
      "  - {at: 6s, expect: {shares: {url: \"http://10.1.10.7/\", are: {rs2: 45..55%}}, for: 4s}}\n"};
  play.table("lvs1", {server(kRs1), server(kRs2)}).expect_held();
}

TEST(Balancing, ASlowServiceAnswersLate) {
  Play play{
      "  - {at: 1s, request: {url: \"http://10.1.10.7/\", timeout: 1s}}\n"
      "  - {at: 1s, set_service: {node: rs1, port: 80, delay: 999ms}}\n" +
      expect_answers("1s", "rs1", "4s") +
      "  - {at: 6s, set_service: {node: rs1, port: 80, delay: 1s}}\n"
      "  - {at: 6s, expect: {not_answered: \"http://10.1.10.7/\", for: 4s}}\n"
      "  - {at: 12s, set_service: {node: rs1, port: 80, delay: 0s, drip: 1ms}}\n" +
      expect_answers("12s", "rs1", "4s") + "  - {at: 17s, set_service: {node: rs1, port: 80, drip: 100ms}}\n"
      "  - {at: 17s, expect: {not_answered: \"http://10.1.10.7/\", for: 4s}}\n"};
  play.table("lvs1", {server(kRs1)}).expect_held();
}

TEST(Balancing, AnErrorPageIsAnAnswerWithItsStatus) {
  Play play{
      "  - {at: 1s, set_service: {node: rs1, port: 80, status: 503}}\n"
      "  - {at: 1s, expect: {answers: {url: \"http://10.1.10.7/\", from: rs1, status: 503}, for: 4s}}\n"};
  play.table("lvs1", {server(kRs1)}).expect_held();
}

TEST(Balancing, DatagramsAreBalancedToo) {
  Play play{"  - {at: 1s, expect: {answers: {url: \"udp://10.1.10.7:53\", from: [rs1, rs2]}, for: 4s}}\n"};
  const ipvs::ServiceKey key{Family::ipv4, 0, ipvs::Transport::udp, kVip, 53};
  play.table("lvs1", {server(kRs1, ipvs::Method::direct_route, 53), server(kRs2, ipvs::Method::direct_route, 53)}, key)
      .expect_held();
}

TEST(Balancing, AMarkedServiceTakesWhatTheFirewallMarks) {
  ipvs::ServiceKey key;
  key.fwmark = 3;
  Play play{"  - {at: 1s, expect: {answers: {url: \"http://10.1.10.7:8080/\", from: rs1}, for: 4s}}\n"};
  play.table("lvs1", {server(kRs1, ipvs::Method::direct_route, 0)}, key).expect_held();
}

// ---------------------------------------------------------------- the end of a daemon

const ipvs::ServiceKey kForeign = http_service(8443);

std::string virtual_server(const std::string& global) {
  return "global_defs {\n  router_id a\n  " + global + "\n}\n" +
         "virtual_server 10.1.10.7 80 {\n  protocol TCP\n  lb_algo rr\n  lb_kind DR\n"
         "  real_server 10.1.10.11 80 {\n    TCP_CHECK {\n    }\n  }\n}\n";
}

/// What is left of a service of somebody else and of the daemon's own when the daemon has been stopped.
ipvs::Table left_after_stop(const std::string& global) {
  Play play{"  - {at: 0s, start: lvs1}\n  - {at: 5s, stop: lvs1}\n  - {at: 8s, note: the end}\n", kCluster,
            virtual_server(global)};
  play.table("lvs1", {server(kRs2, ipvs::Method::direct_route, 8443)}, kForeign).expect_held();
  return play.testbed.kernel("lvs1")->ipvs()->table();
}

TEST(Balancing, AStoppedDaemonTakesItsOwnServicesAlong) {
  const ipvs::Table left = left_after_stop("");
  EXPECT_EQ(left.size(), 1U);
  EXPECT_TRUE(left.contains(kForeign));
}

TEST(Balancing, AStoppedDaemonMayClearTheTable) {
  EXPECT_TRUE(left_after_stop("lvs_flush_on_stop").empty());
  EXPECT_EQ(left_after_stop("lvs_flush_on_stop VS").size(), 1U);
}

// ---------------------------------------------------------------- directors that are real servers

const char* kTwins =
    "directors:\n"
    "  lvs1: {config: lvs1.conf, address: 10.1.10.1/24, serves: [80], lvs_dr: 10.1.10.7,\n"
    "         fwmarks: {3: {to: 10.1.10.7:80, not_from: lvs2}}}\n"
    "  lvs2: {config: lvs1.conf, address: 10.1.10.2/24, serves: [80], lvs_dr: 10.1.10.7,\n"
    "         fwmarks: {3: {to: 10.1.10.7:80, not_from: lvs1}}}\n"
    "clients:\n"
    "  client: {address: 10.1.10.200/24}\n";

const std::vector<ipvs::Server> kBothTwins{server(IpAddress::v4(10, 1, 10, 1)), server(IpAddress::v4(10, 1, 10, 2))};

TEST(Balancing, TwoDirectorsThatAreRealServersSendTheirPacketsRoundUntilTheyDie) {
  Play play{
      "  - {at: 1s, expect: {shares: {url: \"http://10.1.10.7/\", are: {lvs1: 45..55%, lvs2: 20..30%}}, for: 4s}}\n",
      kTwins};
  play.table("lvs1", kBothTwins).table("lvs2", kBothTwins).expect_held();
}

TEST(Balancing, AMarkThatExceptsTheOtherDirectorEndsTheLoop) {
  ipvs::ServiceKey key;
  key.fwmark = 3;
  Play play{
      "  - {at: 1s, expect: {answers: {url: \"http://10.1.10.7/\", from: [lvs1, lvs2], in_turn: true}, for: 4s}}\n",
      kTwins};
  play.table("lvs1", kBothTwins, key).table("lvs2", kBothTwins, key).expect_held();
}

// ---------------------------------------------------------------- the article's slip

TEST(Balancing, RealServersThatAnswerArpDrawClientsPastTheDirector) {
  const std::string steps =
      "  - {at: 5s, flush_arp: client}\n"
      "  - {at: 5s, expect: {believes: {vip: 10.1.10.7, node: NODE}, within: 1s}}\n" +
      expect_answers("6s", "FROM", "5s");
  const auto with = [&](std::string node, std::string from) {
    std::string text = steps;
    text.replace(text.find("NODE"), 4, node);
    text.replace(text.find("FROM"), 4, from);
    return text;
  };
  std::string wrong = kCluster;
  for (std::size_t at = wrong.find("lvs_dr: 10.1.10.7"); at != std::string::npos;
       at = wrong.find("lvs_dr: 10.1.10.7")) {
    wrong.replace(at, 17, "lvs_dr: {vips: [10.1.10.7], arp_ignore: 0, arp_announce: 1}");
  }
  Play right{with("lvs1", "[rs1, rs2]")};
  right.table("lvs1", {server(kRs1), server(kRs2)}).expect_held();
  // The first answer wins: while the director's is late, a real server's does.
  Play past{
      "  - {at: 4s, pause_node: lvs1}\n  - {at: 5s, flush_arp: client}\n  - {at: 5500ms, resume_node: lvs1}\n"
      "  - {at: 6s, expect: {believes: {vip: 10.1.10.7, node: rs1}, for: 5s}}\n" +
          expect_answers("6s", "rs1", "5s"),
      wrong};
  past.table("lvs1", {server(kRs1), server(kRs2)}).expect_held();
}

// ---------------------------------------------------------------- translation and tunnels

TEST(Balancing, NatAnswersThroughTheDirector) {
  const std::string cluster =
      "segments: {outside: {}, inside: {}}\n"
      "directors:\n"
      "  lvs1:\n"
      "    config: lvs1.conf\n"
      "    interfaces:\n"
      "      eth0: {segment: outside, address: 10.1.10.1/24}\n"
      "      eth1: {segment: inside, address: 192.168.0.1/24}\n"
      "clients:\n"
      "  client: {address: 10.1.10.200/24, segment: outside}\n"
      "real_servers:\n"
      "  rs1: {address: 192.168.0.11/24, segment: inside, gateway: 192.168.0.1, serves: [8080]}\n"
      "  rs2: {address: 192.168.0.12/24, segment: inside, gateway: 192.168.0.1, serves: [8080]}\n"
      "  rs3: {address: 192.168.0.13/24, segment: inside, serves: [8080]}\n";
  const auto nat = [](std::uint8_t number) {
    return server(IpAddress::v4(192, 168, 0, number), ipvs::Method::masquerade, 8080);
  };
  Play play{"  - {at: 1s, expect: {answers: {url: \"http://10.1.10.7/\", from: [rs1, rs2], in_turn: true}, for: 5s}}\n"
            "  - {at: 1s, expect: {connection: {to: \"10.1.10.7:80\", is: alive}, within: 2s, for: 5s}}\n",
            cluster};
  play.table("lvs1", {nat(11), nat(12)}).expect_held();
  // Whose answers do not come back through the director, nobody hears.
  Play lost{"  - {at: 1s, expect: {not_answered: \"http://10.1.10.7/\", for: 5s}}\n", cluster};
  lost.table("lvs1", {nat(13)}).expect_held();
}

TEST(Balancing, ATunnelReachesServersOfAnotherSegment) {
  const std::string cluster =
      "segments: {here: {}, there: {}}\n"
      "directors:\n"
      "  lvs1:\n"
      "    config: lvs1.conf\n"
      "    interfaces:\n"
      "      eth0: {segment: here, address: 10.1.10.1/24}\n"
      "      eth1: {segment: there, address: 10.2.0.1/24}\n"
      "clients:\n"
      "  client: {address: 10.1.10.200/24, segment: here}\n"
      "real_servers:\n"
      "  rs1:\n"
      "    interfaces:\n"
      "      eth0: {segment: there, address: 10.2.0.11/24}\n"
      "      eth1: {segment: here, address: 10.1.10.11/24}\n"
      "    lvs_tun: 10.1.10.7\n"
      "    serves: [80]\n"
      "  rs2: {address: 10.2.0.12/24, segment: there, serves: [80]}\n";
  Play play{expect_answers("1s", "rs1", "5s"), cluster};
  play.table("lvs1", {server(IpAddress::v4(10, 2, 0, 11), ipvs::Method::tunnel)}).expect_held();
  Play unprepared{"  - {at: 1s, expect: {not_answered: \"http://10.1.10.7/\", for: 5s}}\n", cluster};
  unprepared.table("lvs1", {server(IpAddress::v4(10, 2, 0, 12), ipvs::Method::tunnel)}).expect_held();
}

// ---------------------------------------------------------------- long-lived connections

std::string expect_connection(const std::string& at, const std::string& is, const std::string& when) {
  return "  - {at: " + at + ", expect: {connection: {to: \"10.1.10.7:80\", is: " + is + "}, " + when + "}}\n";
}

TEST(Balancing, AConnectionOutlivesItsServersWeightAndNotItsService) {
  Play play{expect_connection("0s", "alive, node: rs1", "within: 1s, for: 9s") +
            expect_connection("10s", "broken", "within: 3s") + "  - {at: 10s, stop_service: {node: rs1, port: 80}}\n"};
  play.table("lvs1", {server(kRs1)}).then(seconds{5}, [&] {
    ipvs::Server silent = server(kRs1);
    silent.settings.weight = 0;
    play.edit("lvs1", ipvs::SetServer{http_service(), silent});
  });
  play.expect_held();
}

TEST(Balancing, AConnectionToARemovedServerStalls) {
  Play play{expect_connection("0s", "alive", "within: 1s, for: 3s") +
            expect_connection("5s", "stalled", "within: 3s, for: 20s")};
  play.table("lvs1", {server(kRs1)}).then(seconds{5}, [&] {
    play.edit("lvs1", ipvs::RemoveServer{http_service(), server(kRs1).key});
  });
  play.expect_held();
}

/// At 5.5 s the address moves from lvs1 to lvs2.
void move_address(Play& play) {
  play.then(milliseconds{5500}, [&] {
    VirtualKernel& from = *play.testbed.kernel("lvs1");
    VirtualKernel& to = *play.testbed.kernel("lvs2");
    from.remove_address(InterfaceId{1}, kVip);
    to.add_address(InterfaceId{1}, {kVip, 32}, "", Duration{0}, {});
    to.announce(InterfaceId{1}, kVip, {});
  });
}

TEST(Balancing, TheSyncDaemonCarriesConnectionsOverAFailover) {
  for (const bool synced : {false, true}) {
    Play play{expect_connection("0s", "alive, node: rs1", "within: 1s, for: 4s") +
              expect_connection("6s", synced ? "alive, node: rs1" : "broken", "within: 1s, for: 20s")};
    play.table("lvs1", {server(kRs1)}).table("lvs2", {server(kRs1)});
    if (synced) {
      play.testbed.kernel("lvs1")->set_ipvs_sync({.master = true, .interface = InterfaceId{1}, .id = 7});
      play.testbed.kernel("lvs2")->set_ipvs_sync({.backup = true, .interface = InterfaceId{1}, .id = 7});
    }
    move_address(play);
    play.expect_held();
  }
}

// ---------------------------------------------------------------- probes of a director

struct Probed {
  check::ProbeResult result;
  Duration at{0};
  bool done = false;
};

Probed probe(const check::Probe& what, const std::function<void(SimTestbed&)>& before = {},
             Duration length = seconds{20}) {
  Play play{"  - {at: 30s, note: end}\n"};
  if (before) before(play.testbed);
  play.testbed.run_until(seconds{1});
  Probed probed;
  // Probes leave at 1 s; the time of the answer is known to a millisecond.
  play.testbed.probes("lvs1")->start(what, [&](const check::ProbeResult& result) {
    probed.result = result;
    probed.done = true;
  });
  for (Duration at = seconds{1}; at < seconds{1} + length && !probed.done; at += milliseconds{1}) {
    probed.at = at - seconds{1};
    play.testbed.run_until(at);
  }
  return probed;
}

check::Connection to(const IpAddress& address, std::uint16_t port, Duration timeout = seconds{5}) {
  check::Connection connection;
  connection.address = address;
  connection.port = port;
  connection.timeout = timeout;
  return connection;
}

TEST(Probes, TellWhoIsThere) {
  EXPECT_EQ(probe(check::TcpProbe{to(kRs1, 80)}).result.outcome, check::Outcome::answered);
  EXPECT_EQ(probe(check::TcpProbe{to(kRs1, 81)}).result.outcome, check::Outcome::refused);
  EXPECT_EQ(probe(check::PingProbe{to(kRs2, 0)}).result.outcome, check::Outcome::answered);
  EXPECT_EQ(probe(check::SmtpProbe{to(kRs1, 25), "lvs1"}).result.outcome, check::Outcome::answered);
  EXPECT_EQ(probe(check::TcpProbe{to(IpAddress::v4(127, 0, 0, 1), 80)}).result.outcome, check::Outcome::answered);
}

TEST(Routes, FollowAddressesInterfacesAndTheGateway) {
  Play play{"  - {at: 30s, note: end}\n"};
  VirtualKernel& kernel = *play.testbed.kernel("lvs1");
  const InterfaceId first = kernel.interface_named("eth0");
  const IpAddress near = IpAddress::v4(10, 1, 10, 77);
  const IpAddress far = IpAddress::v4(192, 0, 2, 1);
  const IpAddress gateway = IpAddress::v4(10, 1, 10, 254);
  EXPECT_EQ(kernel.route_to(near), (Route{first, near, false}));
  EXPECT_EQ(kernel.route_to(far), (Route{first, far, false}));
  kernel.add_address(first, {near, 32}, "", Duration{0}, {});
  EXPECT_TRUE(kernel.holds(near));
  EXPECT_EQ(kernel.route_to(near), (Route{first, near, true}));
  EXPECT_EQ(kernel.source_for(*kernel.route_to(near), near), near);
  kernel.remove_address(first, near);
  EXPECT_FALSE(kernel.holds(near));
  EXPECT_EQ(kernel.route_to(near), (Route{first, near, false}));
  kernel.set_gateway(gateway);
  EXPECT_EQ(kernel.route_to(far), (Route{first, gateway, false}));
  EXPECT_EQ(kernel.source_for(*kernel.route_to(far), far), IpAddress::v4(10, 1, 10, 1));
  kernel.set_link(first, false);
  EXPECT_EQ(kernel.route_to(far), std::nullopt);
  kernel.set_link(first, true);
  EXPECT_EQ(kernel.route_to(far), (Route{first, gateway, false}));
  kernel.delete_interface(first);
  EXPECT_EQ(kernel.route_to(far), std::nullopt);
  const InterfaceId second = kernel.create_interface("eth0");
  EXPECT_EQ(kernel.route_to(far), (Route{second, gateway, false}));
  kernel.add_loopback_address(far);
  EXPECT_TRUE(kernel.holds(far));
}

TEST(Probes, ReadPages) {
  check::HttpProbe http;
  http.connection = to(kRs1, 80);
  http.path = "/";
  http.wants_digest = true;
  http.pattern = check::BodyPattern{"RS[0-9]", {"caseless"}, 0, {}};
  const Probed probed = probe(http);
  EXPECT_EQ(probed.result.outcome, check::Outcome::answered);
  EXPECT_EQ(probed.result.code, 200);
  EXPECT_EQ(probed.result.digest, "7a6c0d2ef5a9e6e1776090916c66ba3a");
  EXPECT_TRUE(probed.result.pattern_found);
}

TEST(Probes, EndWithTheirTime) {
  const auto slow = [](Duration delay, Duration drip) {
    return [=](SimTestbed& testbed) {
      scenarios::SetService set;
      set.node = "rs1";
      set.port = 80;
      set.delay = delay;
      set.drip = drip;
      EXPECT_FALSE(testbed.apply({{}, {}, "", set}).has_value());
    };
  };
  check::HttpProbe http;
  http.connection = to(kRs1, 80, seconds{2});
  http.path = "/";
  EXPECT_EQ(probe(http, slow(milliseconds{1998}, Duration{0})).result.outcome, check::Outcome::answered);
  const Probed late = probe(http, slow(seconds{3}, Duration{0}));
  EXPECT_EQ(late.result.outcome, check::Outcome::timed_out);
  EXPECT_EQ(late.at, seconds{2});
  EXPECT_EQ(probe(http, slow(Duration{0}, milliseconds{100})).result.outcome, check::Outcome::timed_out);
}

TEST(Probes, WhoseTimeOutRestartsEndWithASilence) {
  const auto dripping = [](Duration drip) {
    return [=](SimTestbed& testbed) {
      scenarios::SetService set;
      set.node = "rs1";
      set.port = 80;
      set.drip = drip;
      EXPECT_FALSE(testbed.apply({{}, {}, "", set}).has_value());
    };
  };
  check::HttpProbe http;
  http.connection = to(kRs1, 80, milliseconds{200});
  http.connection.restarts_timeout = true;
  http.path = "/";
  const Probed patient = probe(http, dripping(milliseconds{190}));
  EXPECT_EQ(patient.result.outcome, check::Outcome::answered);
  EXPECT_GT(patient.at, seconds{1});
  EXPECT_EQ(probe(http, dripping(milliseconds{210})).result.outcome, check::Outcome::timed_out);
}

TEST(Probes, OfAMachineThatIsOffEndUnreachable) {
  const auto off = [](SimTestbed& testbed) {
    EXPECT_FALSE(testbed.apply({{}, {}, "", scenarios::PowerOff{{"rs1"}}}).has_value());
  };
  const Probed early = probe(check::TcpProbe{to(kRs1, 80, seconds{1})}, off);
  EXPECT_EQ(early.result.outcome, check::Outcome::timed_out);
  const Probed probed = probe(check::TcpProbe{to(kRs1, 80, seconds{5})}, off);
  EXPECT_EQ(probed.result.outcome, check::Outcome::unreachable);
  EXPECT_EQ(probed.at, seconds{3});
}

TEST(Probes, RunProgramsByTheirModels) {
  check::MiscProbe misc;
  misc.command.argv = {"/bin/check", "rs1"};
  misc.timeout = seconds{1};
  EXPECT_EQ(probe(misc).result.code, 3);
  misc.timeout = milliseconds{49};
  const Probed killed = probe(misc);
  EXPECT_EQ(killed.result.outcome, check::Outcome::timed_out);
  EXPECT_TRUE(killed.result.signalled);
  misc.command.argv = {"/bin/true"};
  EXPECT_EQ(probe(misc).result.code, 0);
}

TEST(Probes, AskWithDatagrams) {
  check::UdpProbe udp;
  udp.connection = to(kRs1, 53);
  udp.wants_reply = true;
  udp.reply = {7, 2, 7, {}};  // "r" and "s"
  EXPECT_EQ(probe(udp).result.outcome, check::Outcome::answered);
  udp.reply = {7, 3};
  EXPECT_EQ(probe(udp).result.outcome, check::Outcome::broken);
  udp.connection.port = 54;
  EXPECT_EQ(probe(udp).result.outcome, check::Outcome::refused);
}

TEST(Probes, ThatAreAbandonedTellNothing) {
  Play play{"  - {at: 30s, note: end}\n"};
  bool told = false;
  const ProbeId id = play.testbed.probes("lvs1")->start(check::TcpProbe{to(kRs1, 80)},
                                                        [&](const check::ProbeResult&) { told = true; });
  play.testbed.probes("lvs1")->abandon(id);
  play.testbed.run_until(seconds{10});
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace vipdrift::sim
