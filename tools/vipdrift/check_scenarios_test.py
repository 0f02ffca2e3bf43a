#!/usr/bin/env python3
"""What `vipdrift check --write-scenarios` writes fails with the configurations that were checked, and passes with mended
ones in their place.

    check_scenarios_test.py VIPDRIFT SCENARIOS
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

# Rules whose findings can be played, by their examples.
RULES = ["failed-keeps-address", "several-hold", "nobody-holds", "nobody-left", "depends-on-history", "flaps", "tie",
         "clamp-hides", "interval-differs", "version-differs", "authentication-differs", "group-differs", "peers-differ",
         "checksum-differs", "equal-priorities", "addresses-differ", "alone", "address-shared"]
# Threads of public trackers, and the rule that finds them.
THREADS = {
    "2324-checksum-without-pseudo-header": "several-hold",
    "2379-nopreempt-and-weights": "failed-keeps-address",
    "2599-weight-too-small": "failed-keeps-address",
    "3342-peer-missing": "several-hold",
}


def vipdrift(*arguments):
    return subprocess.run([sys.argv[1], *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, timeout=120)


def check_again(place, folder):
    return vipdrift("check", "--write-scenarios", place, folder / "a.conf", folder / "b.conf")


class WrittenScenarios(unittest.TestCase):
    def shows(self, bad, good, rule, own_addresses=None):
        """`bad` and `good`: the files of each director, by its name. `own_addresses`: those that no file tells."""
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            files = [folder / f"{name}.conf" for name in bad]
            for file in files:
                shutil.copy(bad[file.stem], file)
            done = vipdrift("check", "--json", "--write-scenarios", folder / "found", *files)
            found = [it for it in json.loads(done.stdout)["findings"] if it["rule"] == rule]
            self.assertTrue(found, done.stdout)
            written = [it["scenario"] for it in found]
            for scenario in written:
                text = pathlib.Path(scenario).read_text(encoding="utf-8")
                self.assertTrue(text.startswith(f"# Written by vipdrift check for {rule} at {folder}/"), text)
                for made_up, right in (own_addresses or {}).items():
                    self.assertIn(f'"{made_up}/', text)
                    text = text.replace(f'"{made_up}/', f'"{right}/')
                pathlib.Path(scenario).write_text(text, encoding="utf-8")
            done = vipdrift("run", *written)
            self.assertEqual((done.returncode, done.stdout.count("FAILED  ")), (1, len(written)), done.stdout + done.stderr)
            for file in files:
                shutil.copy(good[file.stem], file)
            done = vipdrift("run", *written)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_examples_of_the_rules(self):
        for rule in RULES:
            with self.subTest(rule):
                kinds = [{file.stem: file for file in sorted((SCENARIOS / "check" / rule / kind).glob("*.conf"))}
                         for kind in ("bad", "good")]
                self.shows(*kinds, rule)

    def test_threads_of_public_trackers(self):
        for name, rule in THREADS.items():
            with self.subTest(name):
                folder = SCENARIOS / "field" / name
                bad = {file.stem: file for file in sorted(folder.glob("*.conf")) if "-" not in file.stem}
                mended = {stem: folder / f"{stem}-mended.conf" for stem in bad}
                self.shows(bad, {stem: file if file.exists() else bad[stem] for stem, file in mended.items()}, rule,
                           # Nobody lists c: that is what is wrong.
                           {"192.0.2.3": "10.2.0.3"} if name == "3342-peer-missing" else None)

    def test_every_kind_of_failure(self):
        """A script, a file, a process and an interface, of IPv4 and IPv6; -3 is too little, -30 is not."""
        tracked = ["track_script {\n chk\n}", "track_file {\n maintenance\n}", "track_process {\n web\n}",
                   "track_interface {\n eth9 weight %d\n}", "track_interface {\n eth9 weight %d\n}"]
        addresses = ["10.0.0.1", "10.0.1.1", "10.0.2.1", "10.0.3.1", "fe80::77"]
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            files = [folder / "one" / "keepalived.conf", folder / "two" / "keepalived.conf"]
            for file in files:
                file.parent.mkdir()

            def write(weight):
                for file, priority in zip(files, [110, 100]):
                    text = (f"vrrp_script chk {{\n script /bin/true\n interval 1\n weight {weight}\n}}\n"
                            f"track_file maintenance {{\n file /etc/maintenance\n weight {weight}\n}}\n"
                            f"vrrp_track_process web {{\n process nginx\n weight {weight}\n}}\n")
                    for i, (address, block) in enumerate(zip(addresses, tracked)):
                        text += (f"vrrp_instance VI_{i} {{\n interface eth{i}\n virtual_router_id {i + 1}\n priority {priority}\n"
                                 f"virtual_ipaddress {{\n {address}\n}}\n{block % weight if '%' in block else block}\n}}\n")
                    file.write_text(text)

            write(-3)
            done = vipdrift("check", "--json", "--write-scenarios", folder / "found", *files)
            written = [it["scenario"] for it in json.loads(done.stdout)["findings"] if it["rule"] == "failed-keeps-address"]
            self.assertEqual(len(set(written)), len(addresses), done.stdout)
            done = vipdrift("run", *written)
            self.assertEqual((done.returncode, done.stdout.count("\nFAILED  ")), (1, 5), done.stdout + done.stderr)
            write(-30)
            done = vipdrift("run", *written)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_what_a_scenario_cannot_play_is_not_written(self):
        """A scenario has one process of a name."""
        with tempfile.TemporaryDirectory() as place:
            files = [pathlib.Path(place) / f"{name}.conf" for name in "ab"]
            for quorum, written in [("", 1), (" quorum 2\n", 0)]:
                for file, priority in zip(files, [110, 100]):
                    file.write_text(f"vrrp_track_process web {{\n process nginx\n weight -3\n{quorum}}}\nvrrp_instance VI {{\n"
                                    f" interface eth0\n virtual_router_id 1\n priority {priority}\n virtual_ipaddress {{\n"
                                    " 10.0.0.1\n }\n track_process {\n web\n }\n}\n")
                done = vipdrift("check", "--json", "--write-scenarios", f"{place}/found", *files)
                found = [it for it in json.loads(done.stdout)["findings"] if it["rule"] == "failed-keeps-address"]
                self.assertEqual(([len(found)], sum("scenario" in it for it in found)), ([1], written), done.stdout)

    def test_text_names_the_scenario_and_a_folder_that_cannot_be_made_is_told(self):
        folder = SCENARIOS / "field" / "2599-weight-too-small"
        with tempfile.TemporaryDirectory() as place:
            done = vipdrift("check", "--write-scenarios", place, folder / "a.conf", folder / "b.conf")
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"[failed-keeps-address]\n    vipdrift run {place}/failed-keeps-address-10-2-0-100.yaml\n", done.stdout)
            self.assertEqual(check_again(place, folder).returncode, 1, "its own may be written again")
            (pathlib.Path(place) / "file").write_text("")
            done = vipdrift("check", "--write-scenarios", f"{place}/file/x", folder / "a.conf", folder / "b.conf")
            self.assertEqual(done.returncode, 2)
            self.assertIn("/file/x: cannot be made", done.stderr)
            done = vipdrift("check", "-i", "a", "--write-scenarios", place, folder / "a.conf", folder / "b.conf")
            self.assertEqual(done.returncode, 2)
            self.assertIn("--write-scenarios does not go with -i", done.stderr)

    def test_what_others_wrote_stays(self):
        folder = SCENARIOS / "field" / "2599-weight-too-small"
        with tempfile.TemporaryDirectory() as place:
            mine = pathlib.Path(place) / "failed-keeps-address-10-2-0-100.yaml"
            mine.write_text("# Of mine.\n")
            done = check_again(place, folder)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn(f"{mine}: is there already, and vipdrift check did not write it; expected no file of that name",
                          done.stderr)
            self.assertEqual(mine.read_text(), "# Of mine.\n")


if __name__ == "__main__":
    SCENARIOS = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1], verbosity=2)
