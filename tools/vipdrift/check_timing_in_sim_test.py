#!/usr/bin/env python3
"""The worst cases of `vipdrift check --timing` are what the simulator sees, and no less.

    check_timing_in_sim_test.py VIPDRIFT

Random clusters: for each row of the table scenarios are written in which it happens at many phases of the master's
advertisements, right after a run of the scripts. No takeover may be later than the row says, but for what the network and
the daemon take (ALLOWED), and the latest one must come close (SLACK): a bound that is merely large proves nothing.
"""
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile
import unittest

CLUSTERS = 10
PHASES = 12  # of the advertisements
START = 0.020  # s: until a daemon is ready, which no row counts
ALLOWED = 0.020  # s: latency, netlink, starting scripts
SLACK = 0.2  # s, beside the distance of two phases: what happens does so 0.1 s after a run of the scripts, which drift


def configuration(numbers, name, version, interval, grouped):
    """One director with two scripts; weights that are large enough move the address, 0 means FAULT."""
    lines = []
    for number, weight in enumerate(numbers.sample([-90, -70, 0, 60], 2)):
        lines.append(f"vrrp_script chk_{name}{number} {{\n script /usr/bin/true\n interval {numbers.choice([1, 2])}\n"
                     f" fall {numbers.randint(1, 3)}\n rise {numbers.randint(1, 3)}\n weight {weight}\n}}")
    if grouped:
        lines.append("vrrp_sync_group G {\n group {\n VI_1\n VI_2\n }\n sync_group_tracking_weight\n}")
    priority = numbers.randint(80, 120)
    for number in (1, 2) if grouped else (1,):
        lines.append(f"""vrrp_instance VI_{number} {{
 version {version}
 interface eth0
 virtual_router_id {50 + number}
 priority {priority}
 advert_int {interval}
 virtual_ipaddress {{
  192.0.2.{100 + number}
 }}
 track_script {{
  chk_{name}0
  chk_{name}1
 }}
}}""")
    return "\n".join(lines) + "\n"


def happening(event):
    """What makes the event of a row happen, and for a return what undoes it; None: not to be had in the simulator."""
    patterns = {
        r"(\w+) crashes or loses power": ("power_off: {0}", None),
        r"(\w+) starts again": ("power_off: {0}", "power_on: {0}"),
        r"(\w+) is cut off from the others": ("isolate: {0}", None),
        r"(\w+) is stopped": ("stop: {0}", None),
        r"interface (\w+) is down on (\w+)": ("interface_down: {1}", None),
        r"interface (\w+) is well again on (\w+)": ("interface_down: {1}", "interface_up: {1}"),
        r"(chk_\w+) fails on (\w+)": ("touch: {{on: {1}, file: /{0}}}", None),
        r"(chk_\w+) is well again on (\w+)": ("touch: {{on: {1}, file: /{0}}}", "remove: {{on: {1}, file: /{0}}}"),
    }
    for pattern, steps in patterns.items():
        if match := re.fullmatch(pattern, event):
            return [step and step.format(*match.groups()) for step in steps]
    return None


def scenario(names, row, steps, phase):
    """The home director loses its interface for a while, so that it advertises at another phase than it began with."""
    home = row["to"] if row["return"] else row["from"]
    more = ALLOWED + (START if row["event"].endswith("starts again") else 0)
    expect = (f"    expect: {{instance: {row['virtual_router'].split()[0]}, on: {row['to']}, state: MASTER, "
              f"within: {row['worst_ns'] + round(more * 1e9)}ns}}")
    lines = [f"name: {json.dumps(row['event'])}", "cluster: cluster.yaml", "steps:",
             f"  - {{at: 0s, start: [{', '.join(names)}]}}",
             f"  - {{at: {20 + phase:.3f}s, interface_down: {home}}}", f"  - {{at: {24 + phase:.3f}s, interface_up: {home}}}",
             "  - at: 60.1s", f"    {steps[0]}"]
    lines += [expect] if steps[1] is None else [
        f"  - at: {100.1 + (0 if 'well again' in row['event'] else phase):.3f}s", f"    {steps[1]}", expect]
    return "\n".join(lines) + "\n"


class TimingInSim(unittest.TestCase):
    def test_worst_cases_of_random_clusters(self):
        rows = sum(self.rows_of(seed) for seed in range(CLUSTERS))
        self.assertGreater(rows, 60)

    def rows_of(self, seed):
        numbers = random.Random(seed)
        profile = ["--profile", ["keepalived", "vipdrift"][seed % 2]]
        names = ["a", "b", "c"][:numbers.choice([2, 2, 3])]
        version = numbers.choice([2, 3])
        interval = numbers.choice([1, 2] if version == 2 else [0.5, 1])
        grouped = numbers.random() < 0.4
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            cluster = ["directors:"]
            for number, name in enumerate(names, 1):
                (folder / f"{name}.conf").write_text(configuration(numbers, name, version, interval, grouped))
                models = ", ".join(f"chk_{name}{i}: {{fails_while: {{file_exists: /chk_{name}{i}}}}}" for i in (0, 1))
                cluster.append(f"  {name}: {{config: {name}.conf, interfaces: {{eth0: {{address: 192.0.2.{number}/24}}}}, "
                               f"scripts: {{{models}}}}}")
            (folder / "cluster.yaml").write_text("\n".join(cluster) + "\n")
            said = subprocess.run([sys.argv[1], "check", "--json", "--timing", *profile,
                                   *[str(folder / f"{name}.conf") for name in names]],
                                  stdout=subprocess.PIPE, text=True, check=False, timeout=60)
            compared = 0
            for row in json.loads(said.stdout)["timing"]:
                steps = happening(row["event"])
                if steps is None or row["worst_ns"] is None:
                    continue
                compared += 1
                with self.subTest(seed=seed, **row):
                    self.compare(folder, names, row, steps, interval, profile)
            return compared

    def compare(self, folder, names, row, steps, interval, profile):
        for old in folder.glob("phase*.yaml"):
            old.unlink()
        for number in range(PHASES):
            text = scenario(names, row, steps, interval * number / PHASES)
            (folder / f"phase{number:02}.yaml").write_text(text)
        done = subprocess.run([sys.argv[1], "run", "--json", "--start-delay", f"{START * 1000:.0f}ms", *profile,
                               *sorted(str(file) for file in folder.glob("phase*.yaml"))],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=240)
        runs = json.loads(done.stdout)["scenarios"]
        self.assertEqual({run["status"] for run in runs}, {"held"}, [run["judgements"] for run in runs
                                                                      if run["status"] != "held"][:1])
        seen = max(self.time_of(run) for run in runs)
        self.assertGreater(seen, row["worst_ns"] / 1e9 - SLACK - interval / PHASES, "so long does it never take")

    @staticmethod
    def time_of(run):
        judged = run["judgements"][-1]
        since = float(re.search(r"\(since ([0-9.]+)s\)", judged["expected"]).group(1))
        return judged["at_ns"] / 1e9 - since


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
