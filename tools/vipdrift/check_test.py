#!/usr/bin/env python3
"""`vipdrift check` on clusters whose failures are known: threads from public trackers, and the cluster of the how-to.

    check_test.py VIPDRIFT SCENARIOS
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

INSTANCE = ("vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 1\n priority 100\n virtual_ipaddress {\n"
            "  192.0.2.1\n }\n}\n")
# What is found in a thread's configurations as they were reported; mended ones have no error.
THREADS = {
    "1589-equal-priorities": {"equal-priorities"},
    "2324-checksum-without-pseudo-header": {"checksum-differs", "several-hold"},
    "2379-nopreempt-and-weights": {"failed-keeps-address"},
    "2599-weight-too-small": {"failed-keeps-address"},
    "3342-peer-missing": {"several-hold"},
}
# Their cause is no configuration: nothing may be found in either form but notes.
BLAMELESS = ["1577-restart-moves-the-address-twice", "166-snapshot-pauses-the-master", "2231-boot-gap"]


def check(*arguments):
    return subprocess.run([sys.argv[1], "check", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, timeout=60)


def directors(folder, ending):
    """The files of a thread: those with the ending where there are such, the others as reported."""
    names = sorted(file.stem for file in folder.glob("*.conf") if "-" not in file.stem)
    mended = [folder / f"{name}{ending}.conf" for name in names]
    return [file if file.exists() else folder / f"{name}.conf" for file, name in zip(mended, names)]


class Check(unittest.TestCase):
    def found(self, files, status):
        done = check("--json", *files)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        document = json.loads(done.stdout)
        self.assertGreater(document["combinations"]["visited"], 8)
        return {finding["rule"] for finding in document["findings"] if finding["severity"] != "note"}

    def test_threads_are_found_as_reported_and_pass_when_mended(self):
        for name, rules in THREADS.items():
            with self.subTest(name):
                folder = FIELD / name
                errors = rules - {"equal-priorities"}  # that one is a warning
                self.assertEqual(self.found(directors(folder, ""), 1 if errors else 0), rules)
                self.assertEqual(self.found(directors(folder, "-mended"), 0), set())

    def test_good_configurations_are_not_blamed(self):
        for name in BLAMELESS:
            with self.subTest(name):
                for ending in ("", "-mended"):
                    self.assertEqual(self.found(directors(FIELD / name, ending), 0), set())
        self.assertEqual(self.found([ARTICLE / "balanced-lvs1.conf", ARTICLE / "balanced-lvs2.conf"], 0),
                         {"group-outside-link-local"})

    def test_what_differs_is_said_with_its_line(self):
        done = check(ARTICLE / "lvs1.conf", ARTICLE / "other-group-lvs2.conf")
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"other-group-lvs2\.conf:\d+:\d+: error: VI_1 of other-group-lvs2 sends to \S+, "
                                      r"VI_1 of lvs1 to 224\.0\.4\.18 \[group-differs\]")
        self.assertIn("10.1.10.7 is on lvs1 and other-group-lvs2 at a time when all is well", done.stdout)

    def test_the_table_has_every_combination(self):
        done = check("--table", ARTICLE / "lvs1.conf", ARTICLE / "lvs2.conf")
        rows = done.stdout.split("failing", 1)[1].splitlines()[1:]
        self.assertEqual(len(rows), 49)
        self.assertEqual(rows[0].split(), ["nothing", "lvs1", "lvs2"])
        self.assertIn("98 combinations of failures visited; they stand for 162", done.stdout)
        self.assertNotIn("\x1b", done.stdout)

    def test_what_the_parser_says_has_a_rule(self):
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place) / "a.conf"
            file.write_text("vrrp_instance VI_1 {\n prioritty 100\n}\n")
            done = check(file)
            self.assertEqual(done.returncode, 2)
            self.assertIn("a.conf:2:2: error: unknown keyword 'prioritty' in vrrp_instance;", done.stdout)
            self.assertIn("did you mean 'priority'? [unknown-keyword]\n", done.stdout)
            said = json.loads(check("--json", file).stdout)["diagnostics"]
            self.assertEqual([it["rule"] for it in said], ["unknown-keyword"])

    def test_rules_have_names_of_their_own(self):
        names = [line.split("`")[1] for line in check("--rules").stdout.splitlines()[2:]]
        self.assertGreater(len(names), 60)
        self.assertEqual(len(names), len(set(names)))

    def test_worst_cases_in_a_table(self):
        done = check("--timing", ARTICLE / "lvs1.conf", ARTICLE / "lvs2.conf")
        self.assertEqual(done.returncode, 0)
        self.assertRegex(done.stdout, r"lvs1 is stopped +lvs1 to lvs2 +0\.617 s +skew 0\.617 s of lvs2 \(priority 98\)\n")
        self.assertRegex(done.stdout, r"chk_httpd fails on lvs1 +lvs1 to lvs2 +5\.617 s +interval 2 s x fall 1 \+ "
                                      r"3 x advert_int 1 s \+ skew 0\.617 s of lvs2 \(priority 98\)\n")

    def test_takeovers_within_a_time(self):
        pair = [ARTICLE / "lvs1.conf", ARTICLE / "lvs2.conf"]
        done = check("--within", "5s", *pair)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"lvs2\.conf:\d+:\d+: error: VI_1 \(10\.1\.10\.7\) needs up to 5\.617 s from lvs1 to lvs2 when "
                                      r"chk_down fails on lvs1 .*; wanted within 5 s \[takeover-too-slow\]")
        self.assertNotIn("crashes", done.stdout)
        self.assertEqual(check("--within", "8s", *pair).returncode, 0)
        for wrong in ("soon", "0s", "-3s"):
            done = check(f"--within={wrong}", *pair)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn(f"'{wrong}' is no time to be within; expected a duration above 0", done.stderr)

    def test_what_a_comment_allows(self):
        folder = FIELD / "2599-weight-too-small"
        with tempfile.TemporaryDirectory() as place:
            a, b = pathlib.Path(place) / "a.conf", pathlib.Path(place) / "b.conf"
            b.write_text((folder / "b.conf").read_text())
            text = (folder / "a.conf").read_text()
            allowing = text.replace("vrrp_instance", "# vipdrift: allow failed-keeps-address b is too small\nvrrp_instance")
            a.write_text(allowing)
            done = check(a, b)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertRegex(done.stdout, r"a\.conf:\d+:\d+: allowed: 10\.2\.0\.100 stays on a .* \(b is too small\) "
                                          r"\[failed-keeps-address\]\n0 errors, 0 warnings, \d+ notes?, 1 allowed; ")
            said = json.loads(check("--json", a, b).stdout)["findings"]
            self.assertEqual([(it["rule"], it["severity"]) for it in said if it.get("allowed") == "b is too small"],
                             [("failed-keeps-address", "error")])
            # The other file, which the finding is as much about, may say it; a whole file too.
            a.write_text(text)
            b.write_text("! vipdrift: allow-file failed-keeps-address b is too small\n" + b.read_text())
            self.assertEqual(check(a, b).returncode, 0)
            b.write_text((folder / "b.conf").read_text())
            # Elsewhere it allows nothing, and says so; so do comments without reason or of no rule.
            for comment, complaint in [
                    ("allow failed-keeps-address y\n\nglobal_defs {\n}", r"a\.conf:1:\d+: warning: nothing breaks "
                     r"failed-keeps-address here \(line 3\): this comment allows nothing \[unused-allowance\]"),
                    ("allow-file failed-keeps-address", r"a\.conf:1:\d+: warning: why failed-keeps-address is allowed is not "
                     r"said: nothing is; expected a reason behind the rule \[bad-allowance\]"),
                    ("allow-file failed-keep-address x", r"no rule 'failed-keep-address': nothing is allowed; did you "
                     r"mean 'failed-keeps-address'\? \[bad-allowance\]"),
                    ("alow failed-keeps-address x", r"'alow' is nothing that a comment can say; .*did you mean 'allow'")]:
                a.write_text(f"# vipdrift: {comment}\n{text}")
                done = check(a, b)
                self.assertEqual(done.returncode, 1, done.stdout)
                self.assertRegex(done.stdout, complaint)

    def test_what_is_wrong_with_such_comments_cannot_be_allowed(self):
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place) / "a.conf"
            file.write_text("# vipdrift: allow-file bad-allowance I like it so\n"
                            "# vipdrift: allow-file unused-allowance I like it so\n"
                            "# vipdrift: allow-file repeated nothing is\n" + INSTANCE)
            said = json.loads(check("--json", file).stdout)["findings"]
            self.assertEqual(sorted((it["rule"], it["place"]["line"], it.get("allowed")) for it in said),
                             [("bad-allowance", 1, None), ("bad-allowance", 2, None), ("unused-allowance", 3, None)])
            self.assertIn("bad-allowance cannot be allowed: this comment allows nothing", said[0]["message"])

    def test_a_comment_is_unused_only_when_all_was_looked_at(self):
        folder = FIELD / "2599-weight-too-small"
        with tempfile.TemporaryDirectory() as place:
            a, b = pathlib.Path(place) / "a.conf", pathlib.Path(place) / "b.conf"
            b.write_text((folder / "b.conf").read_text())
            a.write_text("# vipdrift: allow-file failed-keeps-address b is small\n" + (folder / "a.conf").read_text())
            self.assertIn("1 allowed", check(a, b).stdout)
            self.assertNotIn("unused-allowance", check("--most", 1, a, b).stdout)
            # Of one director alone: what it breaks alone is judged, what the others may have a part in is not.
            a.write_text("# vipdrift: allow-file one-result-decides it is quick\n"
                         "# vipdrift: allow-file vrid-shared the other director knows\n" + INSTANCE)
            said = check(a).stdout
            self.assertRegex(said, r"a\.conf:1:\d+: warning: nothing breaks one-result-decides here \(this file\)")
            self.assertNotIn("vrid-shared", said)

    def test_bytes_that_are_no_utf8_are_replaced_in_json(self):
        with tempfile.TemporaryDirectory() as place:
            files = [pathlib.Path(place) / f"{name}.conf" for name in "ab"]
            for file in files:
                file.write_bytes(INSTANCE.encode().replace(b"VI_1", b"V\xe9"))
            done = check("--json", *files)
            self.assertEqual(done.returncode, 0, done.stderr)
            messages = [it["message"] for it in json.loads(done.stdout)["findings"] if it["rule"] == "equal-priorities"]
            self.assertEqual(len(messages), 1)
            self.assertIn("V\ufffd of ", messages[0])

    def test_one_combination_is_not_called_several(self):
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place) / "a.conf"
            file.write_text(INSTANCE)
            self.assertRegex(check("--table", "--most", 1, file).stdout, r"; 1 combination of failures visited")

    def test_warnings_of_the_parser_are_allowed_and_errors_never(self):
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place) / "a.conf"
            part = pathlib.Path(place) / "part.conf"
            file.write_text("include part.conf\n")
            instance = ("vrrp_instance VI_1 {\n interface eth0\n virtual_router_id 1\n priority 100\n"
                        " priority 101 # vipdrift: allow repeated for the test\n"
                        " # vipdrift: allow unknown-keyword not an error's way\n %s 1\n"
                        " virtual_ipaddress {\n  10.0.0.1\n }\n}\n")
            part.write_text(instance % "advert_int")
            done = check(file)
            self.assertEqual(done.returncode, 0, done.stdout)
            self.assertIn("part.conf:5:2: allowed: 'priority' is written on line 4 too: the last one counts (for the test) "
                          "[repeated]", done.stdout)
            self.assertIn("0 vrrp_script, 0 warnings, 1 allowed\n", done.stdout)
            self.assertRegex(done.stdout, r"part\.conf:6:\d+: warning: unknown-keyword cannot be allowed, as the file is "
                             r"refused: this comment allows nothing \[bad-allowance\]")
            part.write_text(instance % "advert_intt")
            done = check(file)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn("error: unknown keyword 'advert_intt'", done.stdout)
            self.assertNotIn("unused-allowance", done.stdout)

    def test_scripts_of_this_machine(self):
        with tempfile.TemporaryDirectory() as place:
            script, file = pathlib.Path(place) / "chk", pathlib.Path(place) / "a.conf"
            file.write_text(f"""vrrp_script chk {{\n script "{script}"\n fall 2\n}}
vrrp_instance VI_1 {{\n interface eth0\n virtual_router_id 1\n virtual_ipaddress {{\n 192.0.2.1\n}}
 notify_master "no-such-program-anywhere master"\n track_script {{\n chk\n}}\n}}\n""")

            def found():
                said = json.loads(check("--json", "--scripts", file).stdout)["findings"]
                return [(it["rule"], it["message"].split(" (")[0]) for it in said]
            elsewhere = ("script-missing", "no-such-program-anywhere is in no directory of PATH on this machine")
            self.assertEqual(found(), [("script-missing", f"{script} is not on this machine"), elsewhere])
            script.write_text("#!/bin/sh\n")
            script.chmod(0o644)
            self.assertEqual(
                found(), [("script-missing", f"{script} may not be executed by the user that it would run as"), elsewhere])
            script.chmod(0o757)
            self.assertEqual(found(), [elsewhere, ("script-unsafe",
                                       f"{script}, or a directory above it, can be changed by others than root")])
            script.chmod(0o755)
            self.assertEqual(found(), [elsewhere])
            self.assertEqual(check("--json", file).returncode, 0, "nobody asked for scripts")

    def test_a_limit_is_told(self):
        done = check("--most", 5, ARTICLE / "lvs1.conf", ARTICLE / "lvs2.conf")
        self.assertIn("10 combinations of failures visited of 98, those with fewest first", done.stdout)

    def test_a_file_that_is_refused_or_missing(self):
        self.assertEqual(check().returncode, 2)
        done = check(ARTICLE / "lvs1.conf", "/nowhere.conf")
        self.assertEqual(done.returncode, 2)
        missing = "cannot be read: No such file or directory; expected a keepalived.conf"
        self.assertIn(f"/nowhere.conf: {missing}\n", done.stderr)
        with tempfile.TemporaryDirectory() as empty:
            self.assertIn(f"{empty}: cannot be read: it is a directory; expected", check(empty).stderr)
        said = json.loads(check("--json", ARTICLE / "lvs1.conf", "/nowhere.conf").stdout)["errors"]
        self.assertEqual(said, [{"file": "/nowhere.conf", "message": missing}])

    def test_one_file_for_several_directors(self):
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place) / "shared.conf"
            text = INSTANCE.replace(" priority 100\n", "@lb1 priority 110\n@lb2 priority 100\n")
            file.write_text(text.replace("virtual_router_id 1", "priority 90\n virtual_router_id 1"))
            done = check(f"{file}@lb1", f"{file}@lb2")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            self.assertIn(f"{file}@lb2: ok, 1 vrrp_instance", done.stdout)
            self.assertEqual(done.stdout.count("[repeated]"), 2, "the lines are others")
            self.assertNotIn("equal-priorities", done.stdout)
            same = json.loads(check("--json", f"one={file}@lb1", f"two={file}@lb1").stdout)["findings"]
            self.assertEqual([it["message"] for it in same if it["rule"] == "equal-priorities"],
                             ["VI_1 of two and VI_1 of one both have priority 110"])
            file.write_text(text.replace("priority 110", "priority 110 # twice\n@lb1 priority 110"))
            self.assertEqual(check(f"a={file}@lb1", f"b={file}@lb1").stdout.count("[repeated]"), 1)
            done = check(f"{file}@lb1", f"{file}@lb1")
            self.assertEqual(done.returncode, 2)
            self.assertIn("two directors are called 'lb1'; expected a name of its own for each, as in NAME=FILE", done.stderr)
            done = check("--write-scenarios", place, f"a={file}@lb1", f"lb2={file}@lb2")
            self.assertEqual(done.returncode, 2)
            self.assertIn("cannot have 'a' as the name and 'lb1' as the id of a director", done.stderr)

    def test_a_directory_of_directors_and_odd_names_of_files(self):
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            for name, priority in (("a@b.conf", 110), ("x=y.conf", 100)):
                (folder / name).write_text(INSTANCE.replace("priority 100", f"priority {priority}"))
            (folder / "notes.txt").write_text("no configuration")
            whole = check("--json", folder)
            self.assertEqual(whole.returncode, 0, whole.stdout + whole.stderr)
            each = check("--json", folder / "a@b.conf", folder / "x=y.conf")
            self.assertEqual(whole.stdout, each.stdout)
            self.assertGreater(json.loads(each.stdout)["combinations"]["visited"], 8)

    def test_findings_stand_at_the_line_that_they_are_about(self):
        with tempfile.TemporaryDirectory() as place:
            files = [pathlib.Path(place) / f"{name}.conf" for name in "ab"]
            for file, interval, comment in zip(files, [1, 2], ["", " # vipdrift: allow label-without-device as ever"]):
                file.write_text(INSTANCE.replace("priority 100", f"priority {100 + interval}\n advert_int {interval}")
                                .replace("192.0.2.1\n", f"192.0.2.1 label web{comment}\n"))
            said = json.loads(check("--json", *files).stdout)["findings"]
            places = {(it["rule"], it["place"]["file"][-6:], it["place"]["line"], it["place"]["column"]) for it in said}
            self.assertIn(("interval-differs", "b.conf", 5, 2), places)
            self.assertIn(("label-without-device", "a.conf", 7, 3), places)
            self.assertEqual([it["place"]["file"][-6:] for it in said if it.get("allowed") == "as ever"], ["b.conf"])
            self.assertRegex(check(*files).stdout, r"b\.conf:5:2: error: VI_1 of b has advert_int 2 s, VI_1 of a has 1 s")

    def test_every_member_of_the_json_is_documented(self):
        document = (pathlib.Path(sys.argv[2]).parent / "docs" / "check-json.md").read_text(encoding="utf-8")
        folder = FIELD / "2599-weight-too-small"
        with tempfile.TemporaryDirectory() as place:
            said = [check("--json", "--table", "--timing", "--write-scenarios", place, folder / "a.conf", folder / "b.conf"),
                    check("--json", "/nowhere.conf"), check("--json", ARTICLE / "lvs1.conf")]
        members = set()

        def collect(value):
            if isinstance(value, dict):
                members.update(value)
            for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
                collect(inner)
        for one in said:
            collect(json.loads(one.stdout))
        self.assertLess({"scenario", "worst_ns", "holders", "column", "nearest", "message"}, members)
        self.assertEqual({name for name in members if f"`{name}`" not in document}, set())

    def test_arguments_that_would_be_ignored_are_refused(self):
        file = ARTICLE / "lvs1.conf"
        for arguments in (["--rules", file], ["--rules", "--json"], ["--explain", "tie", file],
                          ["--explain", "tie", "--rules"], ["--sarif", "--table", file], ["--sarif", "--timing", file]):
            with self.subTest(arguments):
                done = check(*arguments)
                self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
                self.assertRegex(done.stderr, r"\S+ does not go with \S+\n")
        self.assertEqual(check("--rules", "--pages").returncode, 0)


if __name__ == "__main__":
    FIELD = pathlib.Path(sys.argv[2]) / "field"
    ARTICLE = pathlib.Path(sys.argv[2]) / "article"
    unittest.main(argv=sys.argv[:1], verbosity=2)
