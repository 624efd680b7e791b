#!/usr/bin/env bash
# Makes run-waiting.png from two tmux terminals, a real server, and a browser that draws the text.
#   usage: docs/images/run-waiting.sh [HOST]
# Needs tmux, chromium, deno or npx, and root on Linux (for the host name in the image).
set -euo pipefail
cd "$(dirname "$0")/../.."
host=${1:-build-7}
columns=104
folder=$(mktemp -d)
socket=$folder/holdfast.sock

finish() {
  tmux kill-server 2>/dev/null || true
  kill "$server" 2>/dev/null || true
  rm -rf "$folder"
}
tmux() { command tmux -L holdfast-picture -f /dev/null "$@"; }

# Opens a terminal named $1 with a shell of user $2.
terminal() {
  tmux new-session -d -s "$1" -x "$columns" -y 4 "env -i TERM=xterm USER=$2 PS1='$ ' \
    PATH='$PWD/examples/bin:$PATH' HOLDFAST_URL=unix:$socket bash --norc --noprofile"
}

# Prints the text of a terminal as HTML.
text() { tmux capture-pane -p -t "$1" | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g'; }

examples/bin/holdfast -port 0 -ws 0 -looky 0 -unix "$socket" >/dev/null &
server=$!
trap finish EXIT
until [ -S "$socket" ]; do sleep 0.1; done

# All terminals run in the namespace in which tmux starts, which has its own host name.
unshare --uts sh -c 'hostname "$1" && shift && exec "$@"' sh "$host" \
  tmux -L holdfast-picture -f /dev/null new-session -d -s keep sleep 600
terminal first alice
terminal second bob
tmux send-keys -t first 'holdfast run --why nightly backup -- sleep 600' Enter
until [ -n "$(examples/bin/holdfast locks --names --url "unix:$socket")" ]; do sleep 0.1; done
sleep 2
tmux send-keys -t second 'holdfast run backup -- echo "my turn"' Enter
until tmux capture-pane -p -t second | grep -qE '^Waiting for backup \([3-9]s'; do sleep 0.1; done

cat >"$folder/page.html" <<HTML
<!doctype html><meta charset="utf-8"><style>
  body { margin: 0; padding: 12px; background: #fff }
  figure { margin: 0 0 10px; border-radius: 6px; overflow: hidden; background: #1b1f24 }
  figcaption { background: #32383f; color: #c9d1d9; font: 12px/22px sans-serif; padding: 0 10px }
  pre { margin: 0; padding: 8px 10px; height: 54px; overflow: hidden; color: #e6edf3;
    font: 13px/18px "DejaVu Sans Mono", monospace }
</style>
<figure><figcaption>terminal 1</figcaption><pre>$(text first)</pre></figure>
<figure><figcaption>terminal 2</figcaption><pre>$(text second)</pre></figure>
HTML
chromium --headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking \
  --hide-scrollbars --force-device-scale-factor=2 --window-size=864,218 \
  --user-data-dir="$folder/profile" --screenshot="$PWD/docs/images/run-waiting.png" \
  "file://$folder/page.html" 2>/dev/null
ls -l docs/images/run-waiting.png
