#!/usr/bin/env bash
# Runs the commands of the guides as a reader would paste them, and compares what they print with what the guides say.
#
#   docs/guides/run.sh BINARY [GUIDE.md…]
#
# Every guide has a fresh server with the demo data on a free port of this machine, and a folder of its own. Its blocks
# `sh` run one after the other in one shell that ends with the first command that fails. What a block prints must be what
# the block `json` or `text` behind it holds, nothing where there is none. A guide and its translation must have the
# same blocks. It needs bash, curl and jq.
set -euo pipefail

# Each guide with its translation.
pairs=(portale.md portal.md editore.md publisher.md integrazione.md integration.md salvataggi.md backup.md)
# What readers paste; here it stands for the server's own address.
pasted=http://127.0.0.1:8080

usage() {
  printf 'usage: %s BINARY [GUIDE.md…]\n' "$0" >&2
  exit 2
}
[ "$#" -ge 1 ] || usage
binary=$(realpath -- "$1")
[ -x "$binary" ] || { printf '%s: %s is not a program\n' "$0" "$1" >&2; exit 2; }
shift
guides=$(cd "$(dirname "$0")" && pwd)

export LC_ALL=C.UTF-8 no_proxy='*' NO_PROXY='*'
for name in "${!CATALOGUE_@}"; do unset "$name"; done

work=$(mktemp -d "${TMPDIR:-/tmp}/catalogue-guides.XXXXXX")
server=
stop() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
    server=
  fi
}

guide='(none yet)'
cleanup() {
  local code=$?
  trap - EXIT
  stop
  if [ "$code" -ne 0 ]; then report >&2; fi
  rm -rf "$work"
  exit "$code"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# report says which command of which guide failed, and what it printed.
report() {
  printf '\n%s: FAILED: %s' "$0" "$guide"
  if [ -s "$work/block" ]; then
    local block
    block=$(cat "$work/block")
    printf ', block %s:\n' "$(basename "$block")"
    cat "$block.sh"
    printf -- '--- it printed\n'
    head -c 4000 "$block.got"
    printf -- '--- to standard error\n'
    tail -n 20 "$work/stderr"
  fi
  printf '\n--- last lines of the server log\n'
  tail -n 5 "$work/server.log" 2>/dev/null || true
}

# blocks GUIDE FOLDER writes the blocks of a guide to files: NN.sh, and NN.json or NN.text with what it prints.
blocks() {
  mkdir -p "$2"
  awk -v folder="$2" '
    file != "" && $0 == "```" { close(file); file = ""; next }
    file != "" { print > file; next }
    $0 == "```sh" { file = sprintf("%s/%02d.sh", folder, ++n); printf "" > file; next }
    $0 == "```json" || $0 == "```text" { file = sprintf("%s/%02d.%s", folder, n, substr($0, 4)); printf "" > file; next }
    /^```./ && $0 != "```console" { print FILENAME ": nobody runs a block " $0 > "/dev/stderr"; exit 1 }
  ' "$1"
}

# start serves the demo data from the folder in which the guide is followed, as its readers do.
start() {
  (cd "$1" && exec ./catalogue serve --demo --database demo.db --keys-file demo-keys --listen 127.0.0.1:0 --listen-file "$1/listen") \
    </dev/null >"$work/server.log" 2>&1 &
  server=$!
  local waited=0
  until [ -s "$1/listen" ]; do
    kill -0 "$server" 2>/dev/null || { cat "$work/server.log" >&2; return 1; }
    [ "$waited" -lt 1200 ] || { printf 'the server is not ready after 120 s\n' >&2; return 1; }
    sleep 0.1
    waited=$((waited + 1))
  done
}

# follow BLOCKS FOLDER BASE runs the blocks in a folder, and stops at the first that fails or prints something else.
follow() {
  cd "$2"
  local block
  for block in "$1"/*.sh; do
    block=${block%.sh}
    printf '%s' "$block" >"$work/block"
    sed -i "s#$pasted#$3#g" "$block".*
    # shellcheck source=/dev/null
    . "$block.sh" >"$block.got" 2>"$work/stderr"
    if [ -e "$block.json" ]; then
      diff <(jq -S . "$block.json") <(jq -S . "$block.got") >&2
    elif [ -e "$block.text" ]; then
      diff "$block.text" "$block.got" >&2
    else
      diff /dev/null "$block.got" >&2
    fi
  done
}

chosen=("$@")
[ "$#" -gt 0 ] || chosen=("${pairs[@]}")

for ((i = 0; i < ${#pairs[@]}; i += 2)); do
  guide="${pairs[i]} and ${pairs[i + 1]} do not have the same commands and answers"
  blocks "$guides/${pairs[i]}" "$work/${pairs[i]}"
  blocks "$guides/${pairs[i + 1]}" "$work/${pairs[i + 1]}"
  diff -r "$work/${pairs[i]}" "$work/${pairs[i + 1]}" >&2
done

for guide in "${chosen[@]}"; do
  [ -d "$work/$guide" ] || usage
  folder=$work/following-$guide
  mkdir "$folder"
  ln -s "$binary" "$folder/catalogue"
  start "$folder"
  (follow "$work/$guide" "$folder" "http://$(tr -d '[:space:]' <"$folder/listen")")
  : >"$work/block"
  stop
  printf '  ok  %s: %d blocks\n' "$guide" "$(find "$work/$guide" -name '*.sh' | wc -l)"
done
