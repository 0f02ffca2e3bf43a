#!/usr/bin/env python3
"""Processes of vipdriftd killed and frozen at random moments beside a keepalived peer, and reloads under a capture.

    survival_test.py VIPDRIFTD

In namespaces of its own, as interop_test.py, from which it has its tools. The seed is printed; VIPDRIFT_SEED repeats it.
"""
import contextlib
import os
import pathlib
import random
import re
import signal
import time

import interop_test as lab
from interop_test import run

SEED = int(os.environ.get("VIPDRIFT_SEED", "20260"))
# Two may hold an address for so long: a master down interval of 0.8 s, and the lease of a whole second's grain that
# outlives it, with what a busy machine adds.
TWO_HOLDERS_AT_MOST = 3.5
# As long as somebody may be without: a lease, a master down interval, a start.
NOBODY_AT_MOST = 5.0

VIRTUAL_SERVER = """
virtual_server 10.0.0.1 80 {
    protocol TCP
    lb_kind DR
    real_server 10.0.0.2 80 {
        TCP_CHECK {
        }
    }
}
"""


def living_children(parent):
    """Processes below `parent` that have not ended; those that wait to be collected have."""
    found = []
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            state, above = stat.read_text().rsplit(")", 1)[1].split()[:2]
            if state != "Z" and int(above) == parent:
                found.append(int(stat.parent.name))
    return found


def lives(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


class Survival(lab.Pair):
    def setUp(self):
        super().setUp()
        self.a.configure(lab.VERSION3, 110)
        self.b.configure(lab.VERSION3, 100)

    def start_both(self):
        self.a.start("vipdriftd")
        self.b.start("keepalived")
        self.wait_until("a alone holds the address", lambda: self.a.holds("10.9.0.7") and not self.b.holds("10.9.0.7"))

    def watch(self, seconds):
        """Longest time with two holders, and with none, over the next seconds."""
        longest = {0: 0.0, 2: 0.0}
        since = {0: None, 2: None}
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            holders = self.a.holds("10.9.0.7") + self.b.holds("10.9.0.7")
            for count in since:
                if holders != count:
                    since[count] = None
                elif since[count] is None:
                    since[count] = now
                else:
                    longest[count] = max(longest[count], now - since[count])
            time.sleep(0.02)
        return longest[2], longest[0]

    def test_any_process_may_be_killed_at_any_moment(self):
        print(f"seed {SEED} ", end="")
        chance = random.Random(SEED)
        self.a.config.write_text(self.a.config.read_text() + VIRTUAL_SERVER)
        self.a.options += ["-c", str(self.folder / "a-vipdriftd.checkers.pid")]
        self.start_both()
        for _ in range(4):
            which = chance.choice(["", ".vrrp", ".checkers"])
            time.sleep(chance.uniform(0, 0.4))  # the phase of the timers, not a wait
            with contextlib.suppress(ProcessLookupError, FileNotFoundError):
                os.kill(self.pid_of(self.a, which), signal.SIGKILL)
            both, none = self.watch(3.0)
            self.assertLess(both, TWO_HOLDERS_AT_MOST, which)
            self.assertLess(none, NOBODY_AT_MOST, which)
            if self.a.daemon.poll() is not None:
                self.a.daemon = None
                self.a.start("vipdriftd")
            self.wait_until("a alone holds the address again",
                            lambda: self.a.holds("10.9.0.7") and not self.b.holds("10.9.0.7"), patience=10)

    def test_an_orphan_says_goodbye_and_ends(self):
        self.start_both()
        path, capture = self.capture()
        orphan = self.pid_of(self.a, ".vrrp")
        os.kill(self.pid_of(self.a, ""), signal.SIGKILL)
        self.a.daemon.wait()
        self.a.daemon = None
        self.wait_until("the orphan ends", lambda: not lives(orphan))
        self.assertFalse(self.a.holds("10.9.0.7"))
        self.wait_until("b holds the address", lambda: self.b.holds("10.9.0.7"))
        self.assertIn("0", self.judge(path, capture))

    def test_no_orphan_becomes_master_though_its_parent_is_killed_at_the_start(self):
        """What a child does before it has armed its death signal takes microseconds, which this does not meet."""
        chance = random.Random(SEED)
        for _ in range(12):
            self.a.start("vipdriftd")
            children = []
            self.wait_until("a child", lambda: children.extend(living_children(self.a.daemon.pid)) or children)
            time.sleep(chance.choice([0, 0.001, 0.003, 0.01, 0.03]))  # the moment, not a wait
            children = sorted({*children, *living_children(self.a.daemon.pid)})
            os.kill(self.a.daemon.pid, signal.SIGKILL)
            self.a.daemon.wait()
            self.a.daemon = None
            self.wait_until("all children end", lambda: not any(map(lives, children)))
            self.assertFalse(self.a.holds("10.9.0.7"))

    def test_all_killed_and_started_again_at_once(self):
        self.start_both()
        for which in ("", ".vrrp"):
            os.kill(self.pid_of(self.a, which), signal.SIGSTOP)
        for which in ("", ".vrrp"):
            os.kill(self.pid_of(self.a, which), signal.SIGKILL)
        self.a.daemon.wait()
        self.a.daemon = None
        self.assertTrue(self.a.holds("10.9.0.7"), "it was left behind")
        self.a.start("vipdriftd")
        both, _ = self.watch(3.0)
        self.assertLess(both, TWO_HOLDERS_AT_MOST)
        self.wait_until("a alone holds the address", lambda: self.a.holds("10.9.0.7") and not self.b.holds("10.9.0.7"))

    def test_a_frozen_parent_hurts_nobody(self):
        self.start_both()
        path, capture = self.capture()
        os.kill(self.pid_of(self.a, ""), signal.SIGSTOP)
        both, none = self.watch(1.5)
        self.assertEqual((both, none), (0, 0))
        os.kill(self.pid_of(self.a, ".vrrp"), signal.SIGUSR1)  # the child answers for itself
        self.wait_until("a dump", lambda: "Printing VRRP data" in self.a.told("vipdriftd"))
        os.kill(self.pid_of(self.a, ""), signal.SIGCONT)
        self.assertEqual(set(self.judge(path, capture)), {"110"})

    def test_a_frozen_child_loses_its_address(self):
        self.start_both()
        os.kill(self.pid_of(self.a, ".vrrp"), signal.SIGSTOP)
        both, none = self.watch(4.0)
        self.assertLess(both, TWO_HOLDERS_AT_MOST)
        self.assertLess(none, NOBODY_AT_MOST)
        self.assertTrue(self.b.holds("10.9.0.7"))
        self.assertFalse(self.a.holds("10.9.0.7"))
        os.kill(self.pid_of(self.a, ".vrrp"), signal.SIGCONT)
        self.wait_until("a alone holds the address", lambda: self.a.holds("10.9.0.7") and not self.b.holds("10.9.0.7"))

    def test_a_frozen_child_of_a_killed_parent_is_no_danger_to_its_successor(self):
        self.start_both()
        frozen = self.pid_of(self.a, ".vrrp")
        os.kill(frozen, signal.SIGSTOP)
        os.kill(self.pid_of(self.a, ""), signal.SIGKILL)
        self.a.daemon.wait()
        self.a.daemon = None
        self.a.start("vipdriftd")
        self.wait_until("it is killed", lambda: f"killed the process {frozen}" in self.a.told("vipdriftd"))
        self.wait_until("a alone holds the address", lambda: self.a.holds("10.9.0.7") and not self.b.holds("10.9.0.7"))

    def test_a_process_that_keeps_dying_ends_the_daemon_loudly(self):
        self.a.start("vipdriftd")
        killed = set()
        end = time.monotonic() + 20
        while self.a.daemon.poll() is None:
            self.assertLess(time.monotonic(), end, self.a.told("vipdriftd"))
            with contextlib.suppress(ProcessLookupError, FileNotFoundError, ValueError):
                if (pid := self.pid_of(self.a, ".vrrp")) not in killed:
                    self.wait_until("it serves", lambda: self.a.told("vipdriftd").count("Startup complete") > len(killed))
                    killed.add(pid)
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)
        self.assertEqual(self.a.daemon.returncode, 1)
        self.a.daemon = None
        self.assertIn("died 5 times in 60 s: giving up", self.a.told("vipdriftd"))

    def test_a_child_that_is_stopped_directly_says_goodbye_and_is_started_again(self):
        self.start_both()
        path, capture = self.capture()
        stopped = self.pid_of(self.a, ".vrrp")
        os.kill(stopped, signal.SIGTERM)
        self.wait_until("another one", lambda: f"VRRP child process({stopped}) died: Respawning"
                        in self.a.told("vipdriftd"))
        self.wait_until("a alone holds the address", lambda: self.a.holds("10.9.0.7") and not self.b.holds("10.9.0.7"))
        self.assertIn("0", self.judge(path, capture))

    def test_without_respawn_a_death_ends_the_daemon(self):
        self.a.options += ["-R"]
        self.a.start("vipdriftd")
        self.wait_until("it serves", lambda: "Startup complete" in self.a.told("vipdriftd"))
        os.kill(self.pid_of(self.a, ".vrrp"), signal.SIGKILL)
        self.assertEqual(self.a.daemon.wait(), 1)
        self.a.daemon = None
        self.assertIn("died: Exiting", self.a.told("vipdriftd"))

    # ------------------------------------------------------------ reload

    INSTANCE = """
vrrp_instance VNUMBER {{
    state BACKUP
    interface eth0
    virtual_router_id NUMBER
    priority {priority}
    version 3
    advert_int 0.5
    virtual_ipaddress {{
        10.9.NUMBER.7/24
    }}
}}
"""

    def test_a_reload_of_a_hundred_instances_leaves_no_gap(self):
        many = "".join(self.INSTANCE.replace("NUMBER", str(number)) for number in range(1, 101))
        self.a.configure(many, 110)
        self.b.configure(many, 100)
        self.a.start("vipdriftd")
        self.b.start("keepalived")
        self.wait_until("a is master of all", lambda: self.a.addresses("10.9.") == 101, patience=20)
        self.wait_until("b of none", lambda: self.b.addresses("10.9.") == 1, patience=20)
        path, capture = self.capture()
        good = self.a.config.read_text()
        for text in (good, good.replace("priority 110", "priorty 110", 1), good):
            self.a.config.write_text(text)
            done = self.reloads()
            os.kill(self.pid_of(self.a, ""), signal.SIGHUP)
            self.wait_until("the reload is over", lambda done=done: self.reloads() > done)
            time.sleep(0.7)  # more than an interval between two
        self.assertIn("did you mean 'priority'", self.a.told("vipdriftd"))
        self.assertEqual(set(self.judge(path, capture)), {"110"}, "no priority 0, nobody else")
        times = {}
        for line in run("tshark", "-n", "-r", str(path), "-Y", "vrrp", "-T", "fields", "-e", "vrrp.virt_rtr_id", "-e",
                        "frame.time_epoch").splitlines():
            vrid, when = line.split()
            times.setdefault(vrid, []).append(float(when))
        self.assertEqual(len(times), 100)
        worst = max(later - earlier for one in times.values() for earlier, later in zip(one, one[1:]))
        self.assertLess(worst, 0.5 + 0.25, "an interval, and what a busy machine adds")

    def reloads(self):
        told = self.a.told("vipdriftd")
        return told.count("Reload complete") + told.count("is not reloaded")

    # ------------------------------------------------------------ log

    @staticmethod
    def state_lines(text):
        """What people grep for: lines of instances and groups on states, without their time stamps."""
        text = re.sub(r"fe80::[0-9a-f:]+", "fe80::N", text)  # the kernel's or ours, whichever came first
        lines = [line.split(": ", 1)[1] for line in text.splitlines() if ": (V" in line or ": VRRP_Group" in line]
        # What the kernel refused on an interface that goes down is told by each daemon in its own way.
        refused = ("sending advertisements", "send advert error")
        lines = [line for line in lines if not any(words in line for words in refused)]
        return [line for line in lines if "STATE" in line or "advert" in line or "state" in line]

    def test_state_changes_are_logged_in_keepaliveds_words(self):
        """The same story with each daemon as the better director and as the worse one."""
        told = {}
        for subject, peer in (("vipdriftd", "keepalived"), ("keepalived", "vipdriftd")):
            self.b.start(peer)
            self.wait_until("b is master", lambda: self.b.holds("10.9.0.7") and self.b.holds("2001:db8::7"))
            self.a.start(subject)
            self.wait_until("a takes over", lambda: self.a.holds("10.9.0.7") and self.a.holds("2001:db8::7")
                            and not self.b.holds("10.9.0.7") and not self.b.holds("2001:db8::7"))
            run("ip", "-n", "a", "link", "set", "eth0", "down")
            self.wait_until("a lets go", lambda: not self.a.holds("10.9.0.7"))
            run("ip", "-n", "a", "link", "set", "eth0", "up")
            run("ip", "-n", "a", "addr", "replace", "fe80::1/64", "dev", "eth0", "nodad")
            self.wait_until("a takes over again", lambda: self.a.holds("10.9.0.7") and self.a.holds("2001:db8::7")
                            and not self.b.holds("10.9.0.7") and not self.b.holds("2001:db8::7"))
            self.a.stop_gracefully()
            self.b.stop_gracefully()
            told[subject, "a"] = self.state_lines(self.a.told(subject))
            told[peer, "b"] = self.state_lines(self.b.told(peer))
        # Whether b sees a's cable go in time for a FAULT of its own is the kernel's affair: places do not matter.
        ours, theirs = (sorted(set(told[name, "a"] + told[name, "b"])) for name in ("vipdriftd", "keepalived"))
        self.assertEqual([line for line in ours if line not in theirs], [], f"keepalived has {theirs}")
        for words in ("Receive advertisement timeout", "Backup received priority 0 advertisement"):
            expected = [line for line in theirs if words in line]
            self.assertTrue(expected, theirs)
            self.assertEqual([line for line in ours if words in line], expected)


if __name__ == "__main__":
    lab.main(Survival)
