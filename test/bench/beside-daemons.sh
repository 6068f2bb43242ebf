#!/usr/bin/env bash
# npm run bench [-- --tests a,b,… --reps N --out DIR]: the module beside the FTP daemons that are installed, in one run.
#
# The yardstick that runs them is a folder of its own, not part of this project: FTP_YARDSTICK, or ../shared/bench beside the
# checkout. It wants root, for control groups and a network of its own. Reads `adapters/` there to know the daemons; ours is
# `ftp-module` in this folder.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
yardstick=${FTP_YARDSTICK:-$root/../shared/bench}
export BENCH_DIR=${BENCH_DIR:-/tmp/ftp-peers} BENCH_QUIET=${BENCH_QUIET:-3}

if [ ! -x "$yardstick/run" ]; then
  echo "The yardstick is not at $yardstick. Set FTP_YARDSTICK to the folder that holds its 'run' and 'adapters'." >&2
  exit 2
fi
if [ "$(id -u)" != 0 ]; then
  echo "The yardstick needs root: it counts CPU time by control group and runs in a network of its own." >&2
  exit 2
fi
[ -e "$BENCH_DIR/data/home/big.bin" ] || "$yardstick/setup"

servers=()
missing=()
for name in vsftpd proftpd pure-ftpd; do
  if "$yardstick/adapters/$name" info >/dev/null 2>&1; then servers+=("$name"); else missing+=("$name"); fi
done
[ ${#missing[@]} = 0 ] || echo "Not installed, left out: ${missing[*]}" >&2
[ ${#servers[@]} -gt 0 ] || { echo "No daemon to compare with is installed." >&2; exit 2; }

out=$root/dist/bench
for argument in "$@"; do [ "$argument" != --out ] || out=; done
"$yardstick/run" "${servers[@]}" "$here/ftp-module" ${out:+--out "$out"} "$@"
[ -z "$out" ] || node "$here/ratios.ts" "$out/results.json"
