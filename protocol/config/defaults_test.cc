// What is read from a file, and what stands there when nothing is written.
#include <gtest/gtest.h>

#include "protocol/config/test_support.h"

namespace vipdrift::config {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::accepted;
using testing::accepted_silently;
using testing::instance;
using testing::read_instance;

TEST(Defaults, OfAnInstance) {
  const Configuration configuration = accepted_silently(instance(""));
  ASSERT_EQ(configuration.instances.size(), 1U);
  VrrpInstance expected;
  expected.name = "VI_1";
  expected.place = {"k.conf", 1, 1};
  expected.interface = "eth0";
  expected.virtual_router_id = 51;
  expected.priority = 100;
  expected.virtual_addresses.emplace_back().address = IpAddress::v4(10, 0, 0, 1);
  EXPECT_EQ(configuration.instances[0], expected);
  EXPECT_EQ(configuration.instances[0].place, expected.place);
  EXPECT_EQ(configuration.global, GlobalDefs{});
}

TEST(Defaults, OfTrackedObjects) {
  const Configuration configuration = accepted_silently(
      "vrrp_script s {\n script /bin/true\n}\ntrack_file f {\n file /f\n}\nvrrp_track_process p {\n process sshd\n}\n");
  const VrrpScript& script = configuration.scripts.at(0);
  EXPECT_EQ(script.command.argv, std::vector<std::string>{"/bin/true"});
  EXPECT_EQ(script.interval, seconds{1});
  EXPECT_EQ(script.timeout, seconds{0});
  EXPECT_EQ(script.weight, 0);
  EXPECT_EQ(script.rise, 1);
  EXPECT_EQ(script.fall, 1);
  EXPECT_FALSE(script.init_fail);
  EXPECT_FALSE(script.disabled);
  EXPECT_EQ(configuration.track_files.at(0).weight, 1);
  EXPECT_EQ(configuration.track_files.at(0).init_file, InitFile::leave);
  EXPECT_EQ(configuration.track_processes.at(0).weight, 0);
  EXPECT_EQ(configuration.track_processes.at(0).quorum, 1);
}

TEST(Defaults, OfAVirtualServer) {
  const Configuration configuration = accepted("virtual_server 10.0.0.1 80 {\n real_server 10.0.0.2 {\n }\n}\n");
  const VirtualServer& server = configuration.virtual_servers.at(0);
  EXPECT_EQ(server.settings.scheduler, ipvs::Scheduler::wlc);
  EXPECT_EQ(server.forwarding.method, ipvs::Method::masquerade);
  EXPECT_EQ(server.transport, ipvs::Transport::udp);
  EXPECT_EQ(server.delay_loop, seconds{60});
  EXPECT_EQ(server.quorum, 1);
  EXPECT_EQ(server.real_servers.at(0).port, 80);
  EXPECT_EQ(server.real_servers.at(0).weight, 1);
}

TEST(Globals, AreAllRead) {
  const Configuration configuration = accepted_silently(R"(
global_defs {
  notification_email {
    a@b c@d
    e@f
  }
  notification_email_from from@x
  smtp_server mail.example.org 2525
  smtp_connect_timeout 7
  smtp_alert
  router_id r1
  vrrp_version 3
  vrrp_mcast_group4 224.0.4.18
  vrrp_mcast_group6 ff02::99
  vrrp_startup_delay 5.5
  enable_script_security
  script_user nobody nogroup
  vrrp_notify_fifo /run/fifo reader readers
  notify_fifo /run/all
  notify_fifo_script "/bin/hears all"
  smtp_helo_name lb1.example.com
  vrrp_notify_fifo_script "/bin/reader x"
  vrrp_higher_prio_send_advert
  vrrp_lower_prio_no_advert on
  log_unknown_vrids
}
)");
  GlobalDefs expected;
  expected.notification_email = {"a@b", "c@d", "e@f"};
  expected.notification_email_from = "from@x";
  expected.smtp_server = "mail.example.org";
  expected.smtp_port = 2525;
  expected.smtp_connect_timeout = seconds{7};
  expected.smtp_alert = true;
  expected.router_id = "r1";
  expected.vrrp_version = vrrp::Version::v3;
  expected.vrrp_mcast_group4 = IpAddress::v4(224, 0, 4, 18);
  expected.vrrp_mcast_group6 = *IpAddress::parse("ff02::99");
  expected.vrrp_startup_delay = milliseconds{5500};
  expected.enable_script_security = true;
  expected.script_user = "nobody";
  expected.script_group = "nogroup";
  expected.vrrp_notify_fifo = {.path = "/run/fifo", .user = "reader", .group = "readers", .script = {}};
  expected.vrrp_notify_fifo.script.argv = {"/bin/reader", "x"};
  expected.notify_fifo.path = "/run/all";
  expected.notify_fifo.script.argv = {"/bin/hears", "all"};
  expected.smtp_helo_name = "lb1.example.com";
  expected.vrrp_higher_prio_send_advert = true;
  expected.vrrp_lower_prio_no_advert = true;
  expected.log_unknown_vrids = true;
  EXPECT_EQ(configuration.global, expected);
}

TEST(Instance, EveryStatementIsRead) {
  const VrrpInstance read = accepted_silently(R"(
vrrp_instance X {
  state BACKUP
  interface eth0
  virtual_router_id 255
  priority 254
  version 3
  advert_int 0.25
  down_timer_adverts 4
  preempt_delay 4.12
  no_accept
  strict_mode off
  higher_prio_send_advert
  lower_prio_no_advert
  owner_ignore_adverts
  dont_track_primary
  v3_checksum_as_v2
  use_vmac vr51
  vmac_xmit_base
  unicast_src_ip 10.0.0.254
  unicast_peer {
    10.0.0.253 min_ttl 254 max_ttl 255
    10.0.0.252
  }
  virtual_ipaddress {
    10.0.0.1/24 brd 10.0.0.255 dev eth1 scope link label eth1:a no_track
    10.0.0.2 peer 10.0.0.3
    10.0.0.4/30 brd +
  }
  virtual_ipaddress_excluded {
    2001:db8::1
  }
  garp_master_delay 1
  garp_master_repeat 2
  garp_master_refresh 3
  garp_master_refresh_repeat 4
  garp_lower_prio_delay 5
  garp_lower_prio_repeat 6
  notify_priority_changes
  smtp_alert
  notify_master "/n master" alice staff
  notify_backup /n bob
  notify_fault "/n 'a fault'"
  notify_stop /stop
  notify_deleted /deleted
  notify_master_rx_lower_pri /rx
  notify /any
}
)")
                                .instances.at(0);
  EXPECT_EQ(read.state, WantedState::backup);
  EXPECT_EQ(read.virtual_router_id, 255);
  EXPECT_EQ(read.priority, 254);
  EXPECT_EQ(read.version, vrrp::Version::v3);
  EXPECT_EQ(read.advert_int, milliseconds{250});
  EXPECT_EQ(read.down_timer_adverts, 4);
  EXPECT_EQ(read.preempt_delay, milliseconds{4120});
  EXPECT_FALSE(read.accept);
  EXPECT_FALSE(read.strict);
  EXPECT_TRUE(read.higher_prio_send_advert);
  EXPECT_TRUE(read.lower_prio_no_advert);
  EXPECT_TRUE(read.owner_ignore_adverts);
  EXPECT_TRUE(read.dont_track_primary);
  EXPECT_TRUE(read.v3_checksum_as_v2);
  EXPECT_TRUE(read.use_vmac);
  EXPECT_EQ(read.vmac_name, "vr51");
  EXPECT_TRUE(read.vmac_xmit_base);
  EXPECT_EQ(read.source, IpAddress::v4(10, 0, 0, 254));
  ASSERT_EQ(read.unicast_peers.size(), 2U);
  EXPECT_EQ(read.unicast_peers[0], (UnicastPeer{IpAddress::v4(10, 0, 0, 253), 254, 255}));
  EXPECT_EQ(read.unicast_peers[1], (UnicastPeer{IpAddress::v4(10, 0, 0, 252), 0, 255}));
  EXPECT_TRUE(read.check_unicast_source);
  ASSERT_EQ(read.virtual_addresses.size(), 3U);
  const VirtualAddress& first = read.virtual_addresses[0];
  EXPECT_EQ(first.prefix_length, 24);
  EXPECT_EQ(first.broadcast, IpAddress::v4(10, 0, 0, 255));
  EXPECT_EQ(first.device, "eth1");
  EXPECT_EQ(first.scope, "link");
  EXPECT_EQ(first.label, "eth1:a");
  EXPECT_TRUE(first.no_track);
  EXPECT_EQ(read.virtual_addresses[1].prefix_length, 32);
  EXPECT_EQ(read.virtual_addresses[1].peer, IpAddress::v4(10, 0, 0, 3));
  EXPECT_TRUE(read.virtual_addresses[2].broadcast_from_prefix);
  EXPECT_EQ(read.excluded_addresses.at(0).prefix_length, 128);
  EXPECT_EQ(read.garp_master_delay, seconds{1});
  EXPECT_EQ(read.garp_master_repeat, 2);
  EXPECT_EQ(read.garp_master_refresh, seconds{3});
  EXPECT_EQ(read.garp_master_refresh_repeat, 4);
  EXPECT_EQ(read.garp_lower_prio_delay, seconds{5});
  EXPECT_EQ(read.garp_lower_prio_repeat, 6);
  EXPECT_TRUE(read.notify_priority_changes);
  EXPECT_TRUE(read.smtp_alert);
  EXPECT_EQ(read.notifies->master.argv, (std::vector<std::string>{"/n", "master"}));
  EXPECT_EQ(read.notifies->master.user, "alice");
  EXPECT_EQ(read.notifies->master.group, "staff");
  EXPECT_EQ(read.notifies->master.place, (Place{"k.conf", 41, 3}));
  EXPECT_EQ(read.notifies->backup.argv, std::vector<std::string>{"/n"});
  EXPECT_EQ(read.notifies->backup.user, "bob");
  EXPECT_EQ(read.notifies->fault.argv, (std::vector<std::string>{"/n", "a fault"}));
  EXPECT_EQ(read.notifies->stop.argv, std::vector<std::string>{"/stop"});
  EXPECT_EQ(read.notifies->deleted.argv, std::vector<std::string>{"/deleted"});
  EXPECT_EQ(read.notifies->master_rx_lower_priority.argv, std::vector<std::string>{"/rx"});
  EXPECT_EQ(read.notifies->generic.argv, std::vector<std::string>{"/any"});
}

TEST(Tracking, ObjectsAndTheirUsersAreRead) {
  const Configuration read = accepted_silently(R"(
vrrp_script s {
  script "/bin/check 'a b'"
  interval 2
  timeout 3
  weight -5 reverse
  rise 2
  fall 3
  init_fail
  user alice staff
}
track_file f {
  file "/tmp/a b"
  weight -254 reverse
  init_file 7 overwrite
}
vrrp_track_file g {
  file /g
  init_file
}
vrrp_track_process p {
  process httpd
  weight 10
  quorum 2
  quorum_max 5
  delay 0.5
}
vrrp_track_process q {
  process java -jar x
  fork_delay 1
  terminate_delay 2
}
)" + instance(R"(
  track_script {
    s
  }
  track_interface {
    eth1
    eth2 weight -253 reverse
  }
  track_file {
    f weight 254 noreverse
    g
  }
  track_process {
    p weight 3 reverse
    q
  })"));
  const VrrpScript& script = read.scripts.at(0);
  EXPECT_EQ(script.command.argv, (std::vector<std::string>{"/bin/check", "a b"}));
  EXPECT_EQ(script.command.user, "alice");
  EXPECT_EQ(script.command.group, "staff");
  EXPECT_EQ(script.interval, seconds{2});
  EXPECT_EQ(script.timeout, seconds{3});
  EXPECT_EQ(script.weight, -5);
  EXPECT_TRUE(script.reverse);
  EXPECT_EQ(script.rise, 2);
  EXPECT_EQ(script.fall, 3);
  EXPECT_TRUE(script.init_fail);
  EXPECT_EQ(read.track_files.at(0).path, "/tmp/a b");
  EXPECT_EQ(read.track_files.at(0).weight, -254);
  EXPECT_TRUE(read.track_files.at(0).reverse);
  EXPECT_EQ(read.track_files.at(0).init_file, InitFile::overwrite);
  EXPECT_EQ(read.track_files.at(0).init_value, 7);
  EXPECT_EQ(read.track_files.at(1).init_file, InitFile::create);
  EXPECT_EQ(read.track_processes.at(0).quorum_max, 5);
  EXPECT_EQ(read.track_processes.at(0).fork_delay, milliseconds{500});
  EXPECT_EQ(read.track_processes.at(0).terminate_delay, milliseconds{500});
  EXPECT_EQ(read.track_processes.at(1).process, "java -jar x");
  EXPECT_TRUE(read.track_processes.at(1).full_command);
  EXPECT_EQ(read.track_processes.at(1).terminate_delay, seconds{2});
  const VrrpInstance& user = read.instances.at(0);
  EXPECT_EQ(user.track_scripts, (std::vector<Tracked>{{"s", std::nullopt, false}}));
  EXPECT_EQ(user.track_interfaces, (std::vector<Tracked>{{"eth1", std::nullopt, false}, {"eth2", -253, true}}));
  EXPECT_EQ(user.track_files, (std::vector<Tracked>{{"f", 254, false}, {"g", std::nullopt, false}}));
  EXPECT_EQ(user.track_processes, (std::vector<Tracked>{{"p", 3, true}, {"q", std::nullopt, false}}));
}

TEST(SyncGroup, IsRead) {
  const Configuration read = accepted_silently(
      "vrrp_script s {\n script /bin/true\n weight 2\n}\nvrrp_sync_group G {\n group {\n A\n B\n }\n"
      " sync_group_tracking_weight\n smtp_alert\n track_script {\n s weight 3\n }\n track_interface {\n eth1\n }\n"
      " notify_master /m\n notify /any\n}\n" +
      instance("", "A", 1) + instance("track_script {\ns\n}", "B", 2));
  const SyncGroup& group = read.sync_groups.at(0);
  EXPECT_EQ(group.name, "G");
  EXPECT_EQ(group.members, (std::vector<std::string>{"A", "B"}));
  EXPECT_TRUE(group.sync_group_tracking_weight);
  EXPECT_TRUE(group.smtp_alert);
  EXPECT_EQ(group.track_scripts, (std::vector<Tracked>{{"s", 3, false}}));
  EXPECT_EQ(group.track_interfaces.at(0).name, "eth1");
  EXPECT_EQ(group.notifies->master.argv, std::vector<std::string>{"/m"});
  EXPECT_EQ(group.notifies->generic.argv, std::vector<std::string>{"/any"});
  EXPECT_TRUE(read.instances[0].track_scripts.empty());
}

struct Announcements {
  int repeat;
  seconds delay;
  int lower_repeat;
  seconds lower_delay;
  friend bool operator==(const Announcements&, const Announcements&) = default;
};

Announcements announcements(std::string_view global, std::string_view body) {
  const VrrpInstance read =
      accepted("global_defs {\n" + std::string{global} + "\n}\n" + instance(body)).instances.at(0);
  return {read.garp_master_repeat, std::chrono::duration_cast<seconds>(read.garp_master_delay),
          read.garp_lower_prio_repeat, std::chrono::duration_cast<seconds>(read.garp_lower_prio_delay)};
}

/// Each row was read off the dump of keepalived 2.2.7 (-d).
TEST(Announcements, AreInheritedAsKeepalivedDoes) {
  EXPECT_EQ(announcements("", ""), (Announcements{5, seconds{5}, 5, seconds{5}}));
  EXPECT_EQ(announcements("vrrp_min_garp", ""), (Announcements{1, seconds{0}, 1, seconds{0}}));
  EXPECT_EQ(announcements("vrrp_min_garp\nvrrp_garp_master_delay 7", ""),
            (Announcements{1, seconds{7}, 1, seconds{7}}));
  EXPECT_EQ(announcements("vrrp_garp_master_delay 7\nvrrp_garp_master_repeat 2", ""),
            (Announcements{2, seconds{7}, 2, seconds{7}}));
  EXPECT_EQ(announcements("", "garp_master_delay 7\ngarp_master_repeat 2"),
            (Announcements{2, seconds{7}, 5, seconds{5}}));
  EXPECT_EQ(announcements("vrrp_garp_lower_prio_delay 9\nvrrp_garp_lower_prio_repeat 4",
                          "garp_master_delay 7\ngarp_master_repeat 2"),
            (Announcements{2, seconds{7}, 4, seconds{9}}));
  EXPECT_EQ(announcements("vrrp_strict", ""), (Announcements{5, seconds{5}, 0, seconds{0}}));
}

TEST(Announcements, PausesComeFromGroupsAndGlobals) {
  const std::string global = "global_defs {\nvrrp_garp_interval 0.5\nvrrp_gna_interval 0.25\n}\n";
  const VrrpInstance plain = accepted(global + instance("")).instances.at(0);
  EXPECT_EQ(plain.garp_interval, milliseconds{500});
  EXPECT_EQ(plain.gna_interval, milliseconds{250});
  const VrrpInstance grouped =
      accepted_silently(global + "garp_group {\ninterface eth0\ngarp_interval 0.1\n}\n" + instance("")).instances.at(0);
  EXPECT_EQ(grouped.garp_interval, milliseconds{100});
  EXPECT_EQ(grouped.gna_interval, milliseconds{250});
}

TEST(Instance, InheritsGlobals) {
  const VrrpInstance read = accepted_silently(
                                "global_defs {\nvrrp_version 3\nvrrp_down_timer_adverts 5\nvrrp_lower_prio_no_advert\n"
                                "vrrp_higher_prio_send_advert\nsmtp_alert_vrrp\nvrrp_notify_priority_changes\n}\n" +
                                instance(""))
                                .instances.at(0);
  EXPECT_EQ(read.version, vrrp::Version::v3);
  EXPECT_EQ(read.down_timer_adverts, 5);
  EXPECT_TRUE(read.lower_prio_no_advert);
  EXPECT_TRUE(read.higher_prio_send_advert);
  EXPECT_TRUE(read.smtp_alert);
  EXPECT_TRUE(read.notify_priority_changes);
}

TEST(Instance, GlobalsMayComeAfterIt) {
  EXPECT_EQ(accepted_silently(instance("") + "global_defs {\nvrrp_version 3\n}\n").instances.at(0).version,
            vrrp::Version::v3);
}

TEST(Instance, FamilyAndVersionFollowTheAddresses) {
  const VrrpInstance six = accepted_silently(instance("", "V", 1, "fe80::1\n2001:db8::1/64")).instances.at(0);
  EXPECT_EQ(six.family, Family::ipv6);
  EXPECT_EQ(six.version, vrrp::Version::v3);
  EXPECT_EQ(six.virtual_addresses.at(0).prefix_length, 128);
  EXPECT_EQ(six.virtual_addresses.at(1).prefix_length, 64);
  EXPECT_EQ(read_instance("").family, Family::ipv4);
  EXPECT_EQ(read_instance("").version, vrrp::Version::v2);
}

TEST(VirtualServer, IsReadWithItsCheckers) {
  const Configuration read = accepted_silently(R"(
virtual_server 10.1.10.7 80 {
  delay_loop 1.5
  lvs_sched rr
  lvs_method DR
  protocol tcp
  persistence_timeout
  quorum 2
  hysteresis 1
  quorum_up "/q up"
  quorum_down /q root
  sorry_server 127.0.0.1
  alpha
  omega
  ha_suspend
  retry 4
  connect_timeout 2
  virtualhost www
  real_server 10.1.10.11 8080 {
    weight 3
    inhibit_on_failure
    retry 5
    notify_up "/n up"
    notify_down "/n down"
    HTTP_GET {
      url {
        path /
        status_code 200 300-399
      }
      url {
        path /b
      }
      connect_timeout 3
    }
    MISC_CHECK {
      misc_path "/bin/c 'x y'"
      misc_timeout 5
    }
  }
  real_server 10.1.10.12 80 {
    lvs_method NAT
    TCP_CHECK {
    }
  }
}
)");
  const VirtualServer& server = read.virtual_servers.at(0);
  EXPECT_EQ(server.address, IpAddress::v4(10, 1, 10, 7));
  EXPECT_EQ(server.port, 80);
  EXPECT_EQ(server.delay_loop, milliseconds{1500});
  EXPECT_EQ(server.settings.scheduler, ipvs::Scheduler::rr);
  EXPECT_EQ(server.forwarding.method, ipvs::Method::direct_route);
  EXPECT_EQ(server.transport, ipvs::Transport::tcp);
  EXPECT_EQ(server.settings.persistence, seconds{360});
  EXPECT_EQ(server.quorum, 2);
  EXPECT_EQ(server.hysteresis, 1);
  EXPECT_EQ(server.quorum_up.argv, (std::vector<std::string>{"/q", "up"}));
  EXPECT_EQ(server.quorum_down.user, "root");
  ASSERT_TRUE(server.sorry_server.has_value());
  EXPECT_EQ(server.sorry_server->port, 80);
  EXPECT_TRUE(server.alpha && server.omega && server.ha_suspend);
  const RealServer& first = server.real_servers.at(0);
  EXPECT_EQ(first.port, 8080);
  EXPECT_EQ(first.weight, 3);
  EXPECT_TRUE(first.inhibit_on_failure);
  EXPECT_EQ(first.notify_up.argv, (std::vector<std::string>{"/n", "up"}));
  using Settings = std::vector<std::pair<std::string, std::vector<std::string>>>;
  EXPECT_EQ(first.checkers.at(0).kind, "HTTP_GET");
  EXPECT_EQ(first.checkers.at(0).settings, (Settings{{"url", {}},
                                                     {"path", {"/"}},
                                                     {"status_code", {"200", "300-399"}},
                                                     {"}", {}},
                                                     {"url", {}},
                                                     {"path", {"/b"}},
                                                     {"}", {}},
                                                     {"connect_timeout", {"3"}},
                                                     {"retry", {"5"}},
                                                     {"virtualhost", {"www"}}}));
  EXPECT_EQ(first.checkers.at(1).settings,
            (Settings{{"misc_path", {"/bin/c", "x y"}}, {"misc_timeout", {"5"}}, {"retry", {"5"}}}));
  EXPECT_EQ(server.real_servers.at(1).forwarding.method, ipvs::Method::masquerade);
  EXPECT_EQ(server.real_servers.at(1).checkers.at(0).settings,
            (Settings{{"retry", {"4"}}, {"connect_timeout", {"2"}}}));
}

}  // namespace
}  // namespace vipdrift::config
