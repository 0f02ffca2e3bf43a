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
BOOLEAN = "[one of on, off, true, false, yes, no]"
BY_BUILD = {"vrrp_ipsets": "Debian builds keepalived without ipsets"}

SECURE = "global_defs {\nenable_script_security\nscript_user root\n}\n"
VIP = "virtual_ipaddress {\n10.0.0.9\n}\n"
INSTANCE = "vrrp_instance X {\n interface eth0\n virtual_router_id 3\n" + VIP
PAIR = "".join(
    f"vrrp_instance {name} {{\ninterface eth0\nvirtual_router_id {vrid}\nvirtual_ipaddress {{\n10.0.1.{vrid}\n}}\n}}\n"
    for name, vrid in (("A", 5), ("B", 6)))
SERVICE = "virtual_server 10.0.0.1 80 {\nprotocol TCP\nlb_algo rr\nlb_kind DR\n"
SERVER = SERVICE + "real_server 10.0.0.2 80 {\n"
PAGE = "url {\npath /\n}\n"


def tracking(kind):
    return "}\n" + INSTANCE + "track_" + kind + " {\nn\n}\n}\n"


# What stands around a keyword of a block, without fault by itself.
AROUND = {
    "the configuration": (INSTANCE + "}\n", ""),
    "vrrp_instance": (INSTANCE, "}\n"),
    "authentication": (INSTANCE + "authentication {\nauth_type PASS\nauth_pass a\n", "}\n}\n"),
    "virtual_server": (SERVICE, "real_server 10.0.0.2 80 {\n}\n}\n"),
    "real_server": (SERVER, "}\n}\n"),
    "url": (SERVER + "HTTP_GET {\nurl {\npath /\n", "}\n}\n}\n}\n"),
    "host": (SERVER + "SMTP_CHECK {\nhost {\n", "}\n}\n}\n}\n"),
    "SSL": ("SSL {\n", "}\n"),
    "global_defs": ("global_defs {\n", "}\n" + INSTANCE + "}\n"),
    "garp_group": (INSTANCE + "}\ngarp_group {\ngarp_interval 1\n", "}\n"),
    "vrrp_script": (SECURE + "vrrp_script n {\nscript /bin/true\n", tracking("script")),
    "track_file": ("track_file n {\nfile /tmp/n\n", tracking("file")),
    "vrrp_track_process": ("vrrp_track_process n {\nprocess n\n", tracking("process")),
    "track_group": ("track_group n {\n", "}\n"),
    "vrrp_sync_group": (PAIR + "vrrp_sync_group n {\ngroup {\nA\nB\n}\n", "}\n"),
    "bfd_instance": ("bfd_instance n {\nneighbor_ip 10.0.0.4\n", "}\n"),
}
OF_CHECKER = {"HTTP_GET": PAGE, "SSL_GET": PAGE, "MISC_CHECK": "misc_path /bin/true\n", "FILE_CHECK": "track_file n\n",
              "BFD_CHECK": "name n\n"}
BEFORE_CHECKER = {"MISC_CHECK": SECURE, "FILE_CHECK": "track_file n {\nfile /tmp/n\n}\n",
                  "BFD_CHECK": "bfd_instance n {\nneighbor_ip 10.0.0.4\n}\n"}
for name in ("TCP_CHECK", "SMTP_CHECK", "DNS_CHECK", "PING_CHECK", "UDP_CHECK", *OF_CHECKER):
    AROUND[name] = (BEFORE_CHECKER.get(name, "") + SERVER + name + " {\n" + OF_CHECKER.get(name, ""), "}\n}\n}\n")


# Examples of check whose fault keepalived passes over: it tests well, and does something else than is written.
STRICTER = {
    "bad-condition": "takes the line for a comment",
    "bad-definition": "loses the rest of the file",
    "include-not-found": "goes on without the file, and says so",
    "unexpected-word": "ignores the second statement of the line",
}


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


FATAL = 2
INSECURE_SCRIPTS = 6


def same_verdict(theirs, ours, newer):
    """The same exit code, but for what is listed here with its reason."""
    if theirs[0] == ours[0]:
        return True
    if ours[0] == CONFIGURATION_ERROR and ": error: " in ours[1]:
        if theirs[0] == FATAL or theirs[0] < 0:
            return True  # it gives up at this line, or crashes; ours reads on, to say all that is wrong
        if theirs[0] == INSECURE_SCRIPTS:
            return CONFIGURATION_SAYS.search(theirs[1]) is not None  # it goes on to the scripts, and says that last
    unknown = re.findall(r"Unknown keyword '([^']*)'", theirs[1])
    return ours[0] == 0 and len(unknown) == len(theirs[1].splitlines()) > 0 and newer.issuperset(unknown)


# A complaint of keepalived's about a line.
CONFIGURATION_SAYS = re.compile(r"^\([^)]*Line \d+\)", re.M)


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

    def test_words_behind_flags_have_its_verdict(self):
        """A word that keepalived passes over draws a warning; one that it reads, or refuses, is read or refused."""
        self.make_interfaces({"eth0"})
        blocks = json.loads(lab.run(VIPDRIFT, "config", "keywords", "--json"))
        flags = [(block["block"], row["keyword"]) for block in blocks if block["block"] != "auth_hmac"
                 for row in block["keywords"] if row["takes"] in ("nothing", BOOLEAN) and "since" not in row
                 and not row["opens_block"]]
        self.assertGreater(len(flags), 80)
        differ = []
        for block, keyword in flags:
            before, after = AROUND[block]
            for words in ("", " off"):
                file = self.write(before + keyword + words + "\n" + after)
                theirs, ours = keepalived_says(file), vipdriftd_says(file)
                if not same_verdict(theirs, ours, set()):
                    differ.append((block, keyword + words, theirs, ours))
        self.assertEqual(differ, [])

    def compare(self, files):
        newer = {keyword["keyword"] for block in json.loads(lab.run(VIPDRIFT, "config", "keywords", "--json"))
                 for keyword in block["keywords"] if "since" in keyword}
        differ = []
        for file in files:
            self.make_interfaces(interfaces_of(file.read_text(errors="replace")))
            theirs, ours = keepalived_says(file), vipdriftd_says(file)
            rule = file.parent.parent.name if file.parent.name == "bad" else None
            if same_verdict(theirs, ours, newer):
                self.assertNotIn(rule, STRICTER, "no longer differs")
                continue
            if rule in STRICTER and theirs[0] == 0 and ours[0] != 0:
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
