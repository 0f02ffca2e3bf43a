"""One daemon in a namespace with one interface: what tests of its command line and of its processes share."""
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import interop_test as lab
from interop_test import run

PATIENCE = 10.0

GOOD = """
global_defs {
    router_id a
}
vrrp_instance V {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 1
    version 3
    virtual_ipaddress {
        10.9.0.7/24
        10.9.0.8/24 label eth0:x
    }
}
"""


class DaemonCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        run("ip", "link", "add", "eth0", "type", "veth", "peer", "name", "eth1")
        run("ip", "link", "set", "lo", "up")
        for name, number in (("eth0", 1), ("eth1", 2)):
            run("ip", "link", "set", name, "up")
            run("ip", "addr", "add", f"10.9.0.{number}/24", "dev", name)

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()
        self.addCleanup(self.scratch.cleanup)
        self.folder = Path(self.scratch.name)
        self.config = self.folder / "keepalived.conf"
        self.config.write_text(GOOD)
        self.pids = ["-p", str(self.folder / "parent.pid"), "-r", str(self.folder / "vrrp.pid"),
                     "-c", str(self.folder / "checkers.pid")]
        self.environment = dict(os.environ, TMPDIR=str(self.folder))
        self.started = []
        self.addCleanup(self.end_all)

    def end_all(self):
        for process in self.started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for file in self.folder.glob("*.pid"):
            try:
                os.kill(int(file.read_text()), signal.SIGKILL)
            except (ProcessLookupError, ValueError):
                pass

    def call(self, *words, program=None):
        """Exit status and what was said."""
        done = subprocess.run([program or lab.VIPDRIFTD, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=30, env=self.environment, check=False)
        return done.returncode, done.stdout, done.stderr

    def start(self, *words):
        log = open(self.folder / "log", "a")
        self.started.append(subprocess.Popen(
            [lab.VIPDRIFTD, "-n", "-l", "-D", "-G", "-f", str(self.config), *self.pids, *words], stdout=log, stderr=log,
            start_new_session=True, env=self.environment))
        log.close()
        return self.started[-1]

    def log(self):
        """What a daemon in the foreground has said; nothing when none was started."""
        log = self.folder / "log"
        return log.read_text() if log.exists() else ""

    def wait_until(self, what, condition):
        end = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), end, f"not within {PATIENCE} s: {what}\n{self.log()}")
            time.sleep(0.02)

    def pid(self, which):
        return int((self.folder / f"{which}.pid").read_text())

    def serve(self, *words):
        daemon = self.start(*words)
        self.wait_until("it serves", lambda: "Startup complete" in self.log())
        return daemon
