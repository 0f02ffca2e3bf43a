"""What bench/daemon measures: each row is one case, run for every subject in turn, with the goals for its figures."""
import json
import os
import resource
import statistics
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

from daemon_lab import Failure, Lab, wait_until

OURS, STOCK, FLOOR = "vipdriftd", "keepalived", "floor"
ALL = (OURS, STOCK, FLOOR)
BOTH = (OURS, STOCK)

# Seconds until the second block of announcements is over (garp_master_delay is 5 s).
SETTLED = 6

# 16 interfaces with 250 virtual routers each; a VRID is an interface's.
MANY = (16, 250)
THOUSAND = (4, 250)


@dataclass
class Figure:
    """One number of a row; `limit` times the figure of `beside`, or just `limit`, is the goal."""
    key: str
    what: str
    unit: str
    limit: float | None = None
    beside: str | None = None

    def goal(self):
        if self.limit is None:
            return ""
        return f"{self.limit:g}x {self.beside}" if self.beside else f"{self.limit:g} {self.unit}".strip()

    def met(self, values):
        """values: subject to figure. None: there is nothing to reach."""
        if self.limit is None or values.get(OURS) is None:
            return None
        most = self.limit * (values[self.beside] if self.beside else 1)
        return values[OURS] <= most


@dataclass
class Row:
    name: str
    what: str
    subjects: tuple
    measure: Callable  # (subject, options) to {key: number}
    figures: list = field(default_factory=list)
    once: bool = False  # exact: no need to repeat
    rate: float | None = None  # thousand a second that the sender must reach, or the goals say nothing


# ---------------------------------------------------------------- one advertisement

def instructions(instances):
    """User instructions for each advertisement: two runs under callgrind of different length, the difference divided."""
    def count(subject, advertisements):
        with Lab() as lab:
            wrapper = ["valgrind", "-q", "--tool=callgrind", "--trace-children=yes",
                       f"--callgrind-out-file={lab.folder}/callgrind.%p"]
            daemon = lab.start(subject, instances, 1, wrapper=wrapper)
            lab.peer("send", 1, instances, 2000, advertisements)
            wait_until("everything is read", lambda: lab.waiting() == 0)
            pid = daemon.vrrp_pid()
            daemon.stop()
            for line in Path(f"{lab.folder}/callgrind.{pid}").read_text().splitlines():
                if line.startswith(("summary:", "totals:")):
                    return int(line.split()[1])
            raise Failure("callgrind counted nothing")

    def measure(subject, _):
        few, many = 2000, 6000
        return {"instructions": (count(subject, many) - count(subject, few)) / (many - few)}
    return measure


def receive(rate, instances=255):
    def measure(subject, options):
        count = int(min(rate, 400_000) * options.seconds)
        with Lab() as lab:
            daemon = lab.start(subject, instances, 1)
            before = daemon.processor_time()
            sent = lab.peer("send", 1, instances, rate, count)
            wait_until("everything is read", lambda: lab.waiting() == 0)
            used = daemon.processor_time() - before
            lost = lab.drops()
            if lost >= count:
                raise Failure(f"{subject} received nothing")
            return {"cpu": used / 1000 / (count - lost), "lost": 100 * lost / count,
                    "rate": sent["sent"] / sent["seconds"] / 1000}
    return measure


def receive_figures(most_lost):
    return [Figure("cpu", "processor time each", "us", 1.1, FLOOR), Figure("lost", "lost", "%", most_lost),
            Figure("rate", "  sent, thousand a second", "")]


# ---------------------------------------------------------------- standing

def masters(shape, interval, with_start=False):
    interfaces, instances = shape
    count = interfaces * instances

    def measure(subject, options):
        with Lab(interfaces) as lab:
            watch = lab.start_peer("watch", interfaces, instances, 30) if with_start else None
            daemon = lab.start(subject, instances, interval)
            lab.wait_for_addresses(count)
            figures = {}
            if watch is not None:
                last = json.load(watch.stdout)["last"]
                if last == 0:
                    raise Failure(f"{subject}: not all became masters")
                figures["start"] = (last - daemon.began - interval * (3 + 156 / 256)) * 1000
            time.sleep(SETTLED)
            figures["cpu"] = daemon.milliseconds_per_second(options.seconds)
            figures["memory"] = daemon.megabytes()
            figures["stop"] = daemon.stop()
            if lab.addresses() > 0:
                raise Failure(f"{subject} left addresses behind")
            return figures
    return measure


def backups(shape, interval, extra="", with_stop=False):
    interfaces, instances = shape

    def measure(subject, options):
        with Lab(interfaces) as lab:
            lab.start(STOCK, instances, interval, priority=200, where="b")
            lab.wait_for_addresses(interfaces * instances, where="b")
            daemon = lab.start(subject, instances, interval, extra=extra)
            time.sleep(2)
            figures = {"cpu": daemon.milliseconds_per_second(options.seconds), "memory": daemon.megabytes()}
            if lab.addresses() > 0:
                raise Failure(f"{subject} is no backup")
            if with_stop:
                figures["stop"] = daemon.stop()
            return figures
    return measure


VIRTUAL_MAC = "    use_vmac vrrp{interface}.{vrid}\n"


# ---------------------------------------------------------------- scripts

def bare_runs(count):
    """/bin/true started and waited for by a process that does nothing else: what the machine itself takes."""
    began, own = resource.getrusage(resource.RUSAGE_CHILDREN), time.process_time()
    for _ in range(count):
        os.waitpid(os.posix_spawn("/bin/true", ["/bin/true"], os.environ), 0)
    own, ended = time.process_time() - own, resource.getrusage(resource.RUSAGE_CHILDREN)
    children = ended.ru_utime - began.ru_utime + ended.ru_stime - began.ru_stime
    return {"all": (own + children) * 1000 / count, "own": own * 1000 / count}


def scripts(count):
    """`count` tracking scripts a second, which all succeed: what the daemon and they need for one run."""
    head = "".join(f'vrrp_script s{number} {{\n    script "/bin/true"\n    interval 1\n}}\n' for number in range(count))
    extra = "    track_script {{\n" + "".join(f"        s{number}\n" for number in range(count)) + "    }}\n"

    def measure(subject, options):
        if subject == FLOOR:
            return bare_runs(count)
        with Lab() as lab:
            daemon = lab.start(subject, 1, 1, extra=extra, head=head)
            lab.wait_for_addresses(1)
            before, began = daemon.processor_time(), time.monotonic()
            children = daemon.processor_time_of_the_dead()
            time.sleep(options.seconds)
            runs = count * (time.monotonic() - began)
            children = daemon.processor_time_of_the_dead() - children
            if children == 0:
                raise Failure(f"{subject} runs no scripts")
            own = daemon.processor_time() - before
            return {"all": (own + children) / 1e6 / runs, "own": own / 1e6 / runs}
    return measure


# ---------------------------------------------------------------- takeover

def takeover(shape, interval, cycles, with_addresses=False):
    """From the last advertisement of a silent master on; all of its virtual routers fall silent in one instant."""
    interfaces, instances = shape
    patience = interval * (3 + 156 / 256) * 1e6  # priority 100, version 3; microseconds

    def measure(subject, _):
        with Lab(interfaces) as lab:
            lab.start(subject, instances, interval)
            watched = "/run/netns/a" if with_addresses else "-"
            seen = lab.peer("takeover", interfaces, instances, int(interval * 1e6), cycles, watched)["takeovers"]
        if any(one[0] < 0 for one in seen):
            raise Failure(f"{subject} did not take everything over")
        if not with_addresses:
            late = sorted(one[0] - patience for one in seen)
            return {"p50": statistics.median(late), "p99": late[min(len(late) - 1, len(late) * 99 // 100)]}
        figures = {"address": [], "announcement": []}
        for number in range(cycles):
            cycle = seen[number * interfaces * instances:(number + 1) * interfaces * instances]
            last_due = max(one[3] for one in cycle) + patience
            for position, key in ((1, "address"), (2, "announcement")):
                if any(one[position] < 0 for one in cycle):
                    raise Failure(f"{subject}: an {key} is missing")
                figures[key].append((max(one[3] + one[position] for one in cycle) - last_due) / 1000)
        return {key: statistics.median(values) for key, values in figures.items()}
    return measure


ROWS = [
    Row("instructions-1", "user instructions an advertisement, 1 instance", BOTH, instructions(1),
        [Figure("instructions", "", "", 500)], once=True),
    Row("instructions-255", "user instructions an advertisement, 255 instances", BOTH, instructions(255),
        [Figure("instructions", "", "", 500)], once=True),
    Row("receive-2k", "255 backups receive 2,000 advertisements a second", ALL, receive(2_000), receive_figures(0), rate=2),
    Row("receive-100k", "100,000 a second", ALL, receive(100_000), receive_figures(0), rate=100),
    Row("receive-300k", "300,000 a second", ALL, receive(300_000), receive_figures(0), rate=300),
    Row("receive-top", "as fast as the sender can", ALL, receive(10_000_000), receive_figures(None)),
    Row("killed-1000", "1,000 masters killed at once, after the last is due", BOTH,
        takeover(THOUSAND, 1, 1, with_addresses=True),
        [Figure("address", "last address", "ms", 5), Figure("announcement", "last first announcement", "ms", 5)]),
    Row("masters-4000", "4,000 masters, every 1 s", BOTH, masters(MANY, 1, with_start=True),
        [Figure("cpu", "processor time", "ms/s", 0.25, STOCK), Figure("memory", "memory", "MB", 1, STOCK),
         Figure("start", "start to all masters beyond the formula", "ms", 50),
         Figure("stop", "graceful stop", "s", 0.15)]),
    Row("masters-255", "255 masters, every 0.1 s", BOTH, masters((1, 255), 0.1),
        [Figure("cpu", "processor time", "ms/s", 0.25, STOCK), Figure("memory", "memory", "MB", 1, STOCK),
         Figure("stop", "graceful stop", "s", 0.15)]),
    Row("backups-4000", "4,000 backups, every 1 s", BOTH, backups(MANY, 1),
        [Figure("cpu", "processor time", "ms/s", 0.9, STOCK), Figure("memory", "memory", "MB", 1, STOCK)]),
    Row("backups-255", "255 backups, every 0.1 s", BOTH, backups((1, 255), 0.1),
        [Figure("cpu", "processor time", "ms/s", 0.9, STOCK), Figure("memory", "memory", "MB", 1, STOCK)]),
    Row("vmac-255", "255 backups with virtual MACs, every 1 s", BOTH,
        backups((1, 255), 1, VIRTUAL_MAC, with_stop=True),
        [Figure("cpu", "processor time", "ms/s", 0.1, STOCK), Figure("stop", "graceful stop", "s", 0.15)]),
    Row("scripts", "100 tracking scripts a second: processor time of a run", ALL, scripts(100),
        [Figure("all", "daemon and script", "ms", 0.6), Figure("own", "  the daemon's part", "ms")]),
    Row("takeover-255", "takeover beyond the formula, 255 at 10 ms", ALL, takeover((1, 255), 0.01, 5),
        [Figure("p50", "median", "us", 2, FLOOR), Figure("p99", "p99", "us", 2, FLOOR)]),
    Row("takeover-1", "takeover beyond the formula, one instance at 10 ms", ALL, takeover((1, 1), 0.01, 40),
        [Figure("p50", "median", "us", 1, STOCK)]),
]
