#!/usr/bin/env bash
# Makes dist/ftp-module_<version>_all.tar.xz: the module as JavaScript with all it needs besides Node.js (22.13 or newer).
# Unpacked anywhere, `npm start` or `node server.mjs` starts it. And dist/ftp-module_<version>_musl.tar.xz, to be unpacked over
# it where the C library is musl (OpenWrt, Alpine): the native binaries for that; without them Node alone moves files.
# The same sources give the same octets: SOURCE_DATE_EPOCH, or else the time of the last commit, is the time of every file.
set -euo pipefail
umask 022
export LC_ALL=C TZ=UTC
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
export PATH="$here/node_modules/.bin:$PATH"
out=${1:-$here/dist}

version=$(node -p 'JSON.parse(fs.readFileSync("package.json")).version')
name=ftp-module_${version}_all
time=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 1700000000)}
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
tree=$staging/$name
mkdir -p "$tree" "$out"

tsc -p tsconfig.json --outDir "$tree"
# The contract with a shell, for firmwares in TypeScript: these need no other declarations.
tsc -p tsconfig.json --declaration --emitDeclarationOnly --outDir "$staging/types"
for each in index shell service/manifest service/version; do
  cp "$staging/types/module/$each.d.ts" "$tree/module/$each.d.ts"
done
node packaging/packages.ts "$tree" "$staging/musl/$name"
node packaging/manifest.ts >"$tree/module.json"
cp -R views locales public "$tree"
cp packaging/server.mjs README.md CHANGELOG.md LICENSE "$tree"
mkdir "$tree/docs"
cp docs/*.md "$tree/docs"
node -e '
  const { name, version, description, license, type, engines, dependencies } = JSON.parse(fs.readFileSync("package.json"))
  const packed = { name, version, description, license, type, engines, exports: { ".": { types: "./module/index.d.ts", default: "./module/index.js" } }, dependencies }
  console.log(JSON.stringify({ ...packed, scripts: { start: "node --max-semi-space-size=8 server.mjs" } }, undefined, 2))
' >"$tree/package.json"

pack() { # folder archive
  find "$1/$name" -type d -exec chmod 755 {} + -o -type f -exec chmod 644 {} +
  tar --create --format=gnu --sort=name --mtime="@$time" --owner=0 --group=0 --numeric-owner \
    --directory="$1" "$name" | xz -9 --threads=1 >"$out/$2.new"
  mv "$out/$2.new" "$out/$2"
  echo "$out/$2 $(stat -c %s "$out/$2") octets"
}
pack "$staging" "$name.tar.xz"
pack "$staging/musl" "ftp-module_${version}_musl.tar.xz"
