#!/usr/bin/env python3
"""vipdriftd and stock keepalived on one wire, in network namespaces of this test's own.

    interop_test.py VIPDRIFTD

Runs itself again as root of a user, network, mount and process namespace: nothing outside is touched, nothing is left
behind, and no privilege is needed. Exits 77 (skipped) with the reason when the machine allows no such namespaces or has
no keepalived, ip or tshark.
"""
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

SKIPPED = 77
INSIDE = "VIPDRIFT_INTEROP_INSIDE"
VIPDRIFTD = ""

# Three intervals of 0.2 s and the skew; what else a takeover may need on a busy machine.
MASTER_DOWN = 0.8
PATIENCE = 5.0

VERSION3 = """
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
}}
vrrp_instance V6 {{
    state BACKUP
    interface eth0
    virtual_router_id 54
    priority {priority}
    version 3
    advert_int 0.2
    virtual_ipaddress {{
        fe80::77/64
        2001:db8::7/64
    }}
}}
"""
VERSION2 = """
vrrp_instance VI {{
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority {priority}
    advert_int 1
    authentication {{
        auth_type PASS
        auth_pass secret12
    }}
    virtual_ipaddress {{
        10.9.0.7/24
    }}
}}
"""
UNICAST = """
vrrp_instance V4 {{
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority {priority}
    version 3
    advert_int 0.2
    unicast_src_ip {own}
    unicast_peer {{
        {peer}
    }}
    virtual_ipaddress {{
        10.9.0.7/24
    }}
}}
"""


def run(*words):
    return subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True).stdout


class Director:
    """A namespace with one interface, and whatever daemon is started in it."""

    def __init__(self, name, number, folder):
        self.name, self.number, self.folder = name, number, folder
        self.daemon = None
        self.options = ["-D"]

    def configure(self, template, priority):
        other = 3 - self.number
        text = "global_defs {\n    router_id %s\n}\n" % self.name
        text += template.format(priority=priority, own=f"10.9.0.{self.number}", peer=f"10.9.0.{other}")
        self.config = self.folder / f"{self.name}.conf"
        self.config.write_text(text)

    def start(self, subject):
        stem = self.folder / f"{self.name}-{subject}"
        command = {
            "vipdriftd": [VIPDRIFTD, "-n", "-l", "-p", f"{stem}.pid", "-r", f"{stem}.vrrp.pid"],
            "keepalived": ["keepalived", "-n", "-l", "-P", "-p", f"{stem}.pid", "-r", f"{stem}.vrrp.pid"],
        }[subject]
        self.log = open(f"{stem}.log", "a")
        self.daemon = subprocess.Popen(
            ["ip", "netns", "exec", self.name, *command, "-f", str(self.config), *self.options],
            stdout=self.log, stderr=self.log, start_new_session=True)

    def end(self, how):
        os.killpg(self.daemon.pid, how)
        self.daemon.wait()
        self.log.close()
        self.daemon = None
        # Nobody collects orphans in this process namespace; keepalived would take its own dead child for alive.
        for stale in self.folder.glob(f"{self.name}-*.pid"):
            stale.unlink()

    def stop_gracefully(self):
        """As an init system does: SIGTERM to the process that was started, `ip netns exec` having become it."""
        self.daemon.terminate()
        self.daemon.wait()
        self.log.close()
        self.daemon = None

    def stop(self):
        if self.daemon is not None:
            self.end(signal.SIGKILL)

    def holds(self, address):
        return f" {address}/" in run("ip", "-n", self.name, "-o", "addr", "show", "dev", "eth0")

    def addresses(self, beginning):
        return run("ip", "-n", self.name, "-o", "addr", "show", "dev", "eth0").count(f" {beginning}")

    def told(self, subject):
        return (self.folder / f"{self.name}-{subject}.log").read_text()

    def told_all(self):
        return "".join(path.read_text() for path in sorted(self.folder.glob(f"{self.name}-*.log")))


def build_pair(*directors):
    """A namespace for each of two directors, and a cable between them."""
    first, second = (one.name for one in directors)
    for one in directors:
        run("ip", "netns", "add", one.name)
    run("ip", "link", "add", "eth0", "netns", first, "type", "veth", "peer", "name", "eth0", "netns", second)
    for one in directors:
        run("ip", "netns", "exec", one.name, "sysctl", "-qw", "net.ipv6.conf.eth0.accept_dad=0")
        run("ip", "-n", one.name, "link", "set", "eth0", "up")
        run("ip", "-n", one.name, "addr", "add", f"10.9.0.{one.number}/24", "dev", "eth0")
        run("ip", "-n", one.name, "addr", "add", f"fe80::{one.number}/64", "dev", "eth0", "nodad")


class Pair(unittest.TestCase):
    """Two directors on one wire."""

    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.a, self.b = Director("a", 1, self.folder), Director("b", 2, self.folder)
        build_pair(self.a, self.b)

    def tearDown(self):
        for one in (self.a, self.b):
            one.stop()
            run("ip", "netns", "del", one.name)
        self.stack.close()

    def wait_until(self, what, condition, patience=PATIENCE):
        """Seconds until `condition` held; fails when it does not within `patience`."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > patience:
                logs = "".join(f"--- {one.name}\n{one.told_all()}" for one in (self.a, self.b))
                self.fail(f"not within {patience} s: {what}\n{logs}")
            time.sleep(0.01)
        return time.monotonic() - began

    def capture(self):
        path = self.folder / "wire.pcap"
        process = subprocess.Popen(["ip", "netns", "exec", "b", "tshark", "-q", "-n", "-i", "eth0", "-w", str(path)],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        self.addCleanup(self.end_capture, process)
        self.wait_until("the capture runs", path.exists, patience=20)
        return path, process

    @staticmethod
    def end_capture(process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)
            process.wait()

    def judge(self, path, process):
        """Ends the capture; nothing in it may be malformed, and every VRRP checksum is good. Returns the priorities."""
        time.sleep(0.3)  # what was sent just now is on its way to the file
        self.end_capture(process)

        def tshark(wanted, field):
            return run("tshark", "-n", "-r", str(path), "-Y", wanted, "-T", "fields", "-e", field).split()

        self.assertEqual(tshark("_ws.malformed", "frame.number"), [])
        self.assertEqual(tshark("vrrp && vrrp.checksum.status != 1", "frame.number"), [])
        return tshark("vrrp", "vrrp.prio")

    def pid_of(self, director, which):
        return int((self.folder / f"{director.name}-vipdriftd{which}.pid").read_text())


class Interop(Pair):
    def fail_over(self, template, addresses, first, second):
        """`first` on the better director, `second` on the other: master, killed, back, stopped."""
        self.a.configure(template, 110)
        self.b.configure(template, 100)
        path, capture = self.capture()
        self.a.start(first)
        self.b.start(second)
        for address in addresses:
            self.wait_until(f"a holds {address}", lambda: self.a.holds(address))
        for address in addresses:
            self.wait_until(f"b does not hold {address}", lambda: not self.b.holds(address))

        self.a.end(signal.SIGKILL)
        for address in addresses:
            self.wait_until(f"b holds {address} when a is killed", lambda: self.b.holds(address))

        self.a.start(first)
        for address in addresses:
            self.wait_until(f"a holds {address} again", lambda: self.a.holds(address))
            self.wait_until(f"b lets go of {address}", lambda: not self.b.holds(address))

        self.a.stop_gracefully()
        for address in addresses:
            self.assertFalse(self.a.holds(address), "a graceful stop takes the addresses away")
            self.wait_until(f"b holds {address} when a is stopped", lambda: self.b.holds(address))
        priorities = self.judge(path, capture)
        for wanted in ("110", "100", "0"):
            self.assertIn(wanted, priorities)

    def test_version_3_both_families_as_master(self):
        self.fail_over(VERSION3, ["10.9.0.7", "2001:db8::7", "fe80::77"], "vipdriftd", "keepalived")

    def test_version_3_both_families_as_backup(self):
        self.fail_over(VERSION3, ["10.9.0.7", "2001:db8::7", "fe80::77"], "keepalived", "vipdriftd")

    def test_version_2_with_a_password(self):
        self.fail_over(VERSION2, ["10.9.0.7"], "vipdriftd", "keepalived")

    def test_unicast(self):
        self.fail_over(UNICAST, ["10.9.0.7"], "vipdriftd", "keepalived")

    def test_the_address_of_a_killed_daemon_goes_by_itself(self):
        self.a.configure(VERSION3, 110)
        self.a.start("vipdriftd")
        self.wait_until("a holds the address", lambda: self.a.holds("10.9.0.7"))
        self.a.end(signal.SIGKILL)
        # A lease is whole seconds, and at least a master down interval.
        self.wait_until("the lease has run out", lambda: not self.a.holds("10.9.0.7"), patience=3.0)

    def test_a_killed_vrrp_process_is_replaced(self):
        self.a.configure(VERSION3, 110)
        self.a.start("vipdriftd")
        self.wait_until("a holds the address", lambda: self.a.holds("10.9.0.7"))
        killed = self.pid_of(self.a, ".vrrp")
        os.kill(killed, signal.SIGKILL)
        self.wait_until("another process", lambda: self.pid_of(self.a, ".vrrp") != killed)
        self.wait_until("it says so", lambda: "died: Respawning" in self.a.told("vipdriftd"))
        self.wait_until("it is master again", lambda: self.a.told("vipdriftd").count("(V4) Entering MASTER STATE") == 2)
        self.assertTrue(self.a.holds("10.9.0.7"))

    def test_a_vrrp_process_without_a_parent_stops_gracefully(self):
        self.a.configure(VERSION3, 110)
        path, capture = self.capture()
        self.a.start("vipdriftd")
        self.wait_until("a holds the address", lambda: self.a.holds("10.9.0.7"))
        os.kill(self.pid_of(self.a, ""), signal.SIGKILL)
        self.wait_until("the address is gone", lambda: not self.a.holds("10.9.0.7"), patience=0.9)
        self.assertIn("0", self.judge(path, capture))

    def notified_by(self, subject):
        """What `subject`, alone on the wire, tells its scripts and its FIFO from start to stop."""
        folder = self.folder / subject
        folder.mkdir()
        told, fifo = folder / "told", folder / "fifo"
        script = folder / "notify.sh"
        script.write_text(f'#!/bin/sh\necho "$@" >> {told}\n')
        script.chmod(0o755)
        os.mkfifo(fifo)
        reader = os.open(fifo, os.O_RDWR | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        states = ("master", "backup", "fault", "stop")
        lines = "".join(f'    notify_{state} "{script} {state} word"\n' for state in states)
        lines += f"    notify {script}\n"
        self.a.configure(VERSION3, 110)
        text = self.a.config.read_text().replace("    version 3", lines + "    version 3")
        text = text.replace("router_id a", f"router_id a\n    script_user root\n    vrrp_notify_fifo {fifo}")
        self.a.config.write_text(text)
        self.a.start(subject)
        self.wait_until("a holds both addresses", lambda: self.a.holds("10.9.0.7") and self.a.holds("2001:db8::7"))
        run("ip", "-n", "a", "link", "set", "eth0", "down")
        self.wait_until("a lets go", lambda: not self.a.holds("10.9.0.7"))
        run("ip", "-n", "a", "link", "set", "eth0", "up")
        self.wait_until("a holds it again", lambda: self.a.holds("10.9.0.7") and self.a.holds("2001:db8::7"))
        self.a.stop_gracefully()
        run("ip", "-n", "a", "addr", "flush", "dev", "eth0", "scope", "global")
        run("ip", "-n", "a", "addr", "add", "10.9.0.1/24", "dev", "eth0")
        time.sleep(0.3)  # the last scripts
        scripts = sorted(told.read_text().splitlines()) if told.exists() else []
        return scripts, sorted(os.read(reader, 65536).decode().splitlines())

    def test_the_fifo_hears_what_keepalived_tells_it_and_scripts_hear_the_same(self):
        scripts, fifo = self.notified_by("vipdriftd")
        # keepalived runs no scripts where it cannot change its groups, as in a namespace with a single user.
        _, keepalived_fifo = self.notified_by("keepalived")
        self.assertIn('INSTANCE "V4" MASTER 110', fifo)
        self.assertEqual(fifo, keepalived_fifo)
        generic = [line.replace('"', "") for line in fifo]
        specific = [f"{line.split()[2].lower()} word" for line in generic]
        self.assertEqual(scripts, sorted(generic + specific))

    def test_a_reload_keeps_the_address_and_says_no_priority_0(self):
        self.a.configure(VERSION3, 110)
        path, capture = self.capture()
        self.a.start("vipdriftd")
        self.wait_until("a holds the address", lambda: self.a.holds("10.9.0.7"))
        for _ in range(3):
            os.kill(self.pid_of(self.a, ""), signal.SIGHUP)
            for _ in range(20):
                self.assertTrue(self.a.holds("10.9.0.7"))
                time.sleep(0.01)
        self.assertNotIn("0", self.judge(path, capture))

    def test_a_wrong_file_changes_nothing(self):
        self.a.configure(VERSION3, 110)
        self.a.start("vipdriftd")
        self.wait_until("a holds the address", lambda: self.a.holds("10.9.0.7"))
        self.a.config.write_text(self.a.config.read_text().replace("priority", "priorty"))
        os.kill(self.pid_of(self.a, ""), signal.SIGHUP)
        self.wait_until("it says so", lambda: "did you mean 'priority'" in self.a.told("vipdriftd"))
        time.sleep(2 * MASTER_DOWN)
        self.assertTrue(self.a.holds("10.9.0.7"))
        self.assertIsNone(self.a.daemon.poll())

    def test_tracked_files_and_scripts_move_the_address_away_and_home(self):
        down, dead = self.folder / "down", self.folder / "dead"
        trackers = """
track_file down {
    file %s
    weight 1
}
vrrp_script alive {
    script "/usr/bin/test ! -e %s"
    interval 1
    weight -20
    fall 1
    rise 1
}
""" % (down, dead)
        tracked = "    track_file {\n        down\n    }\n    track_script {\n        alive\n    }\n"
        self.a.configure(VERSION3, 110)
        text = self.a.config.read_text().replace("    version 3", tracked + "    version 3")
        self.a.config.write_text(trackers + text)
        self.b.configure(VERSION3, 100)
        self.a.start("vipdriftd")
        self.b.start("keepalived")
        self.wait_until("a holds the address", lambda: self.a.holds("10.9.0.7") and not self.b.holds("10.9.0.7"))
        for file, text, mended in ((down, "-20", lambda: down.write_text("0")), (dead, "", dead.unlink)):
            file.write_text(text)
            self.wait_until(f"{file.name}: b holds the address", lambda: self.b.holds("10.9.0.7"))
            self.wait_until(f"{file.name}: a has let go", lambda: not self.a.holds("10.9.0.7"))
            mended()
            self.wait_until(f"{file.name}: a holds the address again", lambda: self.a.holds("10.9.0.7"))
            self.wait_until(f"{file.name}: b has let go", lambda: not self.b.holds("10.9.0.7"))

    def test_an_interface_that_goes_down_is_a_fault(self):
        self.a.configure(VERSION3, 110)
        self.a.start("vipdriftd")
        self.wait_until("a holds the address", lambda: self.a.holds("10.9.0.7"))
        run("ip", "-n", "a", "link", "set", "eth0", "down")
        self.wait_until("FAULT", lambda: "(V4) Entering FAULT STATE" in self.a.told("vipdriftd"))
        self.wait_until("the address is gone", lambda: not self.a.holds("10.9.0.7"))
        run("ip", "-n", "a", "link", "set", "eth0", "up")
        self.wait_until("a holds the address again", lambda: self.a.holds("10.9.0.7"))


def enter_namespaces(script):
    for tool in ("keepalived", "ip", "tshark", "unshare", "mount", "sysctl"):
        if shutil.which(tool, path=os.environ["PATH"] + ":/usr/sbin:/sbin") is None:
            skip(f"{tool} is not installed")
    wrapper = ["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "--kill-child",
               "--mount-proc"]
    if subprocess.run([*wrapper, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        skip("this machine allows no namespaces")
    environment = dict(os.environ, PATH=os.environ["PATH"] + ":/usr/sbin:/sbin", **{INSIDE: "1"})
    os.execvpe("unshare", [*wrapper, sys.executable, script, *sys.argv[1:]], environment)


def skip(why):
    print(f"SKIPPED: {why}")
    sys.exit(SKIPPED)


def main(tests):
    """Runs the test class inside namespaces of its own; for the other tests of this directory too."""
    global VIPDRIFTD
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} VIPDRIFTD [TEST...]")
    VIPDRIFTD = os.path.abspath(sys.argv.pop(1))
    if INSIDE not in os.environ:
        sys.argv.insert(1, VIPDRIFTD)
        enter_namespaces(sys.argv[0])
    run("mount", "-t", "tmpfs", "tmpfs", "/run")
    suite = unittest.defaultTestLoader
    names = [f"{tests.__name__}.{name}" for name in sys.argv[1:]]
    module = sys.modules[tests.__module__]
    chosen = suite.loadTestsFromNames(names, module) if names else suite.loadTestsFromTestCase(tests)
    sys.exit(not unittest.TextTestRunner(verbosity=2).run(chosen).wasSuccessful())


if __name__ == "__main__":
    main(Interop)
