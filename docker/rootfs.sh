#!/usr/bin/env bash
# Assembles the root folder of the scratch image: docker/rootfs.sh BINARY FOLDER
#
# The program needs the binary, the loader and six libraries (libraries.txt).
# The Dockerfile and the tests both use this script, so the tests run on what is shipped.
set -euo pipefail

binary=$1
folder=$2
list=$(dirname "$0")/libraries.txt
# A user that owns no files; other scratch images use the same number for "nonroot".
user=65532

mkdir -p "$folder/etc" "$folder/proc" # where the container engine mounts it
chmod 0755 "$folder"
install -m 0755 "$binary" "$folder/holdfast"
printf 'holdfast:x:%s:%s::/:/holdfast\n' $user $user >"$folder/etc/passwd"
printf 'holdfast:x:%s:\n' $user >"$folder/etc/group"

needed=$(ldd "$binary" | grep -o '/[^ ]*')
while read -r name; do
  path=$(grep -m 1 -F "/$name" <<<"$needed") || {
    echo "rootfs.sh: $binary does not need $name; remove it from $list" >&2
    exit 1
  }
  mkdir -p "$folder$(dirname "$path")"
  cp -L "$path" "$folder$path"
done <"$list"

if [ "$(wc -l <<<"$needed")" -ne "$(wc -l <"$list")" ]; then
  printf 'rootfs.sh: %s needs libraries that %s does not list:\n%s\n' "$binary" "$list" "$needed" >&2
  exit 1
fi
