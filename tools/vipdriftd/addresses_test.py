#!/usr/bin/env python3
"""What vipdriftd leaves in the kernel's tables - addresses, routes, rules, macvlans, filters - beside what stock
keepalived leaves there for the same configuration.

    addresses_test.py VIPDRIFTD [TEST...]

In namespaces of its own, as interop_test.py, from which it has its tools.
"""
import json
import signal
import subprocess
import time

import interop_test as lab
from interop_test import run

KINDS = """
vrrp_instance V4 {{
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority {priority}
    version 3
    advert_int 0.2
    {more}
    virtual_ipaddress {{
        10.9.0.7/24 brd 10.9.0.255 label eth0:vip
        10.9.0.8
        10.9.9.9/32 scope link
        10.9.8.1 peer 10.9.8.2
    }}
    virtual_ipaddress_excluded {{
        10.9.0.9/32
        2001:db8:9::9/64
    }}
}}
vrrp_instance V6 {{
    state BACKUP
    interface eth0
    virtual_router_id 54
    priority {priority}
    version 3
    advert_int 0.2
    {more}
    virtual_ipaddress {{
        fe80::77/64
        2001:db8::7/64
        2001:db8::8
    }}
}}
"""
ROUTES = """
vrrp_instance V4 {{
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority {priority}
    version 3
    advert_int 0.2
    virtual_ipaddress {{
        10.9.0.7/24
    }}
    virtual_routes {{
        10.20.0.0/16 via 10.9.0.2 dev eth0
        10.21.0.0/16 dev eth0 table 100 metric 7 mtu 1400 src 10.9.0.7
        blackhole 10.22.0.0/16
        2001:db8:20::/48 dev eth0
    }}
    virtual_rules {{
        from 10.9.0.7 table 100 priority 500
        to 10.30.0.0/16 iif eth0 lookup 100 priority 501
        from 2001:db8:30::/48 table 100 priority 502
    }}
}}
"""
# Without what a macvlan makes no difference to.
VIRTUAL_MAC = KINDS.replace("        10.9.0.7/24 brd 10.9.0.255 label eth0:vip\n", "        10.9.0.7/24\n").replace(
    "        10.9.9.9/32 scope link\n        10.9.8.1 peer 10.9.8.2\n", "").replace("2001:db8:9::9/64", "")
# Announces an address from a MAC address as a master does, and says whether an ARP reply for it came within 0.5 s.
# ARP from MAC and SENDER for ADDRESS, an announcement when the two are one; prints whether somebody answered.
ASK = """
import select, socket, sys, time
mac, sender, address = bytes.fromhex(sys.argv[1]), socket.inet_aton(sys.argv[2]), socket.inet_aton(sys.argv[3])
wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0806))
wire.bind(("eth0", 0x0806))
header = bytes.fromhex("ffffffffffff") + mac + bytes.fromhex("08060001080006040001")
wire.send(header + mac + sender + bytes.fromhex("ffffffffffff") + address)
end, answered = time.monotonic() + 0.5, False
while (left := end - time.monotonic()) > 0 and select.select([wire], [], [], left)[0]:
    frame = wire.recv(2048)
    answered = answered or (frame[20:22] == bytes([0, 2]) and frame[28:32] == address)
print(answered)
"""
NO_ACCEPT = """
vrrp_instance V4 {{
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority {priority}
    version 3
    advert_int 0.2
    no_accept
    virtual_ipaddress {{
        10.9.0.7/24
    }}
}}
"""


def connect(*directors):
    """The cable of build_pair() once more."""
    first, second = (one.name for one in directors)
    run("ip", "link", "add", "eth0", "netns", first, "type", "veth", "peer", "name", "eth0", "netns", second)
    for one in directors:
        run("ip", "-n", one.name, "link", "set", "eth0", "up")
        run("ip", "-n", one.name, "addr", "add", f"10.9.0.{one.number}/24", "dev", "eth0")
        run("ip", "-n", one.name, "addr", "add", f"fe80::{one.number}/64", "dev", "eth0", "nodad")


class Addresses(lab.Pair):
    maxDiff = None

    def configure(self, director, template, priority, more=""):
        director.configure(template.replace("{more}", more), priority)

    def on(self, director, command):
        return json.loads(run("ip", "-n", director.name, "-j", *command.split()) or "[]")

    def held(self, director):
        """Addresses of a director, without what differs between two runs: lifetimes are leases with vipdriftd."""
        seen = set()
        for link in self.on(director, "addr show"):
            for one in link.get("addr_info", []):
                left_out = ("valid_life_time", "preferred_life_time", "dynamic")
                kept = {key: value for key, value in one.items() if key not in left_out}
                seen.add((link["ifname"], json.dumps(kept, sort_keys=True)))
        return seen

    def routed(self, director):
        routes = [one for family in ("-4", "-6")
                  for one in self.on(director, f"{family} route show table all proto keepalived")]
        rules = [one for family in ("-4", "-6") for one in self.on(director, f"{family} rule")
                 if "keepalived" in json.dumps(one)]
        return [sorted(json.dumps(one, sort_keys=True) for one in some) for some in (routes, rules)]

    def tables_of(self, subject, template, look, address):
        """What `look` sees of `subject` as it is master, and when it has stopped."""
        self.configure(self.a, template, 110)
        self.a.start(subject)
        self.wait_until(f"{subject} is master", lambda: address in json.dumps(self.on(self.a, "addr show")))
        self.wait_until(f"{subject} is master of V6", lambda: "V6" not in template or self.holds(self.a, "2001:db8::8"))
        time.sleep(0.3)  # what belongs to the address follows it
        as_master = look(self.a)
        self.a.stop_gracefully()
        return as_master, look(self.a)

    def holds(self, director, address):
        return f" {address}/" in run("ip", "-n", director.name, "-o", "addr", "show")

    def test_the_addresses_of_keepalived(self):
        before = self.held(self.a)
        ours, after = self.tables_of("vipdriftd", KINDS, self.held, "10.9.0.7")
        theirs, _ = self.tables_of("keepalived", KINDS, self.held, "10.9.0.7")
        self.assertEqual(ours, theirs)
        self.assertEqual(len(ours - before), 9)
        self.assertEqual(after, before)

    def test_the_routes_and_rules_of_keepalived(self):
        ours, after = self.tables_of("vipdriftd", ROUTES, self.routed, "10.9.0.7")
        theirs, _ = self.tables_of("keepalived", ROUTES, self.routed, "10.9.0.7")
        self.assertEqual(ours, theirs)
        self.assertEqual([len(some) for some in ours], [4, 3])
        self.assertEqual(after, [[], []])

    def test_a_route_and_an_address_that_somebody_removes_come_back(self):
        self.configure(self.a, ROUTES, 110)
        self.a.start("vipdriftd")
        self.wait_until("a is master", lambda: len(self.routed(self.a)[0]) == 4)
        for command in ("addr del 10.9.0.7/24 dev eth0", "route del 10.20.0.0/16", "rule del priority 501"):
            run("ip", "-n", "a", *command.split())
            self.wait_until(f"{command}: all is there again", lambda: self.holds(self.a, "10.9.0.7") and
                            [len(some) for some in self.routed(self.a)] == [4, 3])

    # ---------------------------------------------------------------- virtual MACs

    def macvlans(self, director):
        return {one["ifname"]: one["address"] for one in self.on(director, "-d link show type macvlan")}

    def fail_over_with_virtual_macs(self, first, second):
        """a with `first` is better than b with `second`: master, killed, back (preempting), stopped."""
        self.configure(self.a, VIRTUAL_MAC, 110, "use_vmac")
        self.configure(self.b, VIRTUAL_MAC, 100, "use_vmac")
        path, capture = self.capture()
        self.b.start(second)
        addresses = ("10.9.0.7", "10.9.0.8", "2001:db8::7", "fe80::77")

        def held_by(one, other):
            return all(self.holds(one, it) and not self.holds(other, it) for it in addresses)
        self.wait_until("b is master", lambda: held_by(self.b, self.a))
        self.a.start(first)
        self.wait_until("a preempts", lambda: held_by(self.a, self.b))
        self.a.end(signal.SIGKILL)
        self.wait_until("b holds all when a is killed", lambda: all(self.holds(self.b, it) for it in addresses))
        self.a.start(first)
        self.wait_until("a preempts again", lambda: held_by(self.a, self.b))
        for it in addresses:
            self.assertIn(self.interface_of(self.a, it), self.macvlans(self.a))
        self.a.stop_gracefully()
        self.assertEqual(self.macvlans(self.a), {})
        self.wait_until("b holds all when a is stopped", lambda: held_by(self.b, self.a))
        self.assertIn("0", self.judge(path, capture))
        senders = run("tshark", "-n", "-r", str(path), "-Y", "vrrp", "-T", "fields", "-e", "eth.src").split()
        self.assertEqual(set(senders), {"00:00:5e:00:01:33", "00:00:5e:00:02:36"})
        announced = run("tshark", "-n", "-r", str(path), "-Y", "arp.isgratuitous", "-T", "fields", "-e",
                        "arp.src.hw_mac").split()
        self.assertEqual(set(announced), {"00:00:5e:00:01:33"})

    def interface_of(self, director, address):
        for link in self.on(director, "addr show"):
            if any(one.get("local") == address for one in link.get("addr_info", [])):
                return link["ifname"]
        return None

    def test_virtual_macs_as_master_of_keepalived(self):
        self.fail_over_with_virtual_macs("vipdriftd", "keepalived")

    def test_virtual_macs_as_backup_of_keepalived(self):
        self.fail_over_with_virtual_macs("keepalived", "vipdriftd")

    def test_the_holder_s_kernel_does_not_answer_another_holder_of_its_mac(self):
        """As a new master announces an address that the old one still holds: keepalived's kernel answers, and draws the
        switch's table back to the old port."""
        for subject, answers in (("keepalived", True), ("vipdriftd", False)):
            self.configure(self.a, VIRTUAL_MAC, 110, "use_vmac")
            self.a.start(subject)
            self.wait_until(f"{subject} is master", lambda: self.holds(self.a, "10.9.0.7"))
            heard = run("ip", "netns", "exec", "b", "python3", "-c", ASK, "00005e000133", "10.9.0.7", "10.9.0.7")
            self.assertEqual(heard.strip(), str(answers), subject)
            self.a.stop_gracefully()

    def test_a_backup_does_not_answer_for_the_address(self):
        self.configure(self.a, VIRTUAL_MAC, 100, "use_vmac")
        self.configure(self.b, VIRTUAL_MAC, 110, "use_vmac")
        self.a.start("vipdriftd")
        self.b.start("keepalived")
        self.wait_until("b alone is master", lambda: self.holds(self.b, "10.9.0.7")
                        and not self.holds(self.a, "10.9.0.7") and len(self.macvlans(self.a)) == 2)
        for address, answered in (("10.9.0.7", "False"), ("10.9.0.1", "True")):
            heard = run("ip", "netns", "exec", "b", "python3", "-c", ASK, "02000000aa01", "10.9.0.2", address)
            self.assertEqual(heard.strip(), answered, address)

    def test_the_interface_below_is_deleted_and_made_again(self):
        self.configure(self.a, VIRTUAL_MAC, 110, "use_vmac")
        self.a.start("vipdriftd")
        self.wait_until("a is master", lambda: self.holds(self.a, "10.9.0.7") and self.holds(self.a, "2001:db8::7"))
        run("ip", "-n", "a", "link", "del", "eth0")
        self.wait_until("FAULT", lambda: "(V4) Entering FAULT STATE" in self.a.told("vipdriftd"))
        connect(self.a, self.b)
        self.wait_until("a is master again",
                        lambda: self.holds(self.a, "10.9.0.7") and self.holds(self.a, "2001:db8::7"))
        self.assertEqual(self.interface_of(self.a, "10.9.0.7"), "vrrp.51")

    # ---------------------------------------------------------------- packet filters

    def answers(self, director, address):
        """Whether `address` answers a connection that `director` asks for: a refusal is an answer."""
        program = ("import socket, sys\n"
                   "try:\n    socket.create_connection((sys.argv[1], 9), 0.5)\n"
                   "except ConnectionRefusedError:\n    pass\n"
                   "except OSError:\n    sys.exit(1)\n")
        command = ["ip", "netns", "exec", director.name, "python3", "-c", program, address]
        return subprocess.run(command, check=False).returncode == 0

    def test_no_accept_drops_what_is_sent_to_the_address_and_answers_arp(self):
        self.a.configure(NO_ACCEPT, 110)
        self.a.start("vipdriftd")
        self.wait_until("a is master", lambda: self.holds(self.a, "10.9.0.7"))
        self.assertFalse(self.answers(self.b, "10.9.0.7"))
        self.assertTrue(self.answers(self.b, "10.9.0.1"))
        self.assertIn("lladdr", run("ip", "-n", "b", "neigh", "show", "10.9.0.7"))
        self.a.end(signal.SIGKILL)
        run("ip", "-n", "a", "addr", "replace", "10.9.0.7/24", "dev", "eth0")
        self.assertFalse(self.answers(self.b, "10.9.0.7"), "a killed daemon has left its filter")
        self.a.configure(NO_ACCEPT.replace("no_accept", "accept"), 110)
        self.a.start("vipdriftd")
        self.wait_until("the next one removes it", lambda: self.answers(self.b, "10.9.0.7"))

    def test_no_accept_leaves_nothing_behind(self):
        self.a.configure(NO_ACCEPT, 110)
        self.a.start("vipdriftd")
        self.wait_until("a is master", lambda: self.holds(self.a, "10.9.0.7"))
        self.a.stop_gracefully()
        run("ip", "-n", "a", "addr", "add", "10.9.0.7/24", "dev", "eth0")
        self.assertTrue(self.answers(self.b, "10.9.0.7"))


if __name__ == "__main__":
    lab.main(Addresses)
