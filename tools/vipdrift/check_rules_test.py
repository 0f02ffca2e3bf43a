#!/usr/bin/env python3
"""The pages of the rules of `vipdrift check`, and its SARIF.

    check_rules_test.py VIPDRIFT ROOT
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

# SARIF 2.1.0: section of the specification, object, properties that it must have.
REQUIRED = [
    ("3.13", "sarifLog", ["version", "runs"]),
    ("3.14", "run", ["tool"]),
    ("3.18", "tool", ["driver"]),
    ("3.19", "toolComponent", ["name"]),
    ("3.49", "reportingDescriptor", ["id"]),
    ("3.27", "result", ["message"]),
    ("3.35", "suppression", ["kind"]),
    ("3.20", "invocation", ["executionSuccessful"]),
    ("3.58", "notification", ["message"]),
]
LEVELS = {"none", "note", "warning", "error"}  # 3.27.10


def check(*arguments):
    return subprocess.run([sys.argv[1], "check", *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          text=True, check=False, timeout=60)


def rule_names():
    return [line.split("`")[1] for line in check("--rules").stdout.splitlines()[2:]]


class Pages(unittest.TestCase):
    def test_the_committed_pages_are_those_of_the_program(self):
        written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
        self.assertTrue(written == check("--rules", "--pages").stdout,
                        "docs/rules.md is out of date: vipdrift check --rules --pages > docs/rules.md")

    def test_links_lead_somewhere(self):
        written = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
        links = [part.split(")")[0] for part in written.split("](")[1:]]
        headings = {line.removeprefix("## ") for line in written.splitlines() if line.startswith("## ")}
        self.assertGreater(len(links), 2 * len(rule_names()))
        for link in links:
            self.assertTrue(link[1:] in headings if link.startswith("#") else (ROOT / "docs" / link).exists(), link)

    def test_each_rule_is_explained_in_full(self):
        pages = check("--rules", "--pages").stdout
        for name in rule_names():
            with self.subTest(name):
                page = check("--explain", name).stdout
                self.assertIn(page.split("\nBreaks it", 1)[0], pages)
                self.assertIn(f"](../scenarios/check/{name}/bad/", pages)
                self.assertIn(f"](../scenarios/check/{name}/good/", pages)
                self.assertTrue(page.startswith(f"## {name}\n\n*"), page)
                for heading in ["Why it hurts", "What to do", "When it is meant"]:
                    self.assertRegex(page, rf"\n\*\*{heading}\.\*\* \S.*\.\n")
                self.assertRegex(page, rf"\nBreaks it \(`scenarios/check/{name}/bad/.*\.conf`\):\n\n```\n")
                self.assertRegex(page, rf"\nDoes not \(`scenarios/check/{name}/good/.*\.conf`\):\n\n```\n")

    def test_a_rule_that_is_not_there(self):
        done = check("--explain", "tye")
        self.assertEqual(done.returncode, 2)
        self.assertIn("there is no rule 'tye'; did you mean 'tie'?", done.stderr)


class Sarif(unittest.TestCase):
    def required(self, value, kind):
        properties = next(row[2] for row in REQUIRED if row[1] == kind)
        for name in properties:
            self.assertIn(name, value, kind)
        return value

    def log(self, *arguments, status):
        done = check("--sarif", *arguments)
        self.assertEqual(done.returncode, status, done.stderr)
        log = self.required(json.loads(done.stdout), "sarifLog")
        self.assertEqual(log["version"], "2.1.0")
        self.assertRegex(log["$schema"], r"^https://.*sarif-schema-2\.1\.0\.json$")
        self.assertEqual(len(log["runs"]), 1)
        run = self.required(log["runs"][0], "run")
        driver = self.required(self.required(run["tool"], "tool")["driver"], "toolComponent")
        self.assertEqual(driver["name"], "vipdrift")
        self.assertIn(driver["version"], subprocess.run([sys.argv[1], "--version"], stdout=subprocess.PIPE, text=True,
                                                        check=True, timeout=60).stdout)
        for invocation in run["invocations"]:
            self.required(invocation, "invocation")
            for notification in invocation.get("toolExecutionNotifications", []):
                self.required(notification, "notification")
        ids = [self.required(rule, "reportingDescriptor")["id"] for rule in driver["rules"]]
        self.assertEqual(ids, rule_names())
        for rule in driver["rules"]:
            self.assertTrue(rule["shortDescription"]["text"] and rule["help"]["text"] and rule["help"]["markdown"])
            self.assertIn(rule["defaultConfiguration"]["level"], LEVELS)
        for result in run["results"]:
            self.required(result, "result")
            self.assertTrue(result["message"]["text"])
            self.assertIn(result["level"], LEVELS)
            self.assertEqual(ids[result["ruleIndex"]], result["ruleId"])
            for location in result["locations"] + result.get("relatedLocations", []):
                self.assertRegex(location["physicalLocation"]["artifactLocation"]["uri"], r"^[\w.~/%:-]+$")
                self.assertGreaterEqual(location["physicalLocation"]["region"]["startLine"], 1)
            for suppression in result.get("suppressions", []):
                self.assertEqual(self.required(suppression, "suppression")["kind"], "inSource")
        return driver, run["results"]

    def test_findings_with_their_other_places(self):
        folder = ROOT / "scenarios" / "field" / "2599-weight-too-small"
        _, results = self.log(folder / "a.conf", folder / "b.conf", status=1)
        error = next(it for it in results if it["ruleId"] == "failed-keeps-address")
        self.assertEqual(error["level"], "error")
        place = error["locations"][0]["physicalLocation"]
        self.assertEqual(place["artifactLocation"]["uri"], f"file://{folder}/a.conf")
        line = (folder / "a.conf").read_text().splitlines()[place["region"]["startLine"] - 1]
        self.assertIn("vrrp_instance", line)
        self.assertTrue(error["relatedLocations"][0]["physicalLocation"]["artifactLocation"]["uri"].endswith("/b.conf"))
        self.assertEqual(error["relatedLocations"][0]["id"], 1)

    def test_what_is_allowed_is_suppressed(self):
        folder = ROOT / "scenarios" / "check" / "bad-allowance" / "good"
        driver, results = self.log("--help-uri", "https://example.org/rules", folder / "lb1.conf", folder / "lb2.conf",
                                   status=0)
        allowed = [it for it in results if it.get("suppressions")]
        self.assertEqual([it["ruleId"] for it in allowed], ["equal-priorities"])
        self.assertIn("two power supplies", allowed[0]["suppressions"][0]["justification"])
        self.assertEqual(driver["rules"][0]["helpUri"], f"https://example.org/rules#{driver['rules'][0]['id']}")

    def test_a_file_that_cannot_be_read_is_no_clean_run(self):
        arguments = ["--sarif", "/nowhere.conf"]
        self.log(*arguments[1:], status=2)
        invocation = json.loads(check(*arguments).stdout)["runs"][0]["invocations"][0]
        self.assertIs(invocation["executionSuccessful"], False)
        notification = invocation["toolExecutionNotifications"][0]
        self.assertEqual(notification["level"], "error")
        self.assertIn("/nowhere.conf: cannot be read: No such file", notification["message"]["text"])
        self.assertEqual(notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
                         "file:///nowhere.conf")
        good = ROOT / "scenarios" / "check" / "tie" / "good" / "lb1.conf"
        invocation = json.loads(check("--sarif", good).stdout)["runs"][0]["invocations"][0]
        self.assertEqual(invocation, {"executionSuccessful": True})

    def test_errors_of_a_file(self):
        with tempfile.TemporaryDirectory() as place:
            file = pathlib.Path(place) / "a file.conf"
            file.write_text("vrrp_instance VI_1 {\n prioritty 100\n}\n")
            _, results = self.log(file, status=2)
            self.assertEqual([(it["ruleId"], it["level"]) for it in results], [("unknown-keyword", "error")])
            physical = results[0]["locations"][0]["physicalLocation"]
            self.assertTrue(physical["artifactLocation"]["uri"].endswith("/a%20file.conf"))
            self.assertEqual(physical["region"], {"startLine": 2, "startColumn": 2})
            self.assertRegex(results[0]["message"]["text"], "did you mean 'priority'")


if __name__ == "__main__":
    ROOT = pathlib.Path(sys.argv[2]).resolve()
    unittest.main(argv=sys.argv[:1], verbosity=2)
