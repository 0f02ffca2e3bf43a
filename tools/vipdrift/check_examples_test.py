#!/usr/bin/env python3
"""scenarios/check: every rule of `vipdrift check` has an example that shows it and one that does not, the configuration
that a how-to published has its traps and no others, and threads of public trackers are found by `check` alone.

    check_examples_test.py VIPDRIFT SCENARIOS
"""
import collections
import json
import pathlib
import re
import subprocess
import sys
import unittest

# Directories below scenarios/check that are no rules.
OTHERS = {"article-as-published", "threads"}


def check(files, *arguments):
    """What is said of these files: (rule, severity) and how often; and the exit status."""
    done = subprocess.run([sys.argv[1], "check", "--json", *arguments, *map(str, files)], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    document = json.loads(done.stdout)
    said = document["findings"] + document["diagnostics"]
    return collections.Counter((it["rule"], it["severity"]) for it in said), done.returncode


def names(said):
    return {rule for rule, severity in said}


def errors(said):
    return {rule for rule, severity in said if severity == "error"}


def words(file):
    """The words of a file, without comments; none when it is not there."""
    return re.sub(r"#.*", "", file.read_text(encoding="utf-8")).split() if file.exists() else []


def example(folder, kind):
    files = sorted((folder / kind).glob("*.conf"))
    return check(files, *words(folder / "arguments")) if files else None


class Rules(unittest.TestCase):
    def test_every_rule_has_a_failing_and_a_passing_example(self):
        for rule in RULES:
            with self.subTest(rule):
                self.shows(CHECK / rule, rule)

    def shows(self, folder, rule):
        bad, good = example(folder, "bad"), example(folder, "good")
        self.assertTrue(bad and good, f"{folder}: bad/*.conf and good/*.conf are expected")
        self.assertIn(rule, names(bad[0]), f"{folder}/bad")
        self.assertEqual(names(bad[0]) - {rule} - set(words(folder / "also")), set(), f"{folder}/bad: not in `also`")
        self.assertNotIn(rule, names(good[0]), f"{folder}/good")
        self.assertEqual((errors(good[0]), good[1]), (set(), 0), f"{folder}/good")

    def test_every_example_is_of_a_rule(self):
        self.assertEqual({folder.name for folder in CHECK.iterdir() if folder.is_dir()} - OTHERS - set(RULES), set())


class Article(unittest.TestCase):
    def files(self, kind):
        return sorted((CHECK / "article-as-published" / kind).glob("*.conf"))

    def test_as_printed_it_has_its_traps_and_no_others(self):
        said, status = check(self.files("printed"))
        self.assertEqual(said, {
            ("script-needs-shell", "warning"): 2,       # chk_down, on each director
            ("password-cut", "warning"): 4,             # each word, on each director
            ("passwords-cut-alike", "note"): 1,         # both are frSAmesX
            ("group-outside-link-local", "warning"): 1,  # 224.0.4.18
            ("one-result-decides", "note"): 1,          # chk_httpd; chk_down decides nothing
        })
        self.assertEqual(status, 0)

    def test_the_label_that_lost_its_space(self):
        said, status = check(self.files("label-without-space"))
        self.assertEqual(errors(said), {"unknown-option"})
        self.assertEqual(status, 2)

    def test_mended_it_has_nothing_above_a_note(self):
        said, status = check(self.files("mended"))
        self.assertEqual({severity for rule, severity in said} - {"note"}, set(), said)
        self.assertEqual(status, 0)

    def test_the_weights_are_arithmetic(self):
        """Both scripts failing on one director and one on the other: 90 against 93."""
        done = subprocess.run([sys.argv[1], "check", "--json", "--table", *map(str, self.files("mended"))],
                              stdout=subprocess.PIPE, text=True, check=False, timeout=60)
        rows = {row["failing"]: row["holders"] for row in json.loads(done.stdout)["combinations"]["rows"]}
        self.assertEqual(rows["lvs1: chk_down and chk_httpd; lvs2: 1 of chk_down and chk_httpd"], ["lvs2", "lvs2"])
        self.assertEqual(rows["lvs1: 1 of chk_down and chk_httpd; lvs2: 1 of chk_down and chk_httpd"], ["lvs1", "lvs2"])


class Threads(unittest.TestCase):
    """The table of scenarios/check/README.md: | thread | what | `rule` | directory |"""

    def test_each_is_found_as_reported_and_not_when_mended(self):
        rows = re.findall(r"^\| [^|]*\d+[^|]* \|[^|]*\| `([a-z0-9-]+)` \| `([^`]+)` \|$", README, re.MULTILINE)
        self.assertGreater(len(rows), 12)
        for rule, place in rows:
            with self.subTest(place):
                folder = (CHECK / place).resolve()
                bad, good = (self.field(folder) if folder.parent == FIELD
                             else (example(folder, "bad"), example(folder, "good")))
                self.assertIn(rule, names(bad[0]))
                self.assertNotIn(rule, names(good[0]))
                self.assertEqual((errors(good[0]), good[1]), (set(), 0))

    @staticmethod
    def field(folder):
        """A thread of scenarios/field: a.conf as reported; a-mended.conf where it had to change."""
        reported = sorted(file for file in folder.glob("*.conf") if "-" not in file.stem)
        mended = [file.with_stem(f"{file.stem}-mended") for file in reported]
        return check(reported), check([new if new.exists() else old for old, new in zip(reported, mended)])


if __name__ == "__main__":
    CHECK = pathlib.Path(sys.argv[2]).resolve() / "check"
    FIELD = CHECK.parent / "field"
    README = (CHECK / "README.md").read_text(encoding="utf-8")
    RULES = re.findall(r"^\| `([a-z0-9-]+)` ", subprocess.run(
        [sys.argv[1], "check", "--rules"], stdout=subprocess.PIPE, text=True, check=True).stdout, re.MULTILINE)
    unittest.main(argv=sys.argv[:1], verbosity=2)
