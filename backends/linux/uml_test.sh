#!/bin/sh
# uml_test.sh PROGRAM [ARGUMENT...]: runs a test program in User-Mode Linux, whose kernel has IPVS, on the file system
# of this machine, as root of that kernel. No privilege is needed here. Its output and exit status are the program's; 77
# when User-Mode Linux is not installed (Debian: user-mode-linux). UML_TEST_LIMIT: how many seconds it may take (240).
kernel=$(command -v linux.uml) || { echo "SKIPPED: there is no linux.uml (Debian: user-mode-linux)"; exit 77; }
limit=${UML_TEST_LIMIT:-240}
place=$(mktemp -d) || exit 1
trap 'rm -rf "$place"' EXIT
trap 'exit 1' INT TERM

{
  echo '#!/bin/sh'
  echo 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
  echo 'mount -t proc proc /proc && mount -t sysfs sysfs /sys && mount -t tmpfs tmpfs /run'
  echo 'mkdir -p /run/modules/lib && ln -s /usr/lib/uml/modules /run/modules/lib/modules'
  echo 'modprobe -d /run/modules -a ip_vs ip_vs_rr ip_vs_wrr ip_vs_lc ip_vs_wlc ip_vs_lblc ip_vs_lblcr ip_vs_dh \'
  echo '  ip_vs_sh ip_vs_mh ip_vs_sed ip_vs_nq ip_vs_fo ip_vs_ovf ip_vs_pe_sip veth dummy'
  echo 'ip link set lo up'
  printf 'cd %s && timeout -k 5 %s' "'$PWD'" "$limit"
  for word in "$@"; do printf " '%s'" "$word"; done
  echo ' </dev/null'
  echo "echo \$? >$place/status"
  echo 'poweroff -f'
} >"$place/init"
chmod +x "$place/init"

mkdir "$place/memory"
TMPDIR=$place/memory timeout -k 5 $((limit + 60)) "$kernel" rootfstype=hostfs rootflags=/ rw mem=512M quiet init="$place/init" \
  con=null con0=null,fd:1 </dev/null
[ -s "$place/status" ] || { echo "User-Mode Linux ended before the program did"; exit 1; }
exit "$(cat "$place/status")"
