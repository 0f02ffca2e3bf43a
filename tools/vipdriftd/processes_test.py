#!/usr/bin/env python3
"""The daemon as a program: names, scheduling, pid files, namespace, umask, and the commands at its start and end.

    processes_test.py VIPDRIFTD

In namespaces of its own, as interop_test.py, from which it has its tools. Stock keepalived is asked where it puts its
pid files; its scripts it cannot run there (it wants to set groups).
"""
import os
import signal
import subprocess
import time
from pathlib import Path

import interop_test as lab
from daemon_case import GOOD, DaemonCase
from interop_test import run

SERVER = """
virtual_server 10.9.0.7 80 {
    lb_kind DR
    protocol TCP
    real_server 10.9.0.2 80 {
        TCP_CHECK {
        }
    }
}
"""
RR = 2 | 0x40000000  # SCHED_RR | SCHED_RESET_ON_FORK


def status_of(pid, key):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(key + ":"):
            return line.split(":")[1].strip()
    return None


class Processes(DaemonCase):
    def configure(self, globals_, root="", more=""):
        self.config.write_text(root + GOOD.replace("router_id a", "router_id a\nscript_user root\n" + globals_) + more)

    def script(self, name, *lines):
        path = self.folder / name
        path.write_text("#!/bin/sh\n" + "".join(line + "\n" for line in lines))
        path.chmod(0o755)
        return path

    def test_each_process_has_its_name_and_place(self):
        processor = min(os.sched_getaffinity(0))
        self.configure("process_names\nprocess_name boss\nvrrp_priority 3\nchecker_priority 4\n"
                       f"vrrp_cpu_affinity {processor}\nvrrp_rt_priority 7\n", more=SERVER)
        self.serve()
        self.wait_until("it checks", lambda: (self.folder / "checkers.pid").exists())
        boss, vrrp, checker = (self.pid(which) for which in ("parent", "vrrp", "checkers"))
        self.wait_until("the check process has its name", lambda: status_of(checker, "Name") == "vipdriftd_check")
        self.assertEqual([status_of(pid, "Name") for pid in (boss, vrrp)], ["boss", "vipdriftd_vrrp"])
        nice = [os.getpriority(os.PRIO_PROCESS, pid) for pid in (boss, vrrp, checker)]
        self.assertEqual([nice[1] - nice[0], nice[2] - nice[0]], [3, 4])
        self.assertEqual(status_of(vrrp, "Cpus_allowed_list"), str(processor))
        self.assertEqual(status_of(checker, "Cpus_allowed_list"), status_of(boss, "Cpus_allowed_list"))
        # Real-time priority is for root of the machine alone.
        if os.sched_getscheduler(vrrp) != RR:
            self.assertIn("cannot set real-time priority 7: Operation not permitted", self.log())

    def test_what_the_kernel_refuses_is_told_and_the_rest_goes_on(self):
        self.configure("vrrp_cpu_affinity 1023\nvrrp_priority 2\n")
        self.serve()
        self.assertIn("cannot set the processors 1023: Invalid argument", self.log())
        self.assertEqual(os.getpriority(os.PRIO_PROCESS, self.pid("vrrp")) - os.getpriority(os.PRIO_PROCESS, 0), 2)

    def test_memory_is_locked_when_the_kernel_lets_us(self):
        self.configure("vrrp_no_swap\n")
        self.serve()
        locked = int(status_of(self.pid("vrrp"), "VmLck").split()[0])
        self.assertEqual(locked > 1000, "cannot set" not in self.log(), self.log())

    def test_commands_of_start_and_end(self):
        told = self.folder / "told"
        start = self.script("start.sh", f"echo start $1 $(ls {self.folder} | grep -c vrrp.pid) >> {told}", "exit 3")
        end = self.script("end.sh", f"echo end $1 $(ls {self.folder} | grep -c vrrp.pid) >> {told}")
        self.configure(f"startup_script \"{start} a\"\nshutdown_script \"{end} b\"\n")
        daemon = self.serve()
        self.assertIn(f"startup script {start} failed, status 3", self.log())
        daemon.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(timeout=30), 0)
        self.assertIn(f"shutdown script {end} succeeded", self.log())
        self.assertEqual(told.read_text().split("\n")[:2], ["start a 0", "end b 0"])

    def test_a_command_of_the_start_that_hangs_is_ended(self):
        hang = self.script("hang.sh", "sleep 1000")
        self.configure(f"startup_script {hang}\nstartup_script_timeout 1\n")
        self.serve()
        self.assertIn(f"startup script {hang} timed out after 1 s", self.log())
        self.assertNotIn("sleep 1000", run("ps", "-e", "-o", "args"))

    def test_a_stop_during_the_command_of_the_start_ends_well(self):
        begun = self.folder / "begun"
        start = self.script("start.sh", f"touch {begun}", "sleep 1")
        self.configure(f"startup_script {start}\n")
        daemon = self.start()
        self.wait_until("the command runs", begun.exists)
        daemon.send_signal(signal.SIGTERM)
        self.assertEqual(daemon.wait(timeout=30), 0)
        self.assertFalse((self.folder / "parent.pid").exists())
        self.assertIn(f"startup script {start} succeeded", self.log())

    def pid_files(self, program):
        daemon = subprocess.Popen([program, "-n", "-l", "-D", "-G", "-f", str(self.config)], stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT, start_new_session=True)
        self.started.append(daemon)
        try:
            self.wait_until("pid files", lambda: len(list(Path("/run").rglob("*.pid"))) >= 2)
            return sorted(str(path) for path in Path("/run").rglob("*.pid")), daemon.pid
        finally:
            os.killpg(daemon.pid, signal.SIGTERM)
            daemon.communicate(timeout=30)

    def test_pid_files_are_where_keepaliveds_are(self):
        run("ip", "netns", "add", "inner")
        self.addCleanup(run, "ip", "netns", "del", "inner")
        for words in (("link", "set", "lo", "up"), ("link", "add", "eth0", "type", "veth", "peer", "name", "eth1"),
                      ("link", "set", "eth0", "up"), ("link", "set", "eth1", "up"),
                      ("addr", "add", "10.9.0.1/24", "dev", "eth0")):
            run("ip", "-n", "inner", *words)
        for root in ("", "instance foo\n", "use_pid_dir\n", "net_namespace inner\n",
                     "net_namespace inner\ninstance foo\n"):
            with self.subTest(root):
                self.configure("", root)
                ours, theirs = self.pid_files(lab.VIPDRIFTD), self.pid_files("keepalived")
                self.assertEqual(ours[0], theirs[0])

    def test_the_namespace_of_the_configuration(self):
        run("ip", "netns", "add", "inner")
        self.addCleanup(run, "ip", "netns", "del", "inner")
        self.configure("", "net_namespace inner\n")
        self.serve()
        self.assertEqual(os.readlink(f"/proc/{self.pid('vrrp')}/ns/net"),
                         "net:[%d]" % os.stat("/run/netns/inner").st_ino)
        self.configure("", "net_namespace none\n")
        status, _, said = self.call("-n", "-l", "-G", "-f", str(self.config), "-p", str(self.folder / "other.pid"))
        self.assertEqual(status, 1)
        self.assertIn("cannot enter the network namespace /run/netns/none", said)

    def test_the_umask(self):
        for words, written, expected in (((), "", "0022"), ((), "umask 077", "0077"),
                                         ((), "umask IWGRP | IXOTH", "0021"), (("-u", "027"), "umask 077", "0027")):
            with self.subTest(written):
                self.configure(written)
                (self.folder / "log").unlink(missing_ok=True)
                daemon = self.serve(*words)
                self.assertEqual(status_of(self.pid("vrrp"), "Umask"), expected)
                daemon.send_signal(signal.SIGTERM)
                daemon.wait(timeout=30)

    def test_a_reload_tells_what_waits_for_a_new_start(self):
        self.configure("vrrp_priority 1\n")
        daemon = self.serve()
        for setting, waits in (("vrrp_priority 1\n", False), ("vrrp_priority 2\n", True)):
            self.configure(setting + "# new\n")
            before = self.log().count("Reload complete")
            daemon.send_signal(signal.SIGHUP)
            self.wait_until("it has reloaded", lambda: self.log().count("Reload complete") > before)
            self.assertEqual("take effect when vipdriftd is restarted" in self.log(), waits)

    def test_children_that_take_too_long_are_killed_in_time(self):
        self.configure("", "child_wait_time 1\n")
        daemon = self.serve()
        os.kill(self.pid("vrrp"), signal.SIGSTOP)
        before = time.monotonic()
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(timeout=30)
        self.assertLess(time.monotonic() - before, 8)  # by itself it waits 10 s


if __name__ == "__main__":
    lab.main(Processes)
