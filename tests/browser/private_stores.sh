#!/bin/sh
# Runs "$@" where it may change the system's certificates as it likes: in a mount namespace of its own, with copies of the
# two folders that count. Where the kernel allows no such thing it runs all the same, and DEVPROXY_SYSTEM_STORE=no tells
# that the system's store must be left alone.
set -eu
if [ "${1:-}" = --inside ]; then
  shift
  copies=$(mktemp -d)
  for folder in /etc/ssl/certs /usr/local/share/ca-certificates; do
    copy=$copies$folder
    mkdir -p "$copy"
    cp -rPp "$folder/." "$copy/" 2>/dev/null || cp -rP "$folder/." "$copy/"
    mount --bind "$copy" "$folder"
  done
  status=0
  DEVPROXY_SYSTEM_STORE=yes "$@" || status=$?
  umount /etc/ssl/certs /usr/local/share/ca-certificates
  rm -rf "$copies"
  exit $status
fi
for way in "unshare -m" "unshare -rm"; do
  # shellcheck disable=SC2086  # two words
  if $way sh -c 'd=$(mktemp -d) && mount --bind "$d" /etc/ssl/certs && umount /etc/ssl/certs; s=$?; rmdir "$d"; exit $s' \
    2>/dev/null; then
    exec $way sh "$0" --inside "$@"
  fi
done
echo "no mount namespace can be had here: the system's own store is not tested" >&2
export DEVPROXY_SYSTEM_STORE=no
if [ "$(id -u)" = 0 ]; then exec setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; fi
exec "$@"
