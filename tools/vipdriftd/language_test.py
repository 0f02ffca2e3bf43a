#!/usr/bin/env python3
"""The language of keepalived.conf beside stock keepalived: every keyword, and what `-t` says of whole files.

    language_test.py VIPDRIFTD VIPDRIFT SCENARIOS

In namespaces of its own, as interop_test.py, from which it has its tools: with every interface that a file names, so that
only the language counts.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import interop_test as lab

SAMPLES = Path("/usr/share/doc/keepalived/samples")
CONFIGURATION_ERROR = 5
BY_BUILD = {"vrrp_ipsets": "Debian builds keepalived without ipsets"}

INSTANCE = "vrrp_instance X {\n interface eth0\n virtual_router_id 3\n"
SERVICE = "virtual_server 10.0.0.1 80 {\n"
SERVER = SERVICE + "real_server 10.0.0.2 80 {\n"
# What stands around a keyword of a block.
AROUND = {
    "the configuration": ("", ""),
    "vrrp_instance": (INSTANCE, "}\n"),
    "authentication": (INSTANCE + "authentication {\n", "}\n}\n"),
    "virtual_server": (SERVICE, "}\n"),
    "real_server": (SERVER, "}\n}\n"),
    "url": (SERVER + "HTTP_GET {\nurl {\n", "}\n}\n}\n}\n"),
    "host": (SERVER + "SMTP_CHECK {\nhost {\n", "}\n}\n}\n}\n"),
    "SSL": ("SSL {\n", "}\n"),
    "global_defs": ("global_defs {\n", "}\n"),
    "garp_group": ("garp_group {\n", "}\n"),
}
NAMED = ("vrrp_script", "track_file", "vrrp_track_process", "track_group", "vrrp_sync_group", "bfd_instance")
AROUND.update({name: (name + " n {\n", "}\n") for name in NAMED})
CHECKERS = ("HTTP_GET", "SSL_GET", "TCP_CHECK", "SMTP_CHECK", "DNS_CHECK", "MISC_CHECK", "PING_CHECK", "UDP_CHECK",
            "FILE_CHECK", "BFD_CHECK")
AROUND.update({name: (SERVER + name + " {\n", "}\n}\n}\n") for name in CHECKERS})


# Examples of check whose fault keepalived passes over: it tests well, and does something else than is written.
STRICTER = {
    "authentication-incomplete": "runs without authentication",
    "bad-condition": "takes the line for a comment",
    "bad-definition": "loses the rest of the file",
    "comment-sign": "cuts the password at the comment sign",
    "include-not-found": "goes on without the file, and says so",
    "link-local-first": "breaks RFC 9568, 5.2.9",
    "master-without-priority": "is 255 without having been told",
    "repeated": "takes the last one",
    "unexpected-word": "ignores the second statement of the line",
}
LOOSER = {"not-implemented": "keepalived only calls the keyword obsolete"}


def keepalived_says(file):
    done = subprocess.run(["keepalived", "-t", "-f", file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, timeout=20)
    return done.returncode, done.stdout


def vipdriftd_says(file):
    done = subprocess.run([lab.VIPDRIFTD, "-t", "-f", file], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace", check=False, timeout=20)
    return done.returncode, done.stdout


def interfaces_of(text):
    names = set(re.findall(r"\b(?:dev|interface|oif|iif)\s+([\w.]+)", text))
    for block in re.findall(r"(?:track_interface|interfaces)\s*{([^}]*)}", text):
        names.update(line.split()[0] for line in block.splitlines() if line.strip() and line.split()[0][0] not in "#!")
    return {name for name in names if len(name) <= 15}


def same_verdict(theirs, ours, newer):
    """The same exit code. But at an error of the language keepalived may go on and find more to complain of, give up at
    once, or crash; and it does not know yet what later releases and vipdriftd do."""
    if theirs[0] == ours[0]:
        return True
    if ours[0] == CONFIGURATION_ERROR and ": error: " in ours[1] and theirs[0] != 0:
        return True
    unknown = re.findall(r"Unknown keyword '([^']*)'", theirs[1])
    return ours[0] == 0 and len(unknown) == len(theirs[1].splitlines()) > 0 and newer.issuperset(unknown)


class Language(unittest.TestCase):
    made = {"lo"}

    def setUp(self):
        self.scratch = tempfile.TemporaryDirectory()

    def tearDown(self):
        self.scratch.cleanup()

    def write(self, text):
        file = Path(self.scratch.name) / "k.conf"
        file.write_text(text)
        return file

    def make_interfaces(self, names):
        for name in sorted(names - self.made):
            lab.run("ip", "link", "add", name, "type", "bridge")
            lab.run("ip", "link", "set", name, "up")
        Language.made = self.made | names

    def test_every_keyword_is_keepaliveds_or_says_since_when(self):
        self.make_interfaces({"eth0"})
        blocks = json.loads(lab.run(VIPDRIFT, "config", "keywords", "--json"))
        tried, wrong = 0, []
        for block in blocks:
            if not block["keywords"] or block["block"] == "auth_hmac":
                continue
            before, after = AROUND[block["block"]]
            for keyword in block["keywords"]:
                if keyword["keyword"] in BY_BUILD:
                    continue
                line = keyword["keyword"] + (" x {\n}\n" if keyword["opens_block"] else "\n")
                output = keepalived_says(self.write(before + line + after))[1]
                known = f"Unknown keyword '{keyword['keyword']}'" not in output
                tried += 1
                if known == ("since" in keyword):
                    wrong.append((block["block"], keyword["keyword"], keyword.get("since"), output[:200]))
        self.assertEqual(wrong, [])
        self.assertGreater(tried, 450)

    def compare(self, files):
        newer = {keyword["keyword"] for block in json.loads(lab.run(VIPDRIFT, "config", "keywords", "--json"))
                 for keyword in block["keywords"] if "since" in keyword}
        differ = []
        for file in files:
            self.make_interfaces(interfaces_of(file.read_text(errors="replace")))
            theirs, ours = keepalived_says(file), vipdriftd_says(file)
            rule = file.parent.parent.name if file.parent.name == "bad" else None
            if same_verdict(theirs, ours, newer):
                self.assertNotIn(rule, {**STRICTER, **LOOSER}, "no longer differs")
                continue
            if rule in STRICTER and theirs[0] == 0 and ours[0] != 0 or rule in LOOSER and ours[0] == 0:
                continue
            differ.append(file.name)
            print(f"{file}: keepalived {theirs[0]}, vipdriftd {ours[0]}\n--- keepalived\n{theirs[1]}--- vipdriftd\n{ours[1]}")
        self.assertEqual(differ, [])

    def test_samples_of_keepalived_have_its_verdict(self):
        files = sorted(file for file in SAMPLES.glob("keepalived.conf*") if file.suffix != ".gz")
        self.assertGreater(len(files), 20, f"{SAMPLES}: keepalived was installed without its documents")
        self.compare(files)

    def test_configurations_of_the_scenarios_have_its_verdict(self):
        files = sorted(SCENARIOS.rglob("*.conf"))
        self.assertGreater(len(files), 100)
        self.compare(files)


if __name__ == "__main__":
    if len(sys.argv) < 4:
        sys.exit(f"usage: {sys.argv[0]} VIPDRIFTD VIPDRIFT SCENARIOS [TEST...]")
    VIPDRIFT, SCENARIOS = (Path(os.path.abspath(sys.argv[i])) for i in (2, 3))
    if lab.INSIDE in os.environ:
        del sys.argv[2:4]
    lab.main(Language)
