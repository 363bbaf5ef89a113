#!/bin/sh
# Runs one test of the pairs: run.sh FILE. A machine that lacks a part fails here with the way to get it, and never skips.
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)

need() {
  if ! "$@" >/dev/null 2>&1; then
    echo "pairs: failed to find: $* ; install what is missing with ./dev setup" >&2
    exit 1
  fi
}
need command -v node
need command -v openssl
need test -f "$here/../browser/node_modules/@grpc/grpc-js/package.json"
need test -f "$here/../browser/node_modules/@grpc/proto-loader/package.json"
need test -x "$DEVPROXY_BINARY"

exec node "$here/$1"
