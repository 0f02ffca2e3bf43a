#!/usr/bin/env python3
"""`vipdrift config`: what is shown is a configuration that keepalived takes as it takes the original; what is formatted
is the same configuration.

    config_test.py VIPDRIFT SCENARIOS
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SAMPLES = pathlib.Path("/usr/share/doc/keepalived/samples")


def config(*arguments):
    return subprocess.run([sys.argv[1], "config", *map(str, arguments)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, timeout=60)


def complaints_of_keepalived(file):
    """What `keepalived -t` says of a file, without places and numbers that depend on how a value is written."""
    done = subprocess.run(["keepalived", "-t", "-f", str(file)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False, timeout=60)
    lines = set()
    for line in done.stdout.splitlines():
        line = re.sub(r"^\([^()]*(: Line \d+)?\) ", "", line)
        lines.add(re.sub(r"(\d)/(32|128)\b", r"\1", re.sub(r"/\S+\.conf\S*", "FILE", line)))
    return done.returncode, lines


class Scratch(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path


class Show(Scratch):
    def test_says_where_values_come_from(self):
        self.file("part.conf", "    priority $P\n")
        path = self.file("k.conf", "global_defs {\n  vrrp_garp_master_delay 7\n  reload_repeat\n}\n$P=120\n"
                                   "vrrp_instance V {\n  interface eth0\n  virtual_router_id 5\n  advert_int 1.4\n"
                                   "  include part.conf\n@lvs1 nopreempt\n  virtual_ipaddress {\n    10.0.0.~SEQ\n"
                                   "  }\n}\n".replace("    10.0.0.~SEQ\n", "    ~SEQ(n, 1, 3) 10.0.0.$n\n"))
        done = config("show", "-i", "lvs1", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("1.4 becomes 1", done.stderr)
        lines = [" ".join(line.split()) for line in done.stdout.splitlines()]
        for expected in ("garp_master_delay 7 # vrrp_garp_master_delay of global_defs", "priority 120", "nopreempt",
                         "advert_int 1 # written: '1.4'", "garp_master_repeat 5 # default", "10.0.0.2/32 # dev eth0, default",
                         "reload_repeat # accepted, not implemented: no effect", f"vrrp_instance V {{ # {path}:6"):
            self.assertIn(expected, lines)
        self.assertNotIn("nopreempt", config("show", path).stdout)

    def test_json_has_origins_and_places(self):
        path = self.file("k.conf", "vrrp_instance V {\n  interface eth0\n  virtual_router_id 5\n  virtual_ipaddress {\n"
                                   "    10.0.0.1\n  }\n}\n")
        document = json.loads(config("show", "--json", path).stdout)
        instance = next(each for each in document["statements"] if each["keyword"] == "vrrp_instance")
        settings = {each["keyword"]: each for each in instance["block"]}
        self.assertEqual(settings["virtual_router_id"]["place"], {"file": str(path), "line": 3})
        self.assertEqual(settings["virtual_router_id"]["origin"], "written")
        self.assertEqual((settings["priority"]["value"], settings["priority"]["origin"]), ("100", "default"))

    def test_keepalived_takes_what_is_shown_as_it_takes_the_original(self):
        if shutil.which("keepalived") is None:
            self.skipTest("keepalived is not installed")
        files = sorted(SCENARIOS.rglob("*.conf"))[::5]
        files += sorted(path for path in SAMPLES.glob("*") if path.is_file()) if SAMPLES.is_dir() else []
        compared = 0
        for file in files:
            shown = config("show", file)
            if shown.returncode != 0:
                continue
            status, complaints = complaints_of_keepalived(file)
            again, new = complaints_of_keepalived(self.file("shown.conf", shown.stdout))
            with self.subTest(file.name):
                # A route that follows an interface says so once for each spelling; what was corrected stays corrected.
                new = {line for line in new - complaints if not line.startswith("Warning - cannot track route")}
                self.assertEqual(new, set())
                self.assertLessEqual(again, status)
            compared += 1
        self.assertGreater(compared, 20)

    def test_every_block_of_what_is_shown_is_taken(self):
        if shutil.which("keepalived") is None:
            self.skipTest("keepalived is not installed")
        file = self.file("k.conf", "vrrp_script s {\n  script \"/bin/true\"\n}\ntrack_file f {\n  file /tmp/f\n}\n"
                                   "vrrp_track_process p {\n  process x\n}\nvrrp_sync_group G {\n  group {\n    V\n  }\n}\n"
                                   "vrrp_instance V {\n  interface eth0\n  virtual_router_id 5\n  strict_mode on\n"
                                   "  priority 255\n  virtual_ipaddress {\n    10.0.0.1\n  }\n  track_process {\n    p\n  }\n}\n"
                                   "virtual_server 10.0.0.1 80 {\n  protocol TCP\n  real_server 10.0.0.2 80 {\n"
                                   "    TCP_CHECK {\n    }\n  }\n}\n")
        shown = config("show", file)
        self.assertEqual(shown.returncode, 0, shown.stderr)
        again = self.file("shown.conf", shown.stdout)
        self.assertEqual(complaints_of_keepalived(again)[1] - complaints_of_keepalived(file)[1], set())
        self.assertLessEqual(config("show", again).stderr.count("warning"), shown.stderr.count("warning"))

    def test_a_file_that_is_refused_or_missing(self):
        self.assertEqual(config("show").returncode, 2)
        done = config("show", self.file("k.conf", "vrrp_instnace V {\n}\n"))
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("did you mean 'vrrp_instance'?", done.stderr)
        for command in (["show", "/nowhere.conf"], ["diff", "/nowhere.conf", "/nowhere.conf"], ["fmt", "/nowhere.conf"]):
            self.assertIn("/nowhere.conf: cannot be read: No such file or directory; expected a keepalived.conf\n",
                          config(*command).stderr)
        self.assertIn(": cannot be read: it is a directory; expected", config("show", self.folder).stderr)


class Diff(Scratch):
    BASE = ("vrrp_instance V {\n  interface eth0\n  virtual_router_id 5\n  virtual_ipaddress {\n    10.0.0.1\n  }\n}\n"
            "virtual_server 10.0.0.1 80 {\n  lb_algo rr\n  lb_kind DR\n  protocol TCP\n  real_server 10.0.0.2 80 {\n"
            "    TCP_CHECK {\n    }\n  }\n}\n")

    def test_says_what_a_reload_would_do(self):
        old = self.file("old.conf", self.BASE)
        new = self.file("new.conf", self.BASE.replace("_id 5", "_id 6").replace("TCP_CHECK {", "weight 3\n    TCP_CHECK {"))
        done = config("diff", old, new)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertRegex(done.stdout, r"vrrp_instance V: FLAPS: begins anew as another virtual router, is BACKUP, MASTER "
                                      r"after 3\.6\d+ s unless another takes over +\S*new\.conf:1")
        self.assertRegex(done.stdout, r"  ~ virtual_router_id 5 -> 6 +\S*new\.conf:3")
        self.assertIn("  - address 10.0.0.1/32 of eth0", done.stdout)
        self.assertIn("kernel: set server 10.0.0.2:80 (DR, weight 3) of TCP 10.0.0.1:80", done.stdout)
        self.assertNotIn("\x1b", done.stdout)
        document = json.loads(config("diff", "--json", old, new).stdout)
        self.assertEqual(document["instances"][0]["fate"], "flaps")
        self.assertTrue(document["changes"])

    def test_nothing_changes(self):
        old = self.file("old.conf", self.BASE)
        done = config("diff", old, self.file("new.conf", "# other words\n" + config("show", old).stdout))
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("1 of 1 instances and 1 of 1 virtual servers untouched", done.stdout)
        self.assertIn("assumed: this director is MASTER of all it can be", done.stdout)

    def test_what_has_no_effect_is_told_and_is_no_change(self):
        old = self.file("old.conf", self.BASE)
        new = self.file("new.conf", "global_defs {\n  enable_snmp_vrrp\n}\n" + self.BASE)
        done = config("diff", old, new)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertRegex(done.stdout, r"\+ enable_snmp_vrrp on \(no effect\) +\S*new\.conf:2")
        self.assertFalse(json.loads(config("diff", "--json", old, new).stdout)["changes"])

    def test_of_a_server_defined_twice_the_reason_is_said(self):
        file = SCENARIOS / "article" / "balanced-lvs1.conf"
        done = config("diff", file, file)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertRegex(done.stdout, r"! defined twice: goes on as the first, \S*/lvs1\.conf:\d+")

    def test_a_file_that_is_refused_or_missing(self):
        old = self.file("old.conf", self.BASE)
        self.assertEqual(config("diff", old).returncode, 2)
        self.assertEqual(config("diff", old, "/nowhere.conf").returncode, 2)
        done = config("diff", old, self.file("new.conf", "vrrp_instance V {\n}\n"))
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("new.conf:1:1: error", done.stderr)


class Completion(unittest.TestCase):
    def test_knows_the_commands_of_a_group(self):
        script = subprocess.run([sys.argv[1], "completion", "bash"], stdout=subprocess.PIPE, text=True, check=True)
        asked = script.stdout + ("\nCOMP_WORDS=(vipdrift config \"\"); COMP_CWORD=2; _vipdrift; echo \"${COMPREPLY[*]}\"\n"
                                 "COMP_WORDS=(vipdrift config fmt --); COMP_CWORD=3; _vipdrift; echo \"${COMPREPLY[*]}\"\n"
                                 "COMP_WORDS=(vipdrift config keywords preempt); COMP_CWORD=3; _vipdrift\n"
                                 "echo \"${COMPREPLY[*]}\"\n")
        words = subprocess.run(["bash", "-c", asked], stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n")
        for word in ("show", "diff", "fmt"):
            self.assertIn(word, words[0].split())
        self.assertIn("--check", words[1].split())
        self.assertNotIn("--json", words[1].split())
        self.assertEqual(words[2].split(), ["preempt", "preempt_delay"])
        fish = subprocess.run([sys.argv[1], "completion", "fish"], stdout=subprocess.PIPE, text=True, check=True).stdout
        self.assertIn("-a show", fish)
        self.assertRegex(fish, r"__fish_seen_subcommand_from keywords' -f -a '[^']*\bpreempt_delay\b")


class Format(Scratch):
    UGLY = "vrrp_instance V {\n state   MASTER # here\ninterface eth0\n}\n"
    FAIR = "vrrp_instance V {\n    state     MASTER  # here\n    interface eth0\n}\n"

    def test_prints_checks_and_writes(self):
        path = self.file("k.conf", self.UGLY)
        groups = [group for group in os.getgroups() if group != os.getegid()] or ([33] if os.geteuid() == 0 else [])
        group = groups[0] if groups else os.getegid()  # who has one group only cannot give a file to another
        os.chown(path, -1, group)
        os.chmod(path, 0o640)
        link = self.folder / "link.conf"
        link.symlink_to(path)
        self.assertEqual(config("fmt", path).stdout, self.FAIR)
        done = config("fmt", "--check", self.file("fair.conf", self.FAIR), path)
        self.assertEqual((done.returncode, done.stdout), (1, f"{path}\n"))
        self.assertEqual(path.read_text(encoding="utf-8"), self.UGLY)
        self.assertEqual(config("fmt", "--write", link).returncode, 0)
        self.assertEqual(path.read_text(encoding="utf-8"), self.FAIR)
        self.assertTrue(link.is_symlink())
        self.assertEqual(path.stat().st_mode & 0o777, 0o640)
        self.assertEqual(path.stat().st_gid, group)
        self.assertEqual(config("fmt", "--check", path).returncode, 0)
        self.assertEqual(sorted(each.name for each in self.folder.iterdir()), ["fair.conf", "k.conf", "link.conf"])

    def test_what_has_no_form_is_left_as_it_is(self):
        for text, place in [("vrrp_instance V {\nstate \"MASTER\n}\n", "2:7"), ("vrrp_instance V {\nstate MASTER\n", "1:"),
                            ("vrrp_instance V {\n}\n}\n", "3:1"), ("@a vrrp_instance V {\n@b state \"X\n}\n", "2:"),
                            ("@a vrrp_instance V {\n@b vrrp_instance V {\n@^c }\n@c }\n}\n", "")]:
            path = self.file("k.conf", text)
            for option in ("--write", "--check"):
                with self.subTest(text=text, option=option):
                    done = config("fmt", option, path)
                    self.assertEqual(done.returncode, 2, done.stderr)
                    self.assertIn(f"{path}:{place}", done.stderr)
                    self.assertIn("it is not formatted", done.stderr)
                    self.assertEqual(path.read_text(encoding="utf-8"), text)
        done = subprocess.run([sys.argv[1], "config", "fmt", "/dev/stdin"], input="vrrp_instance V {\n", text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (2, ""), "a pipe is read once")
        # Paired for each id, a part of a file, and one whose definitions stand elsewhere.
        for text in ("@a vrrp_instance V {\n@b vrrp_instance W {\nstate MASTER\n}\n", "real_server 10.0.0.1 80 {\n}\n",
                     "$BEGIN\nstate MASTER\n}\n"):
            with self.subTest(text):
                done = config("fmt", "--write", self.file("k.conf", text))
                self.assertEqual(done.returncode, 0, done.stderr)

    def test_what_cannot_be_done_is_said(self):
        self.assertEqual(config("fmt", "/nowhere.conf").returncode, 2)
        self.assertEqual(config("fmt", "--check", "--write", self.file("k.conf", "")).returncode, 2)
        done = config("fmt")
        self.assertEqual(done.returncode, 2)
        self.assertIn("vipdrift config fmt --help", done.stderr)


if __name__ == "__main__":
    SCENARIOS = pathlib.Path(sys.argv[2])
    unittest.main(argv=sys.argv[:1], verbosity=2)
