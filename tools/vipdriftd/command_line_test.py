#!/usr/bin/env python3
"""vipdriftd's command line, pid files, start, signals and dumps, beside stock keepalived's where both have them.

    command_line_test.py VIPDRIFTD

In namespaces of its own, as interop_test.py, from which it has its tools.
"""
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import interop_test as lab
from daemon_case import GOOD, PATIENCE, DaemonCase
from interop_test import run

def with_script(script, settings="", instance=""):
    text = GOOD.replace("router_id a", "router_id a\n" + settings)
    text = text.replace("    version 3", "    version 3\n    track_script {\n        s\n    }\n" + instance)
    return "vrrp_script s {\n    script \"%s\"\n    interval 1\n}\n" % script + text


class CommandLine(DaemonCase):
    # ------------------------------------------------------------ arguments

    def test_signal_numbers_are_keepaliveds(self):
        for name in ("STOP", "RELOAD", "DATA", "STATS", "STATS_CLEAR", "JSON", "NONSENSE"):
            self.assertEqual(self.call(f"--signum={name}"), self.call(f"--signum={name}", program="keepalived"), name)

    def test_help_and_version_go_where_keepaliveds_go(self):
        for option in ("-v", "--version", "-h", "--help"):
            ours, theirs = self.call(option), self.call(option, program="keepalived")
            self.assertEqual(ours[0], theirs[0], option)
            self.assertEqual(bool(ours[1]), bool(theirs[1]), option)
            self.assertEqual(bool(ours[2]), bool(theirs[2]), option)

    def test_what_is_not_supported_says_so(self):
        for option in ("-x", "--snmp", "-A/tmp/x", "-a", "-b/tmp/x", "-M", "-T", "--perf", "--debug=D"):
            status, _, said = self.call("-t", "-f", str(self.config), option)
            self.assertEqual(status, 1, option)
            self.assertIn("is not supported by vipdriftd", said)
        for words in (["--nonsense"], ["-Z"], ["-f"], ["word"], ["-S", "9"], ["-u", "8x"], ["-P", "-C"]):
            status, _, said = self.call(*words)
            self.assertEqual(status, 1, words)
            self.assertIn("Try 'vipdriftd --help'", said)

    def test_every_option_of_unit_files_is_taken(self):
        options = ["--use-file=" + str(self.config), "--vrrp", "--no_bfd", "--all", "--log-console", "--log-detail",
                   "--log-facility=7", "--no-syslog", "--umask=022", "--release-vips", "--dont-release-vrrp",
                   "--dont-release-ipvs", "--dont-respawn", "--dont-fork", "--dump-conf", "--pid=x", "--vrrp_pid=y",
                   "--checkers_pid=z", "--core-dump", "--all-config", "--config-id=a", "--no-mem-check",
                   "--log-file=/dev/null", "--flush-log-file", "--config-test"]
        self.assertEqual(self.call(*options)[0], 0)
        self.assertEqual(self.call("-lDdGPRXVInmeBt", "-f", str(self.config))[0], 0)

    # ------------------------------------------------------------ -t

    def test_the_exit_status_of_a_test_is_keepaliveds(self):
        script = self.folder / "script.sh"
        script.write_text("#!/bin/sh\n")
        script.chmod(0o755)
        shell = "[[ -f /run/down ]] && exit 1 || exit 0"
        files = {
            "good": GOOD,
            "an unknown keyword": GOOD.replace("priority", "priorty"),
            "out of range": GOOD.replace("priority 100", "priority 300"),
            "no such address": GOOD.replace("10.9.0.7/24", "300.1.1.1"),
            "no VRID": GOOD.replace("    virtual_router_id 51\n", ""),
            "no interface": GOOD.replace("    interface eth0\n", ""),
            "a brace too few": GOOD.rstrip()[:-1],
            "a long password": GOOD.replace("version 3", "authentication {\n auth_type PASS\n auth_pass longerthan8\n}"),
            "empty": "",
            "a script that is missing": with_script("/nonexistent/x", "script_user root\nenable_script_security"),
            "a script that is not in the path": with_script("nosuch x", "script_user root\nenable_script_security"),
            "a script for a shell": with_script(shell, "script_user root\nenable_script_security"),
            "scripts without security": with_script("/bin/true", "script_user root"),
        }
        if os.stat("/bin/true").st_uid == 0:  # else the machine's files are not root's in this user namespace
            files["a secure script"] = with_script("/bin/true", "script_user root\nenable_script_security")
            files["a script by its name"] = with_script("true", "script_user root\nenable_script_security")
            script.chmod(0o777)
            files["an insecure script"] = with_script(str(script), "script_user root\nenable_script_security")
        for name, text in files.items():
            with self.subTest(name):
                self.config.write_text(text)
                ours = self.call("-t", "-f", str(self.config))
                theirs = self.call("-t", "-f", str(self.config), program="keepalived")
                self.assertEqual(ours[0], theirs[0], (ours, theirs))
                self.assertEqual(bool(ours[2]), bool(theirs[2]), (ours, theirs))

    def test_a_missing_file_is_an_error_unlike_keepaliveds(self):
        status, _, said = self.call("-t", "-f", str(self.folder / "none"))
        self.assertEqual(status, 5)
        self.assertIn("cannot be read", said)

    def test_a_test_writes_to_the_file_it_is_given(self):
        self.config.write_text(GOOD.replace("priority", "priorty"))
        said = self.folder / "said"
        self.assertEqual(self.call(f"--config-test={said}", "-f", str(self.config)), (5, "", ""))
        self.assertIn("did you mean 'priority'", said.read_text())
        self.assertEqual(self.call(f"-t{said}", "-f", str(self.config))[2], "")

    def test_a_script_for_a_shell_is_told_how_to_be_written(self):
        self.config.write_text(with_script("[[ -f /run/down ]] && exit 1 || exit 0"))
        self.assertIn("/bin/sh -c '...'", self.call("-t", "-f", str(self.config))[2])
        self.serve()
        self.assertIn("/bin/sh -c '...'", self.log())

    # ------------------------------------------------------------ start, pid files, stop

    def test_the_starting_command_returns_when_the_daemon_serves(self):
        command = ["-f", str(self.config), "-G", *self.pids]
        self.assertEqual(self.call(*command)[0], 0)
        parent, child = self.pid("parent"), self.pid("vrrp")
        self.assertNotEqual(parent, child)
        status, _, said = self.call(*command)
        self.assertEqual(status, 1)
        self.assertIn("daemon is already running", said)
        self.assertEqual(self.pid("parent"), parent)
        os.kill(parent, signal.SIGTERM)
        self.wait_until("the pid files are gone", lambda: not list(self.folder.glob("*.pid")))

    def test_the_starting_command_tells_what_is_wrong(self):
        self.config.write_text(GOOD.replace("priority", "priorty"))
        status, _, said = self.call("-f", str(self.config), "-G", *self.pids)
        self.assertEqual(status, 4)
        self.assertIn("did you mean 'priority'", said)
        self.assertEqual(list(self.folder.glob("*.pid")), [])

    def test_a_pid_file_of_another_program_is_stale(self):
        other = subprocess.Popen(["sleep", "1000"], start_new_session=True)
        self.started.append(other)
        for number in (str(other.pid), "4194000", "nonsense", ""):
            with self.subTest(number):
                (self.folder / "parent.pid").write_text(number)
                (self.folder / "vrrp.pid").write_text(number)
                daemon = self.start()
                self.wait_until("it starts", lambda: self.log().count("Startup complete") == 1)
                self.assertEqual(self.pid("parent"), daemon.pid)
                daemon.terminate()
                self.assertEqual(daemon.wait(), 0)
                (self.folder / "log").unlink()
        self.assertIsNone(other.poll())

    def test_a_pid_file_is_not_written_through_a_link(self):
        precious = self.folder / "precious"
        precious.write_text("precious")
        (self.folder / "vrrp.pid").symlink_to(precious)
        self.serve()
        self.assertEqual(precious.read_text(), "precious")

    def test_systemd_is_told(self):
        path = self.folder / "notify"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(path))
            manager.settimeout(PATIENCE)
            self.environment["NOTIFY_SOCKET"] = str(path)
            daemon = self.start()
            self.assertEqual(manager.recv(100), b"READY=1")
            daemon.send_signal(signal.SIGHUP)
            self.assertTrue(manager.recv(100).startswith(b"RELOADING=1\nMONOTONIC_USEC="))
            self.assertEqual(manager.recv(100), b"READY=1")
            daemon.terminate()
            self.assertEqual(manager.recv(100), b"STOPPING=1")
            self.assertEqual(daemon.wait(), 0)

    def test_log_files_carry_the_process_in_their_name(self):
        self.serve("-g", str(self.folder / "daemon.log"), "--flush-log-file", "--all")
        self.assertIn("Starting VRRP child process", (self.folder / "daemon.log").read_text())
        self.wait_until("the VRRP process says that it serves",
                        lambda: "Startup complete" in (self.folder / "daemon_vrrp.log").read_text())
        self.wait_until("the check process says what it does",
                        lambda: "nothing to check" in (self.folder / "daemon_healthcheckers.log").read_text())

    def test_a_network_namespace_by_name(self):
        run("ip", "netns", "add", "inner")
        self.addCleanup(run, "ip", "netns", "del", "inner")
        self.serve("-s", "inner")
        self.assertEqual(os.readlink(f"/proc/{self.pid('vrrp')}/ns/net"),
                         "net:[%d]" % os.stat("/run/netns/inner").st_ino)
        self.assertEqual(self.call("-f", str(self.config), "-G", "-s", "none", *self.pids)[0], 1)

    def test_addresses_stay_with_dont_release_vrrp(self):
        daemon = self.serve("-V")
        self.addCleanup(run, "ip", "addr", "del", "10.9.0.7/24", "dev", "eth0")
        self.addCleanup(run, "ip", "addr", "del", "10.9.0.8/24", "dev", "eth0")
        self.wait_until("it is master", lambda: "Entering MASTER STATE" in self.log())
        daemon.terminate()
        self.assertEqual(daemon.wait(), 0)
        held = run("ip", "-o", "addr", "show", "dev", "eth0")
        self.assertIn("10.9.0.7/24", held)
        self.assertNotIn("sec", [line for line in held.splitlines() if "10.9.0.7/" in line][0].split("valid_lft")[1],
                         "for ever, since nobody renews them")

    # ------------------------------------------------------------ processes

    def test_virtual_servers_have_a_process_of_their_own(self):
        self.config.write_text(GOOD + "virtual_server 10.0.0.1 80 {\n    protocol TCP\n    lb_kind DR\n"
                               "    real_server 10.0.0.2 80 {\n        TCP_CHECK {\n        }\n    }\n}\n")
        daemon = self.serve()
        self.wait_until("it begins", lambda: "Gained quorum 1+0=1 <= 1 for VS [10.0.0.1]:tcp:80" in self.log())
        self.wait_until("VRRP goes on", lambda: "(V) Entering MASTER STATE" in self.log())
        if not os.path.exists("/proc/net/ip_vs"):
            self.assertIn("this kernel has no IPVS", self.log())
        killed = self.pid("checkers")
        os.kill(killed, signal.SIGKILL)
        self.wait_until("another one", lambda: self.pid("checkers") != killed)
        daemon.terminate()
        self.assertEqual(daemon.wait(), 0)

    def test_only_checks_means_no_vrrp(self):
        daemon = self.start("-C")
        self.wait_until("it serves", lambda: "nothing to check" in self.log())
        self.assertFalse((self.folder / "vrrp.pid").exists())
        daemon.terminate()
        self.assertEqual(daemon.wait(), 0)

    def test_capabilities_are_reduced_to_what_is_needed(self):
        def status(field):
            lines = Path(f"/proc/{self.pid('vrrp')}/status").read_text().splitlines()
            return next(line.split()[1] for line in lines if line.startswith(field + ":"))

        needed = (1 << 12) | (1 << 13)  # CAP_NET_ADMIN, CAP_NET_RAW
        daemon = self.serve()
        for field in ("CapPrm", "CapEff", "CapBnd"):
            self.assertEqual(int(status(field), 16), needed, field)
        self.assertEqual(status("NoNewPrivs"), "1")
        self.wait_until("it works with that", lambda: "(V) Entering MASTER STATE" in self.log())
        daemon.send_signal(signal.SIGHUP)
        self.wait_until("and after a reload", lambda: "Reload complete" in self.log())
        run("ip", "addr", "del", "10.9.0.7/24", "dev", "eth0")
        self.wait_until("it takes its address back", lambda: "10.9.0.7/" in run("ip", "-o", "addr", "show", "dev", "eth0"))
        self.assertEqual(int(status("CapEff"), 16), needed)

    # ------------------------------------------------------------ dumps

    def dump(self, which, suffix, process="parent"):
        path = self.folder / f"keepalived.{suffix}"
        os.kill(self.pid(process), which)
        self.wait_until(f"a dump {path}", lambda: path.exists() and not path.is_symlink())
        self.assertEqual(path.stat().st_mode & 0o777, 0o600)
        text = path.read_text()
        path.unlink()
        return text

    def test_dumps_have_keepaliveds_names_and_keys(self):
        self.serve()
        self.wait_until("it is master", lambda: "(V) Entering MASTER STATE" in self.log())
        json_signal = int(self.call("--signum=JSON")[1])
        precious = self.folder / "precious"
        precious.write_text("precious")
        (self.folder / "keepalived.data").symlink_to(precious)
        data = self.dump(signal.SIGUSR1, "data")
        self.assertEqual(precious.read_text(), "precious", "a link is not followed")
        for line in (" VRRP Instance = V", "   State = MASTER", "   Virtual Router ID = 51", "   Effective priority = 100",
                     "     10.9.0.7/24 dev eth0 scope global set", "   Advert interval = 1000 milli-sec"):
            self.assertIn(line + "\n", data)
        for process in ("parent", "vrrp"):
            statistics = self.dump(signal.SIGUSR2, "stats", process)
            self.assertIn("VRRP Instance: V\n  Advertisements:\n    Received: 0\n    Sent: ", statistics)
            self.assertIn("  Became master: 1\n", statistics)
        instance, = json.loads(self.dump(json_signal, "json"))
        self.assertEqual(instance["data"]["iname"], "V")
        self.assertEqual(instance["data"]["state"], 2)
        self.assertEqual(instance["data"]["vips"], ["10.9.0.7/24 dev eth0 scope global set",
                                                    "10.9.0.8/24 dev eth0 scope global label eth0:x set"])
        self.assertGreater(instance["stats"]["advert_sent"], 0)
        self.assertEqual(instance["stats"]["become_master"], 1)
        self.dump(int(self.call("--signum=STATS_CLEAR")[1]), "stats")
        self.assertEqual(json.loads(self.dump(json_signal, "json"))[0]["stats"]["become_master"], 0)

    def test_dumps_look_like_keepaliveds(self):
        """Every key of ours is one of keepalived's, at the same place, with a value of the same kind."""
        def of(program):
            # keepalived knows no directory but /tmp; here it gets one of its own, which hides the program if that is in
            # the other.
            if program == lab.VIPDRIFTD:
                program = "/tmp/" + Path(shutil.copy(program, self.folder)).name
            command = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0" /tmp && exec "$@"', str(self.folder), program,
                       "-n", "-l", "-D", "-P", "-G", "-f", "/tmp/keepalived.conf", "-p", "/tmp/parent.pid", "-r",
                       "/tmp/vrrp.pid"]
            with open(self.folder / "log", "a") as log:
                daemon = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True,
                                          env=dict(self.environment, TMPDIR="/tmp"))
            self.started.append(daemon)
            self.wait_until("it is master", lambda: "(V) Entering MASTER STATE" in self.log())
            texts = []
            for number, suffix in ((36, "json"), (signal.SIGUSR1, "data"), (signal.SIGUSR2, "stats")):
                path = self.folder / f"keepalived.{suffix}"
                daemon.send_signal(number)
                self.wait_until(path, lambda path=path: path.exists() and path.stat().st_size > 0)
                time.sleep(0.2)  # keepalived writes in place
                texts.append(path.read_text())
                path.unlink()
            daemon.terminate()
            daemon.wait()
            (self.folder / "log").unlink()
            return texts

        ours, theirs = of(lab.VIPDRIFTD), of("keepalived")
        mine, his = json.loads(ours[0])[0], json.loads(theirs[0])[0]
        for part in ("data", "stats"):
            self.assertEqual(set(his[part]) - set(mine[part]), set())
            self.assertEqual({key: type(value) for key, value in mine[part].items() if key in his[part]
                              and not isinstance(value, (int, float))},
                             {key: type(value) for key, value in his[part].items()
                              if not isinstance(value, (int, float))})
        for key in ("state", "vrid", "base_priority", "effective_priority", "vips", "adver_int", "version"):
            self.assertEqual(mine["data"][key], his["data"][key], key)
        keys = [{line.split(" = ")[0] for line in text.split("VRRP Topology >------\n")[1].splitlines() if " = " in line}
                for text in (ours[1], theirs[1])]
        self.assertEqual(keys[0] - keys[1], set(), "a line that keepalived does not have")
        shape = [[line.split(":")[0] for line in text.splitlines()] for text in (ours[2], theirs[2])]
        self.assertEqual(shape[0], shape[1])


if __name__ == "__main__":
    lab.main(CommandLine)
