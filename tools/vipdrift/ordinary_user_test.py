#!/usr/bin/env python3
"""A scenario in namespaces and a laboratory, both as a user without any privilege.

    ordinary_user_test.py VIPDRIFT VIPDRIFTD SCENARIO

Run by root, the test becomes nobody; run by anyone else it is that user. Exits 77 (skipped) with the reason where the
machine lets such a user make no namespaces.
"""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

SKIPPED = 77
NOBODY = 65534
VIPDRIFT = VIPDRIFTD = SCENARIO = ""


def as_ordinary_user(command, home):
    """What `command` came to; without root's identity, groups and environment."""
    identity = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
    environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(home), "TMPDIR": str(home)}
    return subprocess.run(command, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, timeout=240, check=False, **identity)


def why_not():
    """Why an ordinary user can make no namespaces here; empty when one can."""
    done = as_ordinary_user(["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork", "true"], "/")
    return "" if done.returncode == 0 else done.stdout.strip()


class OrdinaryUserTest(unittest.TestCase):
    def setUp(self):
        """Copies in a place that everybody may enter; the checkout may be root's alone."""
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.home = pathlib.Path(directory.name)
        self.programs = self.home / "bin"
        self.programs.mkdir()
        for program in (VIPDRIFT, VIPDRIFTD):
            shutil.copy(program, self.programs)
        shutil.copytree(pathlib.Path(SCENARIO).parent, self.home / "scenarios")
        if os.geteuid() == 0:
            for path in [self.home, *self.home.rglob("*")]:
                os.chown(path, NOBODY, NOBODY)

    def vipdrift(self, *arguments):
        return as_ordinary_user([str(self.programs / "vipdrift"), *arguments], self.home)

    def test_a_scenario_runs_in_namespaces(self):
        scenario = f"scenarios/{pathlib.Path(SCENARIO).name}"
        done = self.vipdrift("run", "--on", "netns", "--subject", "vipdriftd", scenario)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("1 scenario: 1 held", done.stdout)

    def test_a_laboratory_comes_and_goes(self):
        self.addCleanup(self.vipdrift, "down", "--lab", "ordinary")
        up = self.vipdrift("up", "scenarios/cluster.yaml", "--subject", "vipdriftd", "--lab", "ordinary")
        self.assertEqual(up.returncode, 0, up.stdout)
        done = self.vipdrift("exec", "--lab", "ordinary", "lvs1", "ip", "-brief", "address", "show", "eno16777736")
        self.assertIn("10.1.10.1/24", done.stdout)
        down = self.vipdrift("down", "--lab", "ordinary")
        self.assertEqual(down.returncode, 0, down.stdout)
        self.assertEqual(self.vipdrift("status", "--lab", "ordinary").returncode, 3)


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    VIPDRIFT, VIPDRIFTD, SCENARIO = sys.argv.pop(1), sys.argv.pop(1), sys.argv.pop(1)
    if reason := why_not():
        print(f"SKIPPED: an ordinary user can make no namespaces here: {reason}")
        sys.exit(SKIPPED)
    unittest.main()
