#!/usr/bin/env python3
"""soak.py [--minutes M] [--seed N] [--on netns|sim] [--subject WORD] [--out DIR]: random faults for a long time.

Draws a scenario of M minutes from the seed - crashes, stops, frozen daemons, cuts, losses, interfaces that flap or
vanish, files, reloads, addresses deleted by hand, each mended again - and writes it, with its cluster, to DIR, so that
it can be read, shortened and replayed in any world. Then runs it and watches the memory of every process of the daemons. The scenario
asks for: no address held twice beyond what leases and advertisement intervals explain, one master, every address home
again after each fault. Memory: the process of director `b`, which no fault ends, may grow by --growth kB (256) between
the end of the first fifth and the end of the run.

Exit codes: 0 all held and memory flat; 1 not; 2 wrong arguments or no program; 3 the world could not be built.
"""
import argparse
import os
import random
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VIPDRIFT = ROOT / "build" / "release" / "bin" / "vipdrift"

HOMES = {"10.9.0.51": "a", "10.9.0.52": "b", "2001:db8::53": "a"}

CONFIG = """! Director {name}. V1 and V3 are at home on a, V2 on b.
vrrp_script alive {{
    script "/usr/bin/test ! -e /etc/keepalived/down"
    interval 1
    weight -100
    fall 1
    rise 1
}}
vrrp_instance V1 {{
    state BACKUP
    interface eth0
    virtual_router_id 51
    priority {high_on_a}
    version 3
    advert_int 0.3
    track_script {{
        alive
    }}
    virtual_ipaddress {{
        10.9.0.51/24
    }}
}}
vrrp_instance V2 {{
    state BACKUP
    interface eth0
    virtual_router_id 52
    priority {high_on_b}
    advert_int 1
    authentication {{
        auth_type PASS
        auth_pass secret
    }}
    virtual_ipaddress {{
        10.9.0.52/24{more}
    }}
}}
vrrp_instance V3 {{
    state BACKUP
    interface eth0
    virtual_router_id 53
    priority {high_on_a}
    version 3
    advert_int 0.3
    virtual_ipaddress {{
        fe80::53/64
        2001:db8::53/64
    }}
}}
"""

CLUSTER = """segments:
  lan: {latency: 50us}
directors:
  a:
    config: a.conf
    interfaces:
      eth0: {segment: lan, addresses: [10.9.0.1/24, "fe80::1/64"]}
  b:
    config: b.conf
    interfaces:
      eth0: {segment: lan, addresses: [10.9.0.2/24, "fe80::2/64"]}
clients:
  client: {segment: lan, address: 10.9.0.200/24}
scripts:
  alive: {fails_while: {file_exists: /etc/keepalived/down}}
"""

# A fault and its mending, with the shortest and longest time between them in milliseconds. Nothing ends the daemon of b.
FAULTS = [
    ("crash: a", "start: a", 200, 8000),
    ("stop: a", "start: a", 200, 8000),
    ("pause: a", "resume: a", 200, 7000),
    ("pause: b", "resume: b", 200, 7000),
    ("isolate: a", "heal:", 200, 9000),
    ("isolate: b", "heal:", 200, 9000),
    ("partition: [[a], [b, client]]", "heal:", 200, 9000),
    ("cut: {from: a, to: b}", "heal:", 200, 6000),
    ("cut: {from: b, to: a}", "heal:", 200, 6000),
    ("interface_down: a", "interface_up: a", 50, 6000),
    ("interface_down: b", "interface_up: b", 50, 6000),
    ("delete_interface: a", "create_interface: a", 50, 6000),
    ("delete_interface: b", "create_interface: b", 50, 6000),
    ("faults: {node: a, loss: 30%}", "faults: {node: a, loss: 0%}", 2000, 9000),
    ("touch: {on: a, file: /etc/keepalived/down}", "remove: {on: a, file: /etc/keepalived/down}", 1500, 8000),
    ("reload: {director: a, config: a-more.conf}", "reload: {director: a, config: a.conf}", 300, 5000),
    ("reload: {director: b, config: b-more.conf}", "reload: {director: b, config: b.conf}", 300, 5000),
    ("remove_address: {on: a, address: 10.9.0.51}", None, 0, 0),
    ("remove_address: {on: b, address: 10.9.0.52}", None, 0, 0),
]

# After a mended fault: four advertisement intervals of V2 and its skew, the second block of announcements left aside.
HOME_AGAIN = 8.0
QUIET = 10.0

# A lease of V2 is 4 s and the kernel's clock of addresses takes up to another; the peer takes over after 2.6 s.
HELD_TWICE = "2.6s"


def main():
    arguments = parse_arguments()
    folder = arguments.out or ROOT / "build" / "soak" / f"seed-{arguments.seed}"
    scenario = write_scenario(folder, arguments.seed, arguments.minutes * 60)
    if not VIPDRIFT.exists():
        print(f"soak: {VIPDRIFT.relative_to(ROOT)} is not built", file=sys.stderr)
        sys.exit(2)
    print(f"soak: seed {arguments.seed}, {arguments.minutes:g} minutes, {scenario}", flush=True)
    command = [str(VIPDRIFT), "run", "--on", arguments.on, "--subject", arguments.subject, str(scenario)]
    with open(folder / "report.txt", "w") as report:
        run = subprocess.Popen(command, stdout=report, stderr=subprocess.STDOUT)
        samples = watch_memory(run, arguments.on)
    lines = (folder / "report.txt").read_text().splitlines()
    print("\n".join(verdict_lines(lines, run.returncode)))
    flat = arguments.on == "sim" or judge_memory(samples, arguments.growth)
    sys.exit(run.returncode if run.returncode != 0 else 0 if flat else 1)


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--on", choices=["netns", "sim"], default="netns")
    parser.add_argument("--subject", default="vipdriftd")
    parser.add_argument("--growth", type=int, default=256, metavar="KB")
    parser.add_argument("--out", type=Path, metavar="DIR")
    return parser.parse_args()


# ---------------------------------------------------------------- the scenario


def write_scenario(folder, seed, seconds):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cluster.yaml").write_text(CLUSTER)
    for name in "ab":
        high = {"high_on_a": 150 if name == "a" else 100, "high_on_b": 150 if name == "b" else 100}
        for suffix, more in (("", ""), ("-more", "\n        10.9.0.62/24")):
            (folder / f"{name}{suffix}.conf").write_text(CONFIG.format(name=name, more=more, **high))
    draw = random.Random(seed)
    lines = [f"name: Random faults of seed {seed}", "cluster: cluster.yaml", f"seed: {seed}", "steps:",
             "  - at: 0s", "    start: [a, b]", *home(HOME_AGAIN, 1)]
    at = HOME_AGAIN + 4
    while at < seconds:
        fault, mended, shortest, longest = draw.choice(FAULTS)
        lasts = draw.randint(shortest, longest) / 1000
        lines += [f"  - at: {at:.3f}s", f"    {fault}"]
        if mended is not None:
            lines += [f"  - after: {lasts:.3f}s", f"    {mended}"]
        # The quiet is drawn too: a fault at a fixed moment would always meet the timers at the same phase.
        quiet = QUIET + draw.randint(0, 2000) / 1000
        lines += home(HOME_AGAIN, quiet - HOME_AGAIN - 0.5)
        at += lasts + quiet
    # An address deleted by hand makes its holder leave and come back after a skew time, at most 0.61 s.
    lines += ["always:", "  - one_master: {except_for: 700ms}", f"  - one_holder: {{except_for: {HELD_TWICE}}}",
              "  - no_address_in_fault: {except_for: 200ms}"]
    scenario = folder / "scenario.yaml"
    scenario.write_text("\n".join(lines) + "\n")
    return scenario


def home(within, lasting):
    return ["    expect:"] + [f'      - {{vip: "{vip}", on: {director}, within: {within:g}s, for: {lasting:.3f}s}}'
                              for vip, director in HOMES.items()]


def verdict_lines(lines, status):
    failed = [line for line in lines if line.lstrip().startswith("FAILED")]
    return failed + lines[-3:] + [f"soak: vipdrift ended with status {status}"]


# ---------------------------------------------------------------- memory


def watch_memory(run, world):
    """Samples of {pid: (seconds, kB)} of the daemons' VRRP processes, every two seconds, until `run` ends."""
    began = time.monotonic()
    samples = {}
    while True:
        try:
            run.wait(timeout=2)
            return samples
        except subprocess.TimeoutExpired:
            pass
        if world == "sim":
            continue
        now = time.monotonic() - began
        for pid in daemons_below(run.pid):
            if (kilobytes := resident(pid)) is not None:
                samples.setdefault(pid, []).append((now, kilobytes))
        if sys.stderr.isatty():
            print(f"\r\033[K{now:.0f} s, {len(samples)} processes so far", end="", file=sys.stderr, flush=True)


def daemons_below(ancestor):
    parents, names = {}, {}
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            name, rest = Path(f"/proc/{entry}/stat").read_text().split("(", 1)[1].rsplit(")", 1)
        except (OSError, ValueError, IndexError):
            continue  # it has ended meanwhile
        names[int(entry)], parents[int(entry)] = name, int(rest.split()[1])
    found = []
    for pid, name in names.items():
        if not name.startswith("vipdriftd"):
            continue
        above = parents.get(pid, 0)
        while above not in (0, ancestor):
            above = parents.get(above, 0)
        if above == ancestor:
            found.append(pid)
    return found


def resident(pid):
    try:
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    except OSError:
        pass
    return None


def judge_memory(samples, growth):
    if not samples:
        print("soak: no process of a daemon was seen")
        return False
    longest = max(series[-1][0] - series[0][0] for series in samples.values())
    flat = True
    for pid, series in sorted(samples.items()):
        if series[-1][0] - series[0][0] < 0.9 * longest:
            continue
        settled = series[len(series) // 5][1]
        grown = series[-1][1] - settled
        flat = flat and grown <= growth
        print(f"soak: process {pid}: {settled} kB after {series[len(series) // 5][0]:.0f} s, "
              f"{series[-1][1]} kB after {series[-1][0]:.0f} s: {'flat' if grown <= growth else 'GROWN'}")
    return flat


if __name__ == "__main__":
    main()
