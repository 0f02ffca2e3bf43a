#!/usr/bin/env python3
"""The health checks of vipdriftd against real servers, and its IPVS table where the kernel has one.

    checks_test.py VIPDRIFTD [CLASS[.TEST]...]

Leaves a capture of the probes and dumps of the table in the folder VIPDRIFT_EVIDENCE, when there is such a variable.
Each test has network, mount and PID namespaces of its own. Root of the machine stays that, since older kernels let nobody
else use IPVS; any other user becomes root of a user namespace. Exit code 77: this machine has no namespaces.
"""
import contextlib
import http.server
import os
import pathlib
import re
import signal
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest

PATIENCE = 20
NAMESPACES = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc"]

CONFIGURATION = """
global_defs {{
    router_id lb1
    script_user root
    lvs_notify_fifo {folder}/fifo
}}
virtual_server 10.1.10.7 80 {{
    delay_loop 0.2
    lb_algo rr
    lb_kind DR
    protocol TCP
    sorry_server 127.0.0.1 80
    quorum_up "/bin/sh -c 'echo quorum up >> {folder}/notes'"
    quorum_down "/bin/sh -c 'echo quorum down >> {folder}/notes'"
    {servers}
}}
"""
SERVER = """
    real_server {address} {port} {{
        weight 1
        notify_up "/bin/sh -c 'echo {address} up >> {folder}/notes'"
        notify_down "/bin/sh -c 'echo {address} down >> {folder}/notes'"
        HTTP_GET {{
            url {{
                path /
                status_code 200
            }}
            connect_timeout 1
            delay_before_retry 0.1
            retry 1
            warmup 0
        }}
    }}
"""
INSTANCE = """
vrrp_instance VI_1 {
    state MASTER
    interface eth0
    virtual_router_id 51
    priority 100
    advert_int 0.2
    version 3
    virtual_ipaddress {
        10.1.10.7/32
    }
}
"""


def ip(*words):
    subprocess.run(["ip", *words], check=True, env={**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"})


def has_ipvs():
    return pathlib.Path("/proc/net/ip_vs").exists()


def table():
    """The lines of services and servers as the kernel shows them: "TCP 0A010A07:0050 rr", "-> 0A010A0B:0050 Route 1"."""
    lines = pathlib.Path("/proc/net/ip_vs").read_text().splitlines()[3:]
    return [" ".join(line.split()[:4]).strip() for line in lines]


class Capture:
    """What passes lo, where the real servers are, in a file that is behind by a second; tshark tells what it was."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.dumper = subprocess.Popen(["dumpcap", "-q", "-i", "lo", "-f", "tcp", "-w", str(self.path)],
                                       stderr=subprocess.PIPE, text=True)
        for line in self.dumper.stderr:
            if line.startswith("File:"):
                return self
        raise RuntimeError(f"dumpcap does not start: exit code {self.dumper.wait()}")

    def __exit__(self, *_):
        self.dumper.send_signal(signal.SIGINT)
        self.dumper.communicate(timeout=PATIENCE)

    def packets(self, wanted, *fields):
        words = [word for field in fields for word in ("-e", field)]
        shown = subprocess.run(["tshark", "-r", str(self.path), "-Y", wanted, "-T", "fields", *words], check=False,
                               stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
        return [line.split("\t") for line in shown.splitlines()]


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.ports.add(self.client_address[1])
        self.send_response(200 if self.server.healthy else 503)
        self.end_headers()
        self.wfile.write(b"page\n")

    def log_message(self, *_):
        pass


class RealServer(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    healthy = True

    def __init__(self, address):
        super().__init__((address, 80), Page)
        self.ports = set()  # that clients came from
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address):
        """A check that is not wanted any more is reset: no news."""

    def stop(self):
        self.shutdown()
        self.server_close()


class Lab(unittest.TestCase):
    def setUp(self):
        self.stack = contextlib.ExitStack()
        self.addCleanup(self.stack.close)
        self.folder = pathlib.Path(self.stack.enter_context(tempfile.TemporaryDirectory()))
        ip("link", "set", "lo", "up")
        ip("link", "add", "eth0", "type", "veth", "peer", "name", "far")
        ip("link", "set", "far", "up")
        ip("link", "set", "eth0", "up")
        ip("address", "add", "10.1.10.1/24", "dev", "eth0")
        for host in (11, 12):
            ip("address", "add", f"10.1.10.{host}/32", "dev", "lo")
        self.servers = {host: RealServer(f"10.1.10.{host}") for host in (11, 12)}
        self.config = self.folder / "keepalived.conf"
        self.daemon = None
        self.options = []

    def kill_in_the_middle_of_a_thousand_checks(self, meanwhile=lambda: None):
        """Three times. Nobody may lose a service by it, nor an address; `meanwhile` is called again and again."""
        crowd = Crowd()
        self.stack.callback(crowd.close)
        self.config.write_text(INSTANCE + Crowd.CONFIGURATION)
        self.start()
        self.wait_until("master", lambda: "Entering MASTER STATE" in self.said())
        for _ in range(3):
            already = crowd.accepted
            self.wait_until("half a round is done", lambda old=already: crowd.accepted - old > Crowd.SIZE / 2,
                            3 * PATIENCE)
            before = self.checkers()
            os.kill(before, signal.SIGKILL)
            self.wait_until("another one lives", lambda old=before: (meanwhile(), self.checkers() != old)[1],
                            3 * PATIENCE)
            already = crowd.accepted
            self.wait_until("it has checked", lambda old=already: (meanwhile(), crowd.accepted - old > Crowd.SIZE)[1],
                            3 * PATIENCE)
        self.end()
        self.assertEqual(len(re.findall("Entering .* STATE", self.said())), 2, self.said())  # BACKUP and MASTER
        self.assertNotIn("Removing service", self.said().split("Stopping")[0])

    def tearDown(self):
        self.end()
        for server in self.servers.values():
            server.stop()
        for host in (11, 12):
            ip("address", "del", f"10.1.10.{host}/32", "dev", "lo")
        ip("link", "del", "eth0")
        if has_ipvs():
            subprocess.run(["ipvsadm", "-C"], check=False, stderr=subprocess.DEVNULL)

    def configure(self, hosts=(11, 12), extra="", servers=""):
        blocks = "".join(SERVER.format(address=f"10.1.10.{host}", port=80, folder=self.folder) for host in hosts)
        self.config.write_text(extra + CONFIGURATION.format(folder=self.folder, servers=blocks + servers))

    def start(self, processes=2):
        pids = [word for kind, name in (("p", "parent"), ("r", "vrrp"), ("c", "checkers"))
                for word in (f"-{kind}", str(self.folder / f"{name}.pid"))]
        self.log = open(self.folder / "log", "a", encoding="utf-8")
        self.stack.callback(self.log.close)
        self.daemon = subprocess.Popen([sys.argv[1], "-n", "-l", "-D", "-G", "-f", str(self.config), *pids, *self.options],
                                       stderr=self.log, env={**os.environ, "TMPDIR": str(self.folder)})
        self.wait_until("the processes serve", lambda: self.said().count("Startup complete") == processes)

    def end(self, how=signal.SIGTERM):
        if self.daemon is None:
            return
        self.daemon.send_signal(how)
        self.daemon.wait(PATIENCE)
        self.daemon = None

    def evidence(self, name):
        """Where a test leaves what it saw."""
        folder = pathlib.Path(os.environ.get("VIPDRIFT_EVIDENCE", self.folder))
        folder.mkdir(parents=True, exist_ok=True)
        return folder / name

    def said(self):
        return (self.folder / "log").read_text()

    def notes(self):
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "notes").read_text().splitlines()
        return []

    def checkers(self):
        return int((self.folder / "checkers.pid").read_text())

    def wait_until(self, what, condition, patience=PATIENCE):
        end = time.monotonic() + patience
        while not condition():
            self.assertLess(time.monotonic(), end, f"{what}; the log says\n{self.said()}\nthe notes {self.notes()}")
            time.sleep(0.02)

    def wait_for_note(self, *notes):
        """The latest ones, in whatever order: scripts of one server, or of one virtual server, run one after another."""
        self.wait_until(f"the notes end in {notes}", lambda: sorted(self.notes()[-len(notes):]) == sorted(notes))


class Crowd:
    """A thousand real servers 10.2.x.y:8080 that accept connections and close them: one listener behind all."""

    SIZE = 1000
    CHECKED = "".join(f"""
    real_server 10.2.{i // 250}.{i % 250 + 1} 8080 {{
        TCP_CHECK {{
            connect_timeout 5
            retry 1
        }}
    }}""" for i in range(SIZE))
    CONFIGURATION = f"""
virtual_server 10.1.10.7 80 {{
    delay_loop 1
    lb_algo rr
    lb_kind DR
    protocol TCP
    {CHECKED}
}}
"""

    def __init__(self):
        ip("route", "add", "local", "10.2.0.0/16", "dev", "lo")
        self.listener = socket.create_server(("", 8080), backlog=4096)
        self.accepted = 0
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while True:
            try:
                self.listener.accept()[0].close()
            except OSError:
                return
            self.accepted += 1

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()
        ip("route", "del", "local", "10.2.0.0/16", "dev", "lo")


class Checks(Lab):
    """On every kernel."""

    def test_probes_are_what_tshark_takes_them_for(self):
        self.configure()
        with Capture(self.evidence("probes.pcapng")) as capture:
            self.start()
            self.wait_until("both answer", lambda: self.said().count("succeed on service") == 2)
            self.servers[11].healthy = False
            self.wait_for_note("10.1.10.11 down")
            self.wait_until("the capture shows why", lambda: ["503"] in capture.packets("http", "http.response.code"))
        asked = capture.packets("http.request", "ip.dst", "http.request.method", "http.request.uri")
        for host in (11, 12):
            self.assertIn([f"10.1.10.{host}", "GET", "/"], asked)
        self.assertEqual(capture.packets("_ws.malformed", "frame.number"), [])

    def test_servers_fail_and_recover_and_everybody_is_told(self):
        self.configure()
        os.mkfifo(self.folder / "fifo")
        fifo = os.open(self.folder / "fifo", os.O_RDONLY | os.O_NONBLOCK)
        self.stack.callback(os.close, fifo)
        self.start()
        self.wait_until("both answer", lambda: self.said().count("succeed on service") == 2)
        self.servers[11].healthy = False
        self.wait_for_note("10.1.10.11 down")
        self.assertIn("Removing service [10.1.10.11]:tcp:80 from VS [10.1.10.7]:tcp:80", self.said())
        self.servers[12].stop()
        self.wait_for_note("10.1.10.12 down", "quorum down")
        self.servers[12] = RealServer("10.1.10.12")
        self.wait_for_note("10.1.10.12 up", "quorum up")
        self.servers[11].healthy = True
        self.wait_for_note("10.1.10.11 up")
        told = os.read(fifo, 65536).decode().splitlines()
        self.assertIn("RS [10.1.10.11]:tcp:80 [10.1.10.7]:tcp:80 DOWN", told)
        self.assertIn("VS [10.1.10.7]:tcp:80 UP", told)

    def test_a_wrong_file_changes_nothing_and_a_right_one_does(self):
        self.configure(hosts=(11,))
        self.start()
        self.config.write_text("virtual_server 10.1.10.7 {")
        self.daemon.send_signal(signal.SIGHUP)
        self.wait_until("it is refused", lambda: "is not reloaded" in self.said())
        self.servers[11].healthy = False
        self.wait_for_note("10.1.10.11 down", "quorum down")
        self.configure(hosts=(11, 12))
        self.daemon.send_signal(signal.SIGHUP)
        self.wait_until("the second server gives the quorum", lambda: "quorum up" in self.notes())

    def test_the_first_virtual_server_may_come_with_a_reload(self):
        self.config.write_text(INSTANCE)
        self.start(processes=1)
        self.daemon.send_signal(signal.SIGHUP)
        self.wait_until("it is reloaded", lambda: "Reload" in self.said())
        self.configure(hosts=(11,), extra=INSTANCE)
        self.daemon.send_signal(signal.SIGHUP)
        self.wait_until("the server is checked", lambda: "succeed on service" in self.said())
        self.assertEqual(self.said().count("Starting Healthcheck child process"), 1)
        self.servers[11].healthy = False
        self.wait_for_note("10.1.10.11 down", "quorum down")

    def test_a_killed_check_process_costs_no_vrrp_transition(self):
        self.configure(extra=INSTANCE)
        self.start()
        self.wait_until("master", lambda: "Entering MASTER STATE" in self.said())
        for _ in range(3):
            before = self.checkers()
            os.kill(before, signal.SIGKILL)
            self.wait_until("another one checks", lambda old=before: self.checkers() != old)
        self.servers[11].healthy = False
        self.wait_for_note("10.1.10.11 down")
        self.assertEqual(len(re.findall("Entering .* STATE", self.said())), 2, self.said())  # BACKUP and MASTER

    def test_a_check_process_killed_during_a_thousand_checks_costs_nothing(self):
        self.kill_in_the_middle_of_a_thousand_checks()

    def test_an_instance_may_track_the_quorum(self):
        self.configure(hosts=(11,), extra=INSTANCE.replace("priority 100", "priority 100\n    track_quorum 10.1.10.7 80 tcp"))
        self.start()
        self.wait_until("master", lambda: "Entering MASTER STATE" in self.said())
        self.servers[11].healthy = False
        self.wait_until("its address is given away", lambda: "Entering FAULT STATE" in self.said())
        os.kill(int((self.folder / "vrrp.pid").read_text()), signal.SIGKILL)
        self.wait_until("the next one hears of it too", lambda: self.said().count("Entering FAULT STATE") == 2)
        self.servers[11].healthy = True
        self.wait_until("master again", lambda: self.said().count("Entering MASTER STATE") >= 2)

    def test_the_state_is_written_down(self):
        self.configure()
        self.start()
        self.servers[11].healthy = False
        self.wait_for_note("10.1.10.11 down")
        self.daemon.send_signal(signal.SIGUSR1)
        dump = self.folder / "keepalived_check.data"
        self.wait_until("the dump is there", dump.exists)
        text = dump.read_text()
        self.assertRegex(text, r"RealServer = \[10.1.10.11\]:tcp:80\n     alive = no, weight = 1")
        self.assertIn("quorum state = UP", text)

    def test_programs_and_files_are_checks_too(self):
        (self.folder / "number").write_text("0\n")
        extra = f"track_file numbers {{\n    file {self.folder}/number\n}}\n"
        servers = f"""
            real_server 10.1.10.13 80 {{
                notify_down "/bin/sh -c 'echo 13 down >> {self.folder}/notes'"
                notify_up "/bin/sh -c 'echo 13 up >> {self.folder}/notes'"
                MISC_CHECK {{
                    misc_path "/bin/sh -c 'test ! -e {self.folder}/bad'"
                    delay_loop 0.2
                    misc_timeout 5
                    warmup 0
                }}
                FILE_CHECK {{
                    track_file numbers
                }}
            }}"""
        self.configure(hosts=(11,), servers=servers, extra=extra)
        self.start()
        (self.folder / "bad").write_text("")
        self.wait_for_note("13 down")
        (self.folder / "bad").unlink()
        self.wait_for_note("13 up")
        (self.folder / "number").write_text("4\n")
        self.wait_until("the file adds to the weight", lambda: "Changing weight from 1 to 5 for active" in self.said())

    def test_a_check_from_a_port_of_root_needs_one_more_privilege(self):
        def effective():
            lines = pathlib.Path(f"/proc/{self.checkers()}/status").read_text().splitlines()
            return int(next(line.split()[1] for line in lines if line.startswith("CapEff:")), 16)

        bind_service = 1 << 10  # CAP_NET_BIND_SERVICE
        self.configure(hosts=(11,))
        free = self.config.read_text()
        bound = free.replace("            connect_timeout 1", "            connect_timeout 1\n            bind_port 700")
        self.start()
        self.assertFalse(effective() & bind_service)
        self.config.write_text(bound)
        self.daemon.send_signal(signal.SIGHUP)
        self.wait_until("what was given up is gone", lambda: "bound to a port below 1024" in self.said())
        self.end()
        asked = self.servers[11].ports
        asked.clear()
        (self.folder / "log").write_text("")
        self.start()
        self.assertTrue(effective() & bind_service)
        self.wait_until("it asks from there", lambda: 700 in asked)

    def test_a_kernel_without_ipvs_is_said_to_be_one(self):
        self.configure()
        self.start()
        self.assertEqual("this kernel has no IPVS" in self.said(), not has_ipvs())
        self.end()
        self.assertIn("Stopping", self.said())


class Ipvs(Lab):
    """Where the kernel has it."""

    def ready(self):
        self.configure()
        self.start()
        self.wait_until("the table is made", lambda: len(table()) == 3)

    def dump(self, stage):
        """The table as ipvsadm shows it, counters too, for those who want to see it with their own eyes."""
        shown = subprocess.run(["ipvsadm", "-l", "-n", "--stats"], check=True, stdout=subprocess.PIPE, text=True).stdout
        with open(self.evidence("ipvs-table.txt"), "a", encoding="utf-8") as out:
            out.write(f"{stage}\n{shown}\n")

    def test_the_table_follows_the_servers(self):
        self.evidence("ipvs-table.txt").write_text("")
        self.ready()
        self.dump("both servers answer")
        self.assertEqual(sorted(table()), ["-> 0A010A0B:0050 Route 1", "-> 0A010A0C:0050 Route 1",
                                           "TCP 0A010A07:0050 rr"])
        self.servers[11].healthy = False
        self.wait_until("one is out", lambda: len(table()) == 2)
        self.dump("10.1.10.11 answers 503")
        self.servers[12].healthy = False
        self.wait_until("the sorry server is in", lambda: table()[1:] == ["-> 7F000001:0050 Route 1"])
        self.dump("both answer 503")
        self.servers[11].healthy = True
        self.wait_until("it is out again", lambda: table()[1:] == ["-> 0A010A0B:0050 Route 1"])
        self.dump("10.1.10.11 answers again")
        self.end()
        self.assertEqual(table(), [])

    def test_the_table_may_stay_and_is_adopted(self):
        self.options = ["-I"]
        self.ready()
        self.servers[11].healthy = False
        self.wait_until("one is out", lambda: len(table()) == 2)
        self.end()
        self.assertEqual(len(table()), 2)
        (self.folder / "log").write_text("")
        self.start()
        self.assertEqual(len(table()), 2)  # and nobody was put back to be found dead again
        self.servers[11].healthy = True
        self.wait_until("it is back", lambda: len(table()) == 3)

    def test_a_foreign_edit_is_mended(self):
        self.ready()
        subprocess.run(["ipvsadm", "-d", "-t", "10.1.10.7:80", "-r", "10.1.10.11:80"], check=True)
        self.wait_until("it is put right", lambda: len(table()) == 3)
        self.assertIn("was changed by somebody else", self.said())
        subprocess.run(["ipvsadm", "-C"], check=True)
        subprocess.run(["ipvsadm", "-A", "-t", "10.1.10.99:80", "-s", "rr"], check=True)
        self.wait_until("all of it", lambda: len(table()) == 4)
        self.end()
        self.assertEqual(table(), ["TCP 0A010A63:0050 rr"])  # which was never ours

    def test_a_killed_check_process_leaves_every_service_in_place(self):
        self.ready()
        before = self.checkers()
        os.kill(before, signal.SIGKILL)
        while self.checkers() == before:
            self.assertEqual(len(table()), 3)
        self.servers[11].healthy = False
        self.wait_until("the next one goes on", lambda: len(table()) == 2)

    def test_a_check_process_killed_during_a_thousand_checks_leaves_all_in_place(self):
        self.kill_in_the_middle_of_a_thousand_checks(lambda: self.assertEqual(len(table()), 1 + Crowd.SIZE))

    def test_the_sync_daemon_goes_by_the_state_of_its_instance(self):
        def running():
            return subprocess.run(["ipvsadm", "-l", "--daemon"], check=True, stdout=subprocess.PIPE, text=True).stdout

        self.configure(extra=INSTANCE.replace("advert_int 0.2", "advert_int 1").replace("state MASTER", "state BACKUP"))
        self.config.write_text(self.config.read_text().replace(
            "router_id lb1", "router_id lb1\n    lvs_sync_daemon eth0 VI_1"))
        self.start()
        self.wait_until("it listens", lambda: "backup sync daemon (mcast=eth0, syncid=51" in running())
        self.wait_until("it tells", lambda: "master sync daemon (mcast=eth0, syncid=51" in running())
        self.assertNotIn("backup", running())
        self.end()
        self.assertEqual(running().strip(), "")

    def test_timeouts_are_set(self):
        self.configure()
        text = self.config.read_text().replace("router_id lb1", "router_id lb1\n    lvs_timeouts tcp 77 tcpfin 33 udp 44")
        self.config.write_text(text)
        self.start()
        shown = subprocess.run(["ipvsadm", "-l", "--timeout"], check=True, stdout=subprocess.PIPE, text=True).stdout
        self.assertIn("77 33 44", shown)


if __name__ == "__main__":
    if os.environ.get("CHECKS_TEST_INSIDE") is None:
        wrapper = NAMESPACES if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", *NAMESPACES[1:]]
        if subprocess.run([*wrapper, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
            print("SKIPPED: this machine allows no namespaces")
            sys.exit(77)
        os.environ["CHECKS_TEST_INSIDE"] = "1"
        os.execvp(wrapper[0], [*wrapper, sys.executable, *sys.argv])
    wanted = sys.argv[2:] or (["Checks", "Ipvs"] if has_ipvs() else ["Checks"])
    unittest.main(argv=[sys.argv[0], *wanted], verbosity=2)
