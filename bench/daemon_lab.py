"""Namespaces, cables and daemons for bench/daemon: director a is measured, director b is its peer.

Interface eth0, eth1, ... of both is one cable each. Director a is 10.(200 + interface).0.1, b ends in 2; virtual router
VRID of an interface has the address 10.(100 + interface).0.VRID.
"""
import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = ROOT / "build" / "release" / "bin"
BENCHES = ROOT / "build" / "release" / "bench"
NEEDED = [PROGRAMS / "vipdriftd", BENCHES / "advertisement_peer", BENCHES / "floor_daemon"]
PATIENCE = 20


class Failure(Exception):
    """Something could not be measured; said in words."""


def run(*words):
    result = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
    if result.returncode != 0:
        raise Failure(f"{' '.join(map(str, words))}: {result.stderr.strip()}")
    return result.stdout


def configuration(interfaces, instances, interval, priority, extra="", head=""):
    """So many instances on each interface, version 3, after `head`; `extra` goes into each, {vrid} and {interface} filled
    in."""
    parts = ["global_defs {\n    router_id bench\n    script_user root\n}\n", head]
    for interface in range(interfaces):
        for vrid in range(1, instances + 1):
            lines = extra.format(vrid=vrid, interface=interface)
            parts.append(f"vrrp_instance V{interface}_{vrid} {{\n    state BACKUP\n    interface eth{interface}\n"
                         f"    virtual_router_id {vrid}\n    priority {priority}\n    version 3\n"
                         f"    advert_int {interval}\n{lines}    virtual_ipaddress {{\n"
                         f"        10.{100 + interface}.0.{vrid}/32\n    }}\n}}\n")
    return "".join(parts)


class Lab:
    """Two directors for the length of a `with` block; every process and namespace goes with it."""

    def __init__(self, interfaces=1):
        self.interfaces = interfaces
        self.daemons = []

    def __enter__(self):
        self.stack = contextlib.ExitStack()
        self.folder = Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        self.stack.callback(self.clear)
        for name in "ab":
            run("ip", "netns", "add", name)
        for number in range(self.interfaces):
            link = f"eth{number}"
            run("ip", "link", "add", link, "netns", "a", "type", "veth", "peer", "name", link, "netns", "b")
            for host, name in enumerate("ab", 1):
                run("ip", "-n", name, "link", "set", link, "up")
                run("ip", "-n", name, "addr", "add", f"10.{200 + number}.0.{host}/24", "dev", link)
        return self

    def __exit__(self, *_):
        self.stack.close()

    def clear(self):
        for daemon in self.daemons:
            daemon.kill()
        for name in "ab":
            subprocess.run(["ip", "netns", "del", name], stderr=subprocess.DEVNULL, check=False)

    def start(self, subject, instances, interval, priority=100, where="a", extra="", head="", wrapper=()):
        """A daemon with `instances` on each interface; it has opened its sockets on return."""
        if subject == "floor":
            daemon = Floor(self, instances, interval)
        else:
            config = configuration(self.interfaces, instances, interval, priority, extra, head)
            daemon = Daemon(self, subject, config, where, wrapper)
        self.daemons.append(daemon)
        daemon.wait_until_ready(self.interfaces * instances)
        return daemon

    def peer(self, *words):
        """What advertisement_peer prints, run at director b."""
        return json.loads(run(*self.peer_command(*words)))

    def start_peer(self, *words):
        """The same without waiting for the end: `json.load` its standard output."""
        return self.stack.enter_context(subprocess.Popen(self.peer_command(*words), stdout=subprocess.PIPE))

    def peer_command(self, *words):
        return ["ip", "netns", "exec", "b", str(BENCHES / "advertisement_peer"), *map(str, words)]

    def addresses(self, where="a"):
        return sum(run("ip", "-n", where, "-4", "-o", "addr", "show").count(f" 10.{100 + number}.0.")
                   for number in range(self.interfaces))

    def wait_for_addresses(self, count, where="a"):
        wait_until(f"{where} holds {count} addresses", lambda: self.addresses(where) >= count)

    def raw_sockets(self):
        """Lines of /proc/net/raw at director a."""
        return [line.split() for line in run("ip", "netns", "exec", "a", "cat", "/proc/net/raw").splitlines()[1:]]

    def open_sockets(self):
        return len(self.raw_sockets())

    def waiting(self):
        """Bytes that nobody has read yet."""
        return sum(int(words[4].split(":")[1], 16) for words in self.raw_sockets())

    def drops(self):
        """Datagrams that the sockets had no room for."""
        return sum(int(words[-1]) for words in self.raw_sockets())


def wait_until(what, condition, patience=PATIENCE):
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise Failure(f"not within {patience} s: {what}")
        time.sleep(0.05)


class Process:
    """A daemon, seen as the process group it was started as."""

    def __init__(self, command, log):
        self.began = time.time()
        self.process = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)

    def tree(self):
        """The process and its descendants."""
        found, parents = [], {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    stat = (entry / "stat").read_text()
                    parents.setdefault(int(stat[stat.rindex(")") + 2:].split()[1]), []).append(int(entry.name))
        waiting = [self.process.pid]
        while waiting:
            found.append(waiting.pop())
            waiting += parents.get(found[-1], [])
        return found

    def processor_time(self):
        """Nanoseconds that all its processes have been on a processor, kernel included (proc(5), schedstat)."""
        return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in self.tree())

    def processor_time_of_the_dead(self):
        """Nanoseconds of descendants that have ended and been waited for, in clock ticks of 10 ms (proc(5), stat)."""
        stats = [Path(f"/proc/{pid}/stat").read_text() for pid in self.tree()]
        ticks = sum(sum(map(int, stat[stat.rindex(")") + 2:].split()[13:15])) for stat in stats)
        return ticks * 1_000_000_000 // os.sysconf("SC_CLK_TCK")

    def megabytes(self):
        """Memory of all its processes, what they share counted once (Pss of proc(5), smaps_rollup)."""
        lines = [line for pid in self.tree() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()]
        return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000

    def milliseconds_per_second(self, seconds):
        before, began = self.processor_time(), time.monotonic()
        time.sleep(seconds)
        return (self.processor_time() - before) / 1e6 / (time.monotonic() - began)

    def kill(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGSTOP)
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self):
        """Seconds that a graceful stop takes."""
        began = time.monotonic()
        self.process.terminate()
        self.process.wait(PATIENCE)
        return time.monotonic() - began


class Floor(Process):
    def __init__(self, lab, instances, interval):
        command = ["ip", "netns", "exec", "a", str(BENCHES / "floor_daemon"), lab.interfaces, instances,
                   int(interval * 1e6)]
        super().__init__([str(word) for word in command], subprocess.DEVNULL)
        self.namespace = lab

    def wait_until_ready(self, _):
        wait_until("the floor listens", lambda: self.namespace.open_sockets() >= self.namespace.interfaces)


class Daemon(Process):
    def __init__(self, lab, subject, config, where, wrapper):
        stem = lab.folder / f"{where}-{subject}-{len(lab.daemons)}"
        self.pid_file, self.log_file = Path(f"{stem}.vrrp.pid"), Path(f"{stem}.log")
        config_file = Path(f"{stem}.conf")
        config_file.write_text(config)
        program = {"vipdriftd": [str(PROGRAMS / "vipdriftd")], "keepalived": ["keepalived", "-P"]}[subject]
        with self.log_file.open("w") as log:
            super().__init__(["ip", "netns", "exec", where, *wrapper, *program, "-n", "-l", "-p", f"{stem}.pid",
                              "-r", str(self.pid_file), "-f", str(config_file)], log)

    def vrrp_pid(self):
        return int(self.pid_file.read_text())

    def told(self, words):
        return self.log_file.read_text(errors="replace").count(words)

    def wait_until_ready(self, count):
        """Until all instances say that they are backups: the sockets are open then."""
        wait_until("the instances are backups", lambda: self.told("Entering BACKUP STATE") >= count)
