#!/bin/sh
# Runs one browser test: run.sh FILE. A machine that lacks a part fails here with the way to get it, and never skips.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

need() {
  if ! "$@" >/dev/null 2>&1; then
    echo "browser tests: failed to find: $* ; install what is missing with ./dev setup" >&2
    exit 1
  fi
}
need command -v node
need test -x "${CHROMIUM:-/usr/bin/chromium}"
need test -f "$here/node_modules/playwright-core/package.json"
need test -f "$here/node_modules/ws/package.json"
need test -f "$here/../../examples/vite/node_modules/vite/package.json"
need test -x "$DEVPROXY_BINARY"

case $1 in
  trust_test.mjs)
    for program in certutil firefox-esr curl openssl zsh; do need command -v $program; done
    exec sh "$here/private_stores.sh" node "$here/$1" ;;
esac
exec node "$here/$1"
