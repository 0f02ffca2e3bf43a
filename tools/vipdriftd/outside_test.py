#!/usr/bin/env python3
"""What vipdriftd has others do: notify scripts, FIFO readers, mail, and what it learns of other processes.

    outside_test.py VIPDRIFTD

In namespaces of its own, as interop_test.py, from which it has its tools.
"""
import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from pathlib import Path

import interop_test as lab
from interop_test import run

# What an interval of 0.2 s may become on a busy machine.
LONGEST_GAP = 0.45


def smtp_server(address):
    """A mail server process; prints every message, its envelope first."""
    program = """
import asyncio, sys
from aiosmtpd.controller import Controller
class Printer:
    async def handle_DATA(self, server, session, envelope):
        print(session.host_name, envelope.mail_from, *envelope.rcpt_tos)
        print(envelope.content.decode(), end="", flush=True)
        return "250 OK"
controller = Controller(Printer(), hostname=sys.argv[1], port=2525)
controller.start()
print("serving", flush=True)
sys.stdin.read()
"""
    return subprocess.Popen(["ip", "netns", "exec", "a", "/usr/bin/python3", "-c", program, address],
                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True)


class Outside(lab.Pair):
    def configure(self, settings="", instance="", priority=110):
        self.a.configure(lab.VERSION3, priority)
        text = self.a.config.read_text().replace("router_id a", "router_id a\n" + settings)
        self.a.config.write_text(text.replace("    version 3", "    version 3\n" + instance))

    def is_master(self):
        return self.a.holds("10.9.0.7") and self.a.holds("2001:db8::7")

    def script(self, name, text):
        path = self.folder / name
        path.write_text("#!/bin/sh\n" + text + "\n")
        path.chmod(0o755)
        return path

    # ------------------------------------------------------------ notify scripts

    def test_the_last_state_wins(self):
        """The script of MASTER takes long, the one of FAULT does not; what was told last is what holds."""
        told = self.folder / "told"
        notify = self.script("notify.sh", f'[ "$3" != MASTER ] || sleep 0.5\necho "$2 $3" >> {told}')
        self.configure("script_user root", f"    notify {notify}\n")
        self.a.start("vipdriftd")
        self.wait_until("a is master", self.is_master)
        run("ip", "-n", "a", "link", "set", "eth0", "down")
        self.wait_until("both have told FAULT", lambda: told.exists() and told.read_text().count("FAULT") == 2)
        for name in ("V4", "V6"):
            self.assertEqual([line.split()[1] for line in told.read_text().splitlines() if line.startswith(name)],
                             ["BACKUP", "MASTER", "FAULT"])

    # ------------------------------------------------------------ FIFOs

    def test_both_fifos_have_a_reader_that_hears_the_same(self):
        reader = self.script("reader.sh", f'exec cat "$2" >> {self.folder}/$1')
        fifos = [self.folder / "all.fifo", self.folder / "vrrp.fifo"]
        self.configure(f'script_user root\n    notify_fifo {fifos[0]}\n    notify_fifo_script "{reader} all"\n'
                       f'    vrrp_notify_fifo {fifos[1]}\n    vrrp_notify_fifo_script "{reader} vrrp"')
        self.a.start("vipdriftd")
        heard = [self.folder / "all", self.folder / "vrrp"]
        self.wait_until("both hear MASTER", lambda: all(
            one.exists() and 'INSTANCE "V4" MASTER 110\n' in one.read_text() for one in heard))
        for fifo in fifos:
            self.assertEqual(fifo.stat().st_mode & 0o777, 0o600)
        subprocess.run(["pkill", "-f", "-x", f"cat {fifos[1]}"], check=True)  # in this process namespace alone
        self.wait_until("the reader is missed", lambda: "starting it again" in self.a.told("vipdriftd"))
        run("ip", "-n", "a", "link", "set", "eth0", "down")
        self.wait_until("its successor hears FAULT", lambda: 'INSTANCE "V4" FAULT 110\n' in heard[1].read_text())
        self.a.stop_gracefully()
        self.assertFalse(any(fifo.exists() for fifo in fifos), "they are removed at the end")
        self.assertEqual(*(sorted(one.read_text().splitlines()) for one in heard))

    def test_a_fifo_that_nobody_reads_holds_nothing_up(self):
        fifo = self.folder / "fifo"
        self.configure(f"script_user root\n    vrrp_notify_fifo {fifo}", "    notify_priority_changes true\n    "
                       f"track_file {{\n        weight\n    }}\n")
        weight = self.folder / "weight"
        self.a.config.write_text(f"track_file weight {{\n    file {weight}\n    weight 1\n}}\n" + self.a.config.read_text())
        self.a.start("vipdriftd")
        self.wait_until("a is master", self.is_master)
        changes = 0
        while "is full, nobody reads it" not in self.a.told("vipdriftd"):
            weight.write_text(str(changes % 20))
            changes += 1
            self.assertLess(changes, 20000)
        self.assertTrue(self.is_master())
        self.a.stop_gracefully()

    # ------------------------------------------------------------ mail

    MAIL = ("notification_email {\n        one@example.com\n        two@example.com\n    }\n"
            "    notification_email_from vrrp@example.com\n    smtp_server %s 2525\n    smtp_connect_timeout 1\n"
            "    smtp_helo_name lb1.example.com")

    def mails_of(self, subject):
        """What `subject` writes to a real mail server on its way from start over MASTER to FAULT."""
        server = smtp_server("127.0.0.1")
        self.assertEqual(server.stdout.readline(), "serving\n")
        lines = []
        reader = threading.Thread(target=lambda: lines.extend(server.stdout))
        reader.start()
        self.configure(self.MAIL % "127.0.0.1", "    smtp_alert\n")
        self.a.start(subject)
        self.wait_until("a is master", self.is_master)
        self.wait_until("mail", lambda: sum("Entering MASTER" in line for line in lines) == 2, patience=10)
        run("ip", "-n", "a", "link", "set", "eth0", "down")
        self.wait_until("mail", lambda: sum("Entering FAULT" in line for line in lines) == 2, patience=10)
        self.a.stop_gracefully()
        os.killpg(server.pid, signal.SIGKILL)
        reader.join()
        server.wait()
        server.stdin.close()
        server.stdout.close()
        run("ip", "-n", "a", "link", "set", "eth0", "up")
        run("ip", "-n", "a", "addr", "flush", "dev", "eth0", "scope", "global")
        run("ip", "-n", "a", "addr", "add", "10.9.0.1/24", "dev", "eth0")
        text = re.sub(r"Date: .*|X-Mailer: .*", "", "".join(lines))
        mails = re.split(r"(?m)^(?=lb1\.example\.com )", text)
        return sorted(mail for mail in mails if "Stopping" not in mail)

    def test_mail_is_worded_as_keepaliveds(self):
        run("ip", "-n", "a", "link", "set", "lo", "up")
        ours = self.mails_of("vipdriftd")
        self.assertEqual(ours, self.mails_of("keepalived"))
        self.assertIn("SMTP alert successfully sent.", self.a.told("vipdriftd"))

    def test_a_mail_server_that_never_answers_delays_nothing(self):
        self.silent_server("127.0.0.1")

    def test_a_mail_server_that_is_not_there_delays_nothing(self):
        self.silent_server(None)

    def silent_server(self, address):
        run("ip", "-n", "a", "link", "set", "lo", "up")
        with contextlib.ExitStack() as stack:
            if address is not None:
                holder = subprocess.Popen(
                    ["ip", "netns", "exec", "a", "/usr/bin/python3", "-c",
                     "import socket, sys; s = socket.create_server(('127.0.0.1', 2525)); print(1, flush=True); "
                     "sys.stdin.read()"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
                stack.callback(holder.wait)
                stack.callback(holder.kill)
                holder.stdout.readline()
            # Nobody has the other address: not even an answer that there is nobody comes back at once.
            self.configure(self.MAIL % (address or "10.9.0.99"), "    smtp_alert\n")
            path, capture = self.capture()
            self.a.start("vipdriftd")
            self.wait_until("a is master", self.is_master)
            self.wait_until("it tries again", lambda: "trying again in" in self.a.told("vipdriftd"), patience=10)
            time.sleep(2)  # under the eyes of the capture
            self.judge(path, capture)
        for vrid in ("51", "54"):
            times = [float(time) for time in run(
                "tshark", "-n", "-r", str(path), "-Y", f"vrrp.virt_rtr_id == {vrid}", "-T", "fields", "-e",
                "frame.time_epoch").split()]
            gaps = [later - earlier for earlier, later in zip(times, times[1:])]
            self.assertGreater(len(gaps), 3)
            self.assertLess(max(gaps), LONGEST_GAP)

    # ------------------------------------------------------------ processes

    def test_tracked_processes_move_the_address_away_and_home(self):
        program = self.folder / "tracked-one"
        program.write_bytes(Path("/bin/sleep").read_bytes())
        program.chmod(0o755)
        self.configure("", "    track_process {\n        needed\n    }\n")
        self.a.config.write_text("vrrp_track_process needed {\n    process tracked-one\n    weight 20\n    quorum 2\n}\n"
                                 + self.a.config.read_text().replace("priority 110", "priority 90"))
        self.b.configure(lab.VERSION3, 100)
        processes = [subprocess.Popen([str(program), "1000"], start_new_session=True) for _ in range(2)]
        self.addCleanup(lambda: [(one.kill(), one.wait()) for one in processes])
        self.a.start("vipdriftd")
        self.b.start("keepalived")
        self.wait_until("a holds the address", lambda: self.a.holds("10.9.0.7") and not self.b.holds("10.9.0.7"))
        processes[0].kill()
        processes[0].wait()
        self.wait_until("b holds the address", lambda: self.b.holds("10.9.0.7") and not self.a.holds("10.9.0.7"))
        processes[0] = subprocess.Popen([str(program), "1000"], start_new_session=True)
        self.wait_until("a holds the address again",
                        lambda: self.a.holds("10.9.0.7") and not self.b.holds("10.9.0.7"))

    # ------------------------------------------------------------ scripts

    def test_a_script_that_hangs_is_ended_with_all_it_started(self):
        hung = self.script("hung.sh", "sleep 1000 & echo $! >> %s/sleeper\nwait" % self.folder)
        self.configure("script_user root", "    track_script {\n        hung\n    }\n")
        self.a.config.write_text(f"vrrp_script hung {{\n    script {hung}\n    interval 1\n    timeout 1\n"
                                 "    weight -5\n}\n" + self.a.config.read_text())
        self.a.start("vipdriftd")
        sleeper = self.folder / "sleeper"
        self.wait_until("a sleeper", lambda: sleeper.exists() and sleeper.read_text().endswith("\n"))
        first = int(sleeper.read_text().split()[0])

        def gone():
            with contextlib.suppress(FileNotFoundError):
                return Path(f"/proc/{first}/stat").read_text().split(") ")[1].startswith("Z")
            return True

        self.wait_until("it is gone", gone)
        self.wait_until("it is told", lambda: "VRRP_Script(hung) timed_out" in self.a.told("vipdriftd"))


if __name__ == "__main__":
    lab.main(Outside)
