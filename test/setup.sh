#!/usr/bin/env bash
# Brings the real programs that the tests use: FTP clients, OpenSSL, xz, nftables and Chromium. As root on Debian they are installed;
# elsewhere the suites that need a missing one say so (and fail when CI=true).
set -euo pipefail
missing=()
command -v curl >/dev/null || missing+=(curl)
command -v lftp >/dev/null || missing+=(lftp)
command -v ncftpget >/dev/null || missing+=(ncftp)
command -v python3 >/dev/null || missing+=(python3)
command -v openssl >/dev/null || missing+=(openssl)
command -v xz >/dev/null || missing+=(xz-utils)
command -v nft >/dev/null || [ -x /usr/sbin/nft ] || missing+=(nftables)
[ -n "${CHROMIUM:-}" ] || command -v chromium >/dev/null || missing+=(chromium fonts-dejavu-core)
[ ${#missing[@]} -eq 0 ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  apt-get update -qq >/dev/null
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
else
  echo "test/setup.sh: not installed and not installable here: ${missing[*]}" >&2
fi
