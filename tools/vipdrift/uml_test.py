#!/usr/bin/env python3
"""Scenarios in User-Mode Linux: what holds and what does not, in one report, and what is left when things go wrong.

    uml_test.py VIPDRIFT VIPDRIFTD SCENARIOS

Bounds are real time, generous ones: a guest is slow beside a compiler.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

NOBODY = 65534
PATIENCE = 60
VIPDRIFT = VIPDRIFTD = SCENARIOS = ""

CONFIG = """vrrp_instance V {{
    interface eth0
    virtual_router_id 51
    priority {priority}
    advert_int 1
    version 3
    virtual_ipaddress {{
        10.9.0.100/24
    }}
}}
"""

# The master falls silent at 20 s; its backup waits 3 s and a skew time of 0.6 s from the last advertisement it heard.
SCENARIO = """name: {name}
cluster:
  directors:
    a: {{config: a.conf, interfaces: {{eth0: {{address: 10.9.0.1/24}}}}}}
    b: {{config: b.conf, interfaces: {{eth0: {{address: 10.9.0.2/24}}}}}}
  clients:
    c: {{address: 10.9.0.200/24}}
steps:
  - at: 0s
    start: [a, b]
  - at: 20s
    power_off: a
    expect: {{vip: 10.9.0.100, on: b, within: {within}, for: 3s}}
  - at: 28s
    note: the end
"""
# Advertisements of the master arrive seven seconds late: its backup takes over meanwhile, and steps down when they come.
LATE = """name: late
cluster:
  directors:
    a: {config: a.conf, interfaces: {eth0: {address: 10.9.0.1/24}}}
    b: {config: b.conf, interfaces: {eth0: {address: 10.9.0.2/24}}}
steps:
  - at: 0s
    start: [a, b]
  - at: 10s
    faults: {node: a, direction: out, delay: 7s}
    expect:
      - {vip: 10.9.0.100, holders: [a, b], not_before: 2.6s, within: 3.8s}
      - {advertisement: {from: a, vrid: 51}, within: 4s, at_least: 2}
  - at: 15s
    note: the first one arrives
    expect: {vip: 10.9.0.100, on: a, not_before: 2s, within: 3.1s, for: 4s}
  - at: 24s
    faults: {node: b, direction: in, delay: 5s, jitter: 1s, reordering: 10%, duplication: 20%}
    expect: {vip: 10.9.0.100, holders: [a, b], not_before: 2.6s, within: 3.8s}
  - at: 31s
    note: the end
"""
# IP and ARP alike: br_netfilter, which the guest has, takes IP packets past hooks of the usual priority.
CUT = """name: cut
cluster:
  directors:
    a: {config: a.conf, interfaces: {eth0: {address: 10.9.0.1/24}}}
  clients:
    c: {address: 10.9.0.200/24}
steps:
  - at: 1s
    probe: {target: 10.9.0.1, every: 100ms}
    expect: {probing: 10.9.0.1, answered_by: a, within: 2s, for: 3s}
  - at: 6s
    cut: {from: a, to: c}
    expect: {probing: 10.9.0.1, answered_by: nobody, within: 0.5s, for: 3s}
"""
# Farther from the truth than the tolerance of this world, by a little: 2.6 s is the earliest moment.
HELD_WITHIN, MISSED_WITHIN = "3.7s", "1.5s"


def write_scenarios(home):
    """Two scenarios that differ in one bound, one that needs netem and one that needs nftables."""
    (home / "a.conf").write_text(CONFIG.format(priority=150))
    (home / "b.conf").write_text(CONFIG.format(priority=100))
    for name, within in (("holds", HELD_WITHIN), ("fails", MISSED_WITHIN)):
        (home / f"{name}.yaml").write_text(SCENARIO.format(name=name, within=within))
    (home / "late.yaml").write_text(LATE)
    (home / "cut.yaml").write_text(CUT)


def machines(names=("linux.uml", "vipdrift-uml")):
    """The processes of all User-Mode Linuxes and of their keepers: those that are dead and not yet buried are gone."""
    found = set()
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            name, state = (process / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        if name in names and not state.startswith(" Z"):
            found.add(int(process.name))
    return found


class UmlTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.home = pathlib.Path(directory.name)
        self.scratch = self.home / "tmp"
        self.scratch.mkdir()
        write_scenarios(self.home)
        self.before = machines()

    def tearDown(self):
        limit = time.monotonic() + PATIENCE
        while (left := self.left()) and time.monotonic() < limit:
            time.sleep(0.05)
        self.assertEqual(left, [])

    def left(self):
        """What remains of this test's machines."""
        mine = f"vipdrift-uml-{os.getpid()}"
        return sorted(machines() - self.before) + [str(it) for it in self.scratch.iterdir() if it.name != mine]

    def environment(self):
        return {**os.environ, "TMPDIR": str(self.scratch)}

    def begin(self, *arguments, **options):
        return subprocess.Popen([VIPDRIFT, "run", "--on", *arguments], cwd=self.home, env=self.environment(), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)

    def run_on(self, *arguments, **options):
        process = self.begin(*arguments, **options)
        output, _ = process.communicate(timeout=400)
        return process.returncode, output

    def booted(self, process):
        """When there is a guest that runs `process`'s scenario: its order and its directory are there."""
        limit = time.monotonic() + PATIENCE
        while not list(self.scratch.glob("vipdrift-uml-*/*.order")):
            self.assertIsNone(process.poll(), "it ended before it began")
            self.assertLess(time.monotonic(), limit, "it never began")
            time.sleep(0.05)

    def test_one_boot_runs_what_holds_and_what_does_not(self):
        library = [SCENARIOS + "/interfaces/deleted-under-the-master.yaml", SCENARIOS + "/better/killed-vipdrift.yaml"]
        files_before = sorted(self.home.iterdir())
        status, output = self.run_on("uml", "--subject", "vipdriftd", "--json", "--jobs", "2", "--junit", "report.xml",
                                     "holds.yaml", "fails.yaml", "late.yaml", "cut.yaml", *library)
        self.assertEqual(status, 1, output[-3000:])
        reports = {pathlib.Path(it["file"]).stem: it for it in json.loads(output)["scenarios"]}
        self.assertEqual(reports["fails"]["status"], "failed", reports["fails"].get("error"))
        held = {name: (it["status"], it.get("error")) for name, it in reports.items() if name != "fails"}
        self.assertEqual(held, {name: ("held", None) for name in held})
        self.assertEqual(len(held), 5)
        self.assertTrue(all(it["world"] == "uml" for it in reports.values()))
        seen = [it for it in reports["holds"]["timeline"] if "10.9.0.100" in json.dumps(it)]
        self.assertTrue(seen)
        self.assertIn("failures=\"1\"", (self.home / "report.xml").read_text())
        self.assertEqual(sorted(set(self.home.iterdir()) - set(files_before)), [self.home / "report.xml"])

    def test_the_simulator_agrees_and_stock_keepalived_too(self):
        status, output = self.run_on("sim,uml", "--subject", "vipdriftd,keepalived", "--compare", "holds.yaml")
        self.assertEqual(status, 0, output)
        self.assertIn("worlds agree in 1", output)

    def test_frames_are_captured_where_the_user_asked(self):
        status, output = self.run_on("uml", "--subject", "vipdriftd", "--pcap", "wire.pcap", "holds.yaml")
        self.assertEqual(status, 0, output)
        self.assertGreater((self.home / "wire.pcap").stat().st_size, 1000)

    @unittest.skipUnless(os.geteuid() == 0, "is an ordinary user already")
    def test_an_ordinary_user_needs_nothing(self):
        for program in (VIPDRIFT, VIPDRIFTD):
            shutil.copy(program, self.home)
        for path in [self.home, *self.home.rglob("*")]:
            os.chown(path, NOBODY, NOBODY)
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR": str(self.scratch)}
        done = subprocess.run([str(self.home / "vipdrift"), "run", "--on", "uml", "--subject", "vipdriftd",
                               "holds.yaml"], cwd=self.home, env=environment, user=NOBODY, group=NOBODY,
                              extra_groups=[], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=400,
                              check=False)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("1 scenario: 1 held", done.stdout)

    def test_nothing_is_left_by_a_run_that_is_killed(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            process = self.begin("uml", "--subject", "vipdriftd", "holds.yaml", start_new_session=True)
            self.booted(process)
            process.send_signal(number)
            process.communicate(timeout=PATIENCE)
            self.assertEqual(process.returncode, -number)
            self.tearDown()

    def test_a_kernel_that_is_killed_is_told(self):
        process = self.begin("uml", "--subject", "vipdriftd", "holds.yaml")
        self.booted(process)
        for machine in machines(["linux.uml"]) - self.before:
            with contextlib.suppress(ProcessLookupError):  # of several processes of one kernel, one takes others along
                os.kill(machine, signal.SIGKILL)
        output, _ = process.communicate(timeout=PATIENCE)
        self.assertEqual(process.returncode, 3, output)
        self.assertIn("User-Mode Linux has ended: it ended: killed by signal 9", output)

    def test_a_kernel_that_is_not_there_is_named(self):
        status, output = self.run_on("uml", "--uml", "linux.none", "holds.yaml")
        self.assertEqual(status, 3)
        self.assertIn("there is no linux.none in PATH; the Debian package user-mode-linux has it", output)
        status, output = self.run_on("uml", "--uml", "/bin/true", "holds.yaml")
        self.assertEqual(status, 3)
        self.assertIn("User-Mode Linux", output)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    VIPDRIFT, VIPDRIFTD, SCENARIOS = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1)
    unittest.main()
