#!/usr/bin/env python3
"""The laboratory from outside: up, exec, status, down, and nothing left behind.

    lab_test.py VIPDRIFT

Needs no privilege: the lab makes its own namespaces. Exits 77 (skipped) with the reason where the machine gives none.
"""
import contextlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

SKIPPED = 77
VIPDRIFT = ""
# A takeover needs 0.8 s with these configurations; a busy machine may need longer.
PATIENCE = 20.0
VIP = "10.9.0.7"

# Nobody listens on the port: that the holder's kernel says so is an answer.
ASK = f"""
import socket
try:
    socket.create_connection(("{VIP}", 9), 10)
except ConnectionRefusedError:
    pass
"""
CONFIG = """
vrrp_instance VI_1 {{
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
"""
CLUSTER = """
directors:
  lvs1: {config: lvs1.conf, interfaces: {eth0: {address: 10.9.0.1/24}}}
  lvs2: {config: lvs2.conf, interfaces: {eth0: {address: 10.9.0.2/24}}}
clients:
  client: {address: 10.9.0.200/24}
"""


def processes():
    """Numbers of everything that runs here."""
    return {int(entry) for entry in os.listdir("/proc") if entry.isdigit()}


def alive(pid):
    """A zombie waits for its parent only."""
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def descendants(pid):
    """All processes below `pid`, as they are now."""
    parents = {}
    for number in processes():
        with contextlib.suppress(OSError, IndexError):
            stat = pathlib.Path(f"/proc/{number}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
            parents[number] = int(stat[1])
    found, fresh = set(), {pid}
    while fresh:
        fresh = {number for number, parent in parents.items() if parent in fresh} - found
        found |= fresh
    return found


class Lab(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.place = pathlib.Path(directory.name)
        self.runtime = self.place / "run"
        self.runtime.mkdir()
        for name, priority in (("lvs1", 200), ("lvs2", 100)):
            (self.place / f"{name}.conf").write_text(CONFIG.format(priority=priority), encoding="ascii")
        (self.place / "cluster.yaml").write_text(CLUSTER, encoding="ascii")
        self.addCleanup(self.vipdrift, "down")

    def vipdrift(self, *words, **keywords):
        environment = {**os.environ, "XDG_RUNTIME_DIR": str(self.runtime)}
        return subprocess.run([VIPDRIFT, *words], env=environment, capture_output=True, text=True, timeout=60,
                              check=False, **keywords)

    def up(self, *words):
        done = self.vipdrift("up", str(self.place / "cluster.yaml"), *words)
        self.assertEqual(done.returncode, 0, done.stderr)

    def status(self):
        done = self.vipdrift("status", "--json")
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout)

    def eventually(self, what, question):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if question():
                return
            time.sleep(0.05)
        self.fail(f"{what} did not come about within {PATIENCE} s: {json.dumps(self.status(), indent=1)}")

    def holders(self):
        return self.status()["addresses"][0]["holders"]

    def test_a_cluster_lives_drifts_and_goes(self):
        self.up()
        laboratory = self.status()["process"]
        self.eventually(f"{VIP} on lvs1", lambda: self.holders() == ["lvs1"])
        self.assertIn(f"inet {VIP}/24", self.vipdrift("exec", "lvs1", "ip", "addr", "show", "dev", "eth0").stdout)
        self.assertNotIn(VIP, self.vipdrift("exec", "lvs2", "ip", "addr").stdout)
        answered = self.vipdrift("exec", "client", sys.executable, "-c", ASK)
        self.assertEqual(answered.returncode, 0, answered.stdout + answered.stderr)

        self.assertEqual(self.vipdrift("exec", "lvs1", "pkill", "-STOP", "vipdriftd").returncode, 0)
        self.assertEqual(self.vipdrift("exec", "lvs1", "pkill", "-KILL", "vipdriftd").returncode, 0)
        self.eventually(f"{VIP} on lvs2", lambda: "lvs2" in self.holders())
        self.assertIn("lvs2", self.vipdrift("status").stdout)

        inside = descendants(laboratory)
        self.assertGreater(len(inside), 3)
        self.assertEqual(self.vipdrift("down").returncode, 0)
        self.assertEqual([pid for pid in inside | {laboratory} if alive(pid)], [])
        self.assertEqual(list(self.runtime.rglob("*")), [self.runtime / "vipdrift"])
        gone = self.vipdrift("status")
        self.assertEqual(gone.returncode, 3)
        self.assertIn("lab lab is not up", gone.stderr)

    def test_the_command_has_its_exit_code_and_its_streams(self):
        self.up()
        self.assertEqual(self.vipdrift("exec", "lvs1", "sh", "-c", "exit 42").returncode, 42)
        self.assertEqual(self.vipdrift("exec", "lvs1", "sh", "-c", "kill -9 $$").returncode, 128 + signal.SIGKILL)
        self.assertEqual(self.vipdrift("exec", "lvs1", "no-such-program").returncode, 127)
        self.assertEqual(self.vipdrift("exec", "client", "cat", input="through and through").stdout,
                         "through and through")
        nobody = self.vipdrift("exec", "lvs3", "true")
        self.assertEqual(nobody.returncode, 3)
        self.assertIn("there are lvs1, lvs2, client", nobody.stderr)
        again = self.vipdrift("up", str(self.place / "cluster.yaml"))
        self.assertEqual(again.returncode, 3)
        self.assertIn("is up already", again.stderr)

    def test_killing_the_laboratory_leaves_nothing_running(self):
        self.up("--subject", "vipdriftd")
        laboratory = self.status()["process"]
        inside = descendants(laboratory)
        os.kill(laboratory, signal.SIGKILL)
        self.eventually_gone(inside)
        self.up()  # the name is free
        self.assertEqual(self.vipdrift("down").returncode, 0)

    def eventually_gone(self, pids):
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and any(alive(pid) for pid in pids):
            time.sleep(0.05)
        self.assertEqual([pid for pid in pids if alive(pid)], [])

    def test_what_is_wrong_is_said_before_anything_is_made(self):
        wrong = self.vipdrift("up", "--subject", "keepalivd", str(self.place / "cluster.yaml"))
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("did you mean 'keepalived'?", wrong.stderr)
        (self.place / "lvs1.conf").write_text("vrrp_instance VI_1 {\n  interfce eth0\n}\n", encoding="ascii")
        wrong = self.vipdrift("up", str(self.place / "cluster.yaml"))
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("lvs1.conf:2", wrong.stderr)
        self.assertEqual(list(self.runtime.rglob("*")), [])


def why_not_here():
    done = subprocess.run(["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "true"],
                          capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"no namespaces here: {done.stderr.strip()}"


if __name__ == "__main__":
    VIPDRIFT = os.path.abspath(sys.argv.pop(1))
    reason = why_not_here()
    if reason:
        print(reason)
        sys.exit(SKIPPED)
    unittest.main()
