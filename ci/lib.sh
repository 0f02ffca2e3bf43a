# Shared by the scripts of ci/: sourced, not run. Sets `root` and enters it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

jobs=${VIPDRIFT_JOBS:-$(nproc)}

# Copies of the tree below this one (ci/mutants) find in the compiler cache what this one has compiled.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1

# say WORDS...: what the script does next.
say() { printf '\n== %s\n' "$*"; }

# die WORDS...: stops the script.
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# help_from_header SCRIPT: prints the comment at the head of SCRIPT.
help_from_header() { sed -n '2,/^[^#]/{/^#/!d;s/^# \{0,1\}//;p}' "$1"; }

# build PRESET [TARGET...]: configures when there is no build directory yet, then builds.
build() {
  local preset=$1
  shift
  say "Building preset '$preset'${*:+: $*}"
  [ -f "build/$preset/build.ninja" ] || cmake --preset "$preset" >/dev/null || return 1
  cmake --build --preset "$preset" -j "$jobs" ${*:+--target "$@"}
}

# Runs a program of the preset tsan: without address space randomisation where that is allowed, because some kernels'
# setting is too wide for the sanitizer's memory map.
fixed_addresses=(setarch "$(uname -m)" -R)
"${fixed_addresses[@]}" true 2>/dev/null || fixed_addresses=()
