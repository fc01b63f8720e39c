#!/usr/bin/env bash
# Gets what some tests drive and npm does not bring: Mosquitto (Debian) and k6 (Go module proxy). Whatever cannot be had is said here in one line, and
# the tests that need it are skipped with their reason: this script never fails. What is built is kept outside of the checkout, for the next run.
set -uo pipefail
root="$(cd "$(dirname "$0")/.." && pwd)"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/gridkeeper"
k6_version="$(cat "$root/load-tests/k6/version")"
# What the go.mod of that k6 asks for.
go_version=1.25.12

say() { printf 'tools: %s\n' "$*"; }
has() { command -v "$1" >/dev/null 2>&1; }

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

apt_updated=
install_debian() {
  has apt-get && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; } || return 1
  [ -n "$apt_updated" ] || as_root apt-get update -qq >/dev/null 2>&1 || true
  apt_updated=yes
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1
}

get_mosquitto() {
  has mosquitto || [ -x /usr/sbin/mosquitto ] || install_debian mosquitto ||
    { say 'no Mosquitto: it is not here, and apt-get cannot install it'; return; }
  say "$(PATH="$PATH:/usr/sbin" mosquitto -h | head -1)"
}

# Prints a Go that can build k6: one of 1.21 or later fetches the version it needs by itself.
find_go() {
  local go minor
  for go in go /usr/local/go/bin/go "$cache/go$go_version/bin/go"; do
    minor="$("$go" version 2>/dev/null | sed -nE 's/^go version go1\.([0-9]+).*/\1/p')"
    [ "${minor:-0}" -ge 21 ] && { echo "$go"; return; }
  done
  return 1
}

# Debian 12 has Go 1.19, which is too old for k6 but can fetch a newer one: the module proxy serves Go itself as a module, checked by its checksum database.
bootstrap_go() {
  local old machine got target="$cache/go$go_version"
  has go || install_debian golang-go ca-certificates || return 1
  old="$(command -v go)"
  machine="$("$old" env GOOS)-$("$old" env GOARCH)"
  got="$(cd "$(mktemp -d)" && GOFLAGS=-modcacherw "$old" mod download -json "golang.org/toolchain@v0.0.1-go$go_version.$machine" |
    sed -nE 's/^[[:space:]]*"Dir": "(.*)",$/\1/p')"
  [ -d "$got" ] || return 1
  # A module has no executable files.
  rm -rf "$target" && mkdir -p "$cache" && cp -R "$got" "$target" && chmod -R u+w "$target" &&
    chmod +x "$target"/bin/* && find "$target/pkg/tool" -type f -exec chmod +x {} +
}

get_k6() {
  local go built="$cache/k6-$k6_version/k6"
  if ! has k6 && [ ! -x "$built" ]; then
    go="$(find_go)" || { bootstrap_go && go="$(find_go)"; } ||
      { say 'no k6: it is not here, and there is no Go to build it with'; return; }
    say "building k6 $k6_version with $("$go" version | cut -d' ' -f3) (once, some minutes)"
    GOTOOLCHAIN=auto GOBIN="$(dirname "$built")" "$go" install "go.k6.io/k6@$k6_version" >/dev/null 2>&1 ||
      { say "no k6: go install go.k6.io/k6@$k6_version failed"; return; }
  fi
  say "$(PATH="$PATH:$(dirname "$built")" k6 version | head -1)"
}

get_mosquitto
get_k6
