#!/usr/bin/env python3
"""realserver_test.py VIPDRIFT: `vipdrift realserver` prepares a machine, finds what is wrong with one, and takes back
what it did. Each story is told in a namespace of its own, as any user. Exit code 77: this machine has none."""
import subprocess
import sys

NAMESPACES = ["unshare", "--user", "--map-root-user", "--net", "--mount", "--pid", "--fork"]
SETUP = """
set -e
mount -t tmpfs tmpfs /run
mount -t proc proc /proc
ip link add eth0 type veth peer name eth1
ip link set eth0 up
settings() { for i in all lo; do for s in arp_ignore arp_announce; do cat /proc/sys/net/ipv4/conf/$i/$s; done; done; }
before=$(settings; ip address show dev lo; ip route show table all dev lo)
same() { test "$before" = "$(settings; ip address show dev lo; ip route show table all dev lo)"; }
ip link set lo up
before=$(settings; ip address show dev lo; ip route show table all dev lo)
code() { set +e; "$@" > /run/out 2> /run/err; status=$?; set -e; cat /run/out /run/err; }
is() { test "$status" = "$1" || { echo "exit status $status, not $1"; exit 1; }; }
says() { grep -qF -- "$1" /run/out /run/err || { echo "does not say: $1"; exit 1; }; }
"""
STORIES = {
    "prepared, checked and taken back": """
        code $V realserver 10.1.10.7 2001:db8::7 --check; is 1; says '10.1.10.7/32 is not on lo'
        code $V realserver 10.1.10.7 2001:db8::7; is 0; says 'net.ipv4.conf.all.arp_ignore 0 -> 1'
        says '2001:db8::7/128 on lo'
        code $V realserver 10.1.10.7 2001:db8::7 --check; is 0; says 'ready as a real server'
        code $V realserver 10.1.10.7; is 0; says 'nothing to change'
        code $V realserver --undo; is 0
        same
        code $V realserver --undo; is 1; says 'nothing was prepared here'
        """,
    "the published recipe with its slip": """
        ip address add 10.1.10.7/32 dev lo
        for i in all lo; do
          echo 2 > /proc/sys/net/ipv4/conf/$i/arp_announce; echo 1 > /proc/sys/net/ipv4/conf/$i/arp_announce
        done
        code $V realserver 10.1.10.7 --check; is 1
        says 'wrote arp_announce twice'; says 'eth0 answers ARP for the virtual addresses'
        code $V realserver 10.1.10.7; is 0
        code $V realserver 10.1.10.7 --check; is 0
        code $V realserver --undo; is 0
        ip address show dev lo | grep -q 10.1.10.7/32
        test "$(cat /proc/sys/net/ipv4/conf/lo/arp_announce)" = 1
        """,
    "one address after the other": """
        code $V realserver 10.1.10.7; is 0
        code $V realserver 10.1.10.77; is 0
        code $V realserver --undo 10.1.10.7; is 0
        test "$(cat /proc/sys/net/ipv4/conf/all/arp_ignore)" = 1
        code $V realserver 10.1.10.77 --check; is 0
        code $V realserver --undo 10.1.10.77; is 0
        same
        """,
    "somebody else has changed it": """
        code $V realserver 10.1.10.7; is 0
        echo 8 > /proc/sys/net/ipv4/conf/all/arp_ignore
        code $V realserver --undo; is 1; says 'net.ipv4.conf.all.arp_ignore is 8 now'
        test "$(cat /proc/sys/net/ipv4/conf/all/arp_ignore)" = 8
        """,
    "wrong words": """
        code $V realserver; is 2; says 'VIP is required'
        code $V realserver 10.1.10.300; is 2; says "'10.1.10.300' is no virtual address"
        code $V realserver 10.1.10.7 --check --undo; is 2
        same
        """,
    "a kernel that refuses": """
        mount --bind -o ro /proc/sys /proc/sys 2> /dev/null && mount -o remount,ro,bind /proc/sys
        code $V realserver 10.1.10.7; is 3; says 'nothing was changed'
        same
        code $V realserver --undo; is 1
        """,
}


def main():
    if subprocess.run([*NAMESPACES, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("SKIPPED: this machine allows no namespaces")
        return 77
    failed = 0
    for name, story in STORIES.items():
        told = subprocess.run([*NAMESPACES, "sh", "-c", f"V={sys.argv[1]}\n{SETUP}{story}"], text=True, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
        print("ok  " if told.returncode == 0 else "FAIL", name)
        if told.returncode != 0:
            failed += 1
            print(told.stdout)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
