#!/usr/bin/env python3
"""That each pair of scenarios/better tells two daemons apart, whatever the seed, and names the switch between them.

    better_test.py VIPDRIFT SCENARIOS/BETTER

The pairs and their switches are read from the table of the README there, so that it cannot say anything else.
"""
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

HELD, FAILED = 0, 1
SEEDS = {HELD: range(1, 21), FAILED: range(1, 4)}
VIPDRIFT = BETTER = None


def switches():
    """By pair: the members that turn vipdriftd's habit back."""
    rows = re.findall(r"^\| ([a-z-]+) \|[^|]*\|[^|]*\| `([^`]*=[^`]*)` \|", (BETTER / "README.md").read_text(), re.M)
    return dict(rows)


def run(scenarios, seed, *options):
    """The exit code, and what vipdrift said."""
    command = [VIPDRIFT, "run", "--seed", str(seed), *options, *map(str, scenarios)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return ran.returncode, ran.stdout + ran.stderr


class Better(unittest.TestCase):
    def setUp(self):
        self.pairs = switches()
        self.pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1)
        self.addCleanup(self.pool.shutdown)

    def expect(self, wanted, *scenarios, options=()):
        seeds = SEEDS[wanted]
        for seed, (code, said) in zip(seeds, self.pool.map(lambda seed: run(scenarios, seed, *options), seeds)):
            names = " ".join(scenario.name for scenario in scenarios)
            self.assertEqual(code, wanted, f"{names} {' '.join(options)}, seed {seed}:\n{said}")

    def test_every_scenario_is_half_of_a_pair_with_a_switch(self):
        there = {path.stem for path in BETTER.glob("*.yaml")} - {"cluster"}
        halves = {f"{pair}-{daemon}" for pair in self.pairs for daemon in ("keepalived", "vipdrift")}
        self.assertGreaterEqual(len(self.pairs), 8)
        self.assertEqual({name for name in there if not name.endswith("-mixed")}, halves)

    def test_each_scenario_holds_as_it_stands(self):
        self.expect(HELD, *(path for path in sorted(BETTER.glob("*.yaml")) if path.stem != "cluster"))

    def test_each_half_fails_with_the_other_daemon(self):
        for pair in self.pairs:
            for own, subject in (("keepalived", "vipdriftd"), ("vipdrift", "keepalived")):
                scenario = BETTER / f"{pair}-{own}.yaml"
                with self.subTest(scenario=scenario.name):
                    self.assertIn(f"profile: {own}\n", scenario.read_text())
                    self.expect(FAILED, scenario, options=("--subject", subject))

    def test_mixed_clusters_hold_because_of_the_one_vipdriftd(self):
        for scenario in BETTER.glob("*-mixed.yaml"):
            with self.subTest(scenario=scenario.name):
                self.expect(FAILED, scenario, options=("--subject", "keepalived"))

    def test_the_switch_turns_the_habit_back(self):
        with tempfile.TemporaryDirectory() as directory:
            copies = pathlib.Path(directory) / "better"
            shutil.copytree(BETTER, copies)
            for pair, switch in self.pairs.items():
                with self.subTest(pair=pair, switch=switch):
                    scenario = copies / f"{pair}-vipdrift.yaml"
                    scenario.write_text(scenario.read_text().replace("profile: vipdrift\n",
                                                                     f"profile: vipdrift,{switch}\n"))
                    self.expect(FAILED, scenario)

    def test_each_of_the_three_habits_against_a_false_master_is_enough(self):
        switch = self.pairs["false-master"]
        members = switch.split(",")
        self.assertEqual(len(members), 3)
        with tempfile.TemporaryDirectory() as directory:
            copies = pathlib.Path(directory) / "better"
            shutil.copytree(BETTER, copies)
            scenario = copies / "false-master-vipdrift.yaml"
            whole = scenario.read_text()
            for kept in members:
                rest = ",".join(member for member in members if member != kept)
                with self.subTest(kept=kept):
                    scenario.write_text(whole.replace("profile: vipdrift\n", f"profile: vipdrift,{rest}\n"))
                    self.expect(HELD, scenario)


if __name__ == "__main__":
    VIPDRIFT, BETTER = sys.argv[1], pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1])
