#!/usr/bin/env python3
"""That each scenario of scenarios/lvs and each one of scenarios/field with the tag lvs holds whatever the seed, and can fail.

    lvs_test.py VIPDRIFT SCENARIOS

A scenario of scenarios/lvs must fail when one thing is changed that it is about: a word of its configuration, or what is
done to the cluster. The two configurations of a thread are tried crosswise.
"""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HELD, FAILED = 0, 1
SEEDS = {HELD: range(1, 21), FAILED: range(1, 4)}
VIPDRIFT = SCENARIOS = None

# By scenario: files, what is in each of them, and what is put in its place.
CHANGES = {
    "weighted-round-robin": [("weighted-round-robin.conf", "lb_algo wrr", "lb_algo rr")],
    "least-connection": [("least-connection.conf", "lb_algo lc", "lb_algo rr")],
    "weighted-least-connection": [("weighted-least-connection.conf", "lb_algo wlc", "lb_algo lc")],
    "persistence": [("persistence.conf", "persistence_granularity 255.255.255.0", "")],
    "quorum-hysteresis": [("quorum-hysteresis.conf", "hysteresis 1", "")],
    "inhibit-on-failure": [("inhibit-on-failure.conf", "inhibit_on_failure", "")],
    "sorry-server-inhibit": [("sorry-server-inhibit.conf", "sorry_server_inhibit", "")],
    "slow-server": [("slow-server.conf", "connect_timeout 2", "connect_timeout 4")],
    "flapping-server": [("flapping-server.conf", "retry 3", "retry 0")],
    "misc-check-weight": [("misc-check-weight.conf", "misc_dynamic", "")],
    "nat": [("routed.yaml", "gateway: 10.4.0.100", "gateway: 10.4.0.1")],
    "tunnel": [("tunnel.conf", "lb_kind TUN", "lb_kind NAT")],
    "ipv6": [("ipv6.conf", "2001:db8:3::100/128", "2001:db8:3::100/64")],
    "ipv6-virtual-source": [("ipv6-virtual-source.conf", "2001:db8:3::100/64", "2001:db8:3::100/128")],
    "reload-under-load": [("reload-under-load-after.conf", "real_server 10.3.0.12", "real_server 10.3.0.22")],
    "check-child-killed": [("check-child-killed.yaml", "crash: {check: lvs1}", "crash: lvs1")],
    "tcp-check": [("tcp-check.conf", "retry 1", "retry 4")],
    "http-get": [("http-get.conf", 'regex "well"', 'regex "l"')],
    "ssl-get": [("ssl-get.conf", "status_code 200", "status_code 200-599")],
    "smtp-check": [("smtp-check.conf", "connect_timeout 1", "connect_timeout 4")],
    "dns-check": [("dns-check.conf", "retry 1", "retry 3")],
    "udp-check": [("udp-check.conf", "require_reply 72733X0a", "require_reply")],
    "udp-check-refused": [("udp-check-refused.conf", "UDP_CHECK {", "UDP_CHECK {\n            require_reply")],
    "ping-check": [("ping-check.conf", "PING_CHECK", "TCP_CHECK")],
    "file-check": [("file-check.conf", "weight 2", "weight 1")],
    "server-notifications": [("server-notifications.conf", "retry 1", "retry 3")],
    "track-quorum": [("track-quorum-lvs1.conf", "track_quorum 10.3.0.100 80 weight -20", "")],
}
# Threads about a daemon's habit rather than about a configuration.
HABITS = ["1822-answer-that-drips", "2428-sorry-and-real-servers-together"]


def run(scenario, seed, *options):
    """The exit code, and what vipdrift said."""
    command = [VIPDRIFT, "run", "--seed", str(seed), *options, str(scenario)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return ran.returncode, ran.stdout + ran.stderr


class Lvs(unittest.TestCase):
    def setUp(self):
        self.pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1)
        self.addCleanup(self.pool.shutdown)
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.copies = pathlib.Path(directory.name)

    def expect(self, wanted, scenario, *options):
        seeds = SEEDS[wanted]
        for seed, (code, said) in zip(seeds, self.pool.map(lambda seed: run(scenario, seed, *options), seeds)):
            self.assertEqual(code, wanted, f"{scenario} {' '.join(options)}, seed {seed}:\n{said}")

    def copy(self, source, name):
        return pathlib.Path(shutil.copytree(source, self.copies / name))

    def threads(self):
        return [path.parent for path in sorted((SCENARIOS / "field").glob("*/as-reported.yaml"))
                if ", lvs," in path.read_text()]

    def test_each_scenario_holds(self):
        for scenario in [*(SCENARIOS / "lvs").glob("*.yaml"), *(it for path in self.threads() for it in path.glob("*.yaml"))]:
            if "\nsteps:" in scenario.read_text():
                with self.subTest(scenario=scenario.name):
                    self.expect(HELD, scenario)

    def test_each_scenario_has_a_change_that_breaks_it(self):
        stories = {path.stem for path in (SCENARIOS / "lvs").glob("*.yaml") if "\nsteps:" in path.read_text()}
        self.assertEqual(stories, set(CHANGES))
        for name, changes in CHANGES.items():
            with self.subTest(scenario=name):
                copy = self.copy(SCENARIOS / "lvs", name)
                for file, before, after in changes:
                    text = (copy / file).read_text()
                    self.assertIn(before, text)
                    (copy / file).write_text(text.replace(before, after))
                self.expect(FAILED, copy / f"{name}.yaml")

    def test_a_thread_fails_with_the_configuration_of_its_counterpart(self):
        self.assertGreaterEqual(len(self.threads()), 6)
        for thread in self.threads():
            mended = {path: thread / path.name.replace("-mended", "") for path in thread.glob("*-mended*.conf")}
            for name, of_which in (("as-reported", mended), ("mended", {own: other for other, own in mended.items()})):
                if not mended:
                    continue
                with self.subTest(thread=thread.name, story=name):
                    copy = self.copy(thread, f"{thread.name}-{name}")
                    for source, target in of_which.items():
                        shutil.copy(source, copy / target.name)
                    self.expect(FAILED, copy / f"{name}.yaml")

    def test_a_habit_is_the_daemons(self):
        for thread in HABITS:
            with self.subTest(thread=thread):
                self.expect(FAILED, SCENARIOS / "field" / thread / "as-reported.yaml", "--subject", "vipdriftd")
                self.expect(FAILED, SCENARIOS / "field" / thread / "with-vipdrift.yaml", "--subject", "keepalived")


if __name__ == "__main__":
    VIPDRIFT, SCENARIOS = sys.argv[1], pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
