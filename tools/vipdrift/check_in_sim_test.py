#!/usr/bin/env python3
"""What `vipdrift check` says of every combination of failures is what the simulator sees.

    check_in_sim_test.py VIPDRIFT

Twelve random clusters: for each row of the table a scenario is written in which all of it fails at one moment, and the
address must come to the holder that the table names, and stay.
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

CLUSTERS = 12


def configuration(random_numbers, name, version, grouped, instances):
    """keepalived.conf of one director: two scripts with weights of their own, one of them perhaps a cause of FAULT."""
    weights = random_numbers.sample([-60, -25, -12, -7, -3, 4, 9, 15, 0], 2)
    lines = []
    for number, weight in enumerate(weights):
        lines.append(f"vrrp_script chk_{name}{number} {{\n script /usr/bin/true\n interval 1\n weight {weight}\n}}")
    if grouped:
        tracking = " sync_group_tracking_weight\n" if random_numbers.random() < 0.5 else ""
        lines.append(f"vrrp_sync_group G {{\n group {{\n VI_1\n VI_2\n }}\n{tracking}}}")
    for number in range(1, instances + 1):
        tracked = random_numbers.choice([[0], [1], [0, 1]])
        scripts = "\n  ".join(f"chk_{name}{index}" for index in tracked)
        lines.append(f"""vrrp_instance VI_{number} {{
 version {version}
 interface eth0
 virtual_router_id {50 + number}
 priority {random_numbers.randint(80, 120)}
 virtual_ipaddress {{
  192.0.2.{100 + number}
 }}
 track_script {{
  {scripts}
 }}
}}""")
    return "\n".join(lines) + "\n"


def steps_of(failing):
    """The steps of a row: "a: chk_a0 and interface eth0; b is down"."""
    steps = []
    for part in failing.split("; "):
        if part.endswith(" is down"):
            steps.append(f"power_off: {part.removesuffix(' is down')}")
            continue
        director, things = part.split(": ", 1)
        for thing in things.replace(" and ", ", ").split(", "):
            steps.append(f"interface_down: {director}" if thing.startswith("interface")
                         else f"touch: {{on: {director}, file: /{thing}}}")
    return steps


def scenario(names, row, routers):
    lines = [f"name: {json.dumps(row['failing'])}", "cluster: cluster.yaml", "steps:",
             f"  - {{at: 0s, start: [{', '.join(names)}]}}"]
    if row["failing"] != "nothing":
        lines += [f"  - {{at: 20s, {step}}}" for step in steps_of(row["failing"])]
    lines += ["  - at: 20s", "    note: all of it has happened", "    expect:"]
    for router, holder in zip(routers, row["holders"]):
        address = router.split("(")[1].split(")")[0]
        lines.append(f"      - {{vip: {address}, on: {holder}, within: 20s, for: 30s}}")
    return "\n".join(lines) + "\n"


class CheckInSim(unittest.TestCase):
    def test_every_row_of_random_clusters(self):
        rows = sum(self.rows_of(seed) for seed in range(CLUSTERS))
        self.assertGreater(rows, 500)

    def rows_of(self, seed):
        random_numbers = random.Random(seed)
        names = ["a", "b", "c"][:random_numbers.choice([2, 2, 2, 3])]
        version, instances = random_numbers.choice([2, 3]), random_numbers.choice([1, 2])
        grouped = instances == 2 and random_numbers.random() < 0.5
        with tempfile.TemporaryDirectory() as place:
            folder = pathlib.Path(place)
            cluster = ["directors:"]
            for number, name in enumerate(names, 1):
                (folder / f"{name}.conf").write_text(configuration(random_numbers, name, version, grouped, instances))
                models = ", ".join(f"chk_{name}{i}: {{fails_while: {{file_exists: /chk_{name}{i}}}}}" for i in (0, 1))
                cluster.append(f"  {name}: {{config: {name}.conf, interfaces: {{eth0: {{address: 192.0.2.{number}/24}}}}, "
                               f"scripts: {{{models}}}}}")
            (folder / "cluster.yaml").write_text("\n".join(cluster) + "\n")
            said = subprocess.run([sys.argv[1], "check", "--json", "--table",
                                   *[str(folder / f"{name}.conf") for name in names]],
                                  stdout=subprocess.PIPE, text=True, check=False, timeout=60)
            table = json.loads(said.stdout)["combinations"]
            # Where it depends on who began first, start delays decide, and the table says both.
            rows = [row for row in table["rows"] if not any(" or " in holder for holder in row["holders"])]
            for number, row in enumerate(rows):
                (folder / f"{number:04}.yaml").write_text(scenario(names, row, table["virtual_routers"]))
            done = subprocess.run([sys.argv[1], "run", *sorted(str(file) for file in folder.glob("0*.yaml"))],
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, timeout=240)
            wrong = [line for line in done.stdout.splitlines() if not line.startswith("ok ")]
            texts = "".join((folder / f"{name}.conf").read_text() for name in names)
            self.assertEqual(done.returncode, 0, f"cluster {seed}\n{texts}\n" + "\n".join(wrong[:60]))
            return len(rows)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
