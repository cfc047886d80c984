# What scripts/test and scripts/failover share: installing what tests need. To be sourced.

target=${CARGO_TARGET_DIR:-target}
readonly venv=$target/clients/venv

say() { printf '\n\033[1m==> %s\033[0m\n' "$*"; }

die() {
  printf 'scripts/%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

# Debian's package would start a server of its own; the tests start theirs.
without_cluster() {
  local settings=/etc/postgresql-common/createcluster.conf
  [[ -e $settings ]] && return 0
  "$@" mkdir -p "${settings%/*}"
  echo 'create_main_cluster = false' | "$@" tee "$settings" >/dev/null
}

# Installs Debian's packages, and starts no service of theirs: install_packages PACKAGE...
install_packages() (
  packages=("$@") sudo=() policy=/usr/sbin/policy-rc.d
  ((${#packages[@]})) || return 0
  say "install with apt-get: ${packages[*]}"
  command -v apt-get >/dev/null || die "no apt-get here: please install ${packages[*]}"
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "neither root nor sudo: please install ${packages[*]}"
    sudo=(sudo)
  fi
  [[ " ${packages[*]} " != *" postgresql "* ]] || without_cluster "${sudo[@]}"
  if [[ ! -e $policy ]]; then
    trap '"${sudo[@]}" rm -f "$policy"' EXIT
    printf '#!/bin/sh\nexit 101\n' | "${sudo[@]}" tee "$policy" >/dev/null
    "${sudo[@]}" chmod 755 "$policy"
  fi
  "${sudo[@]}" apt-get update -qq
  "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -qq -y --no-install-recommends -o Dpkg::Options::=--force-confold "${packages[@]}" >/dev/null
)

# Runs a command unless it has been done for the same inputs: once STAMP WHAT COMMAND...
once() {
  local stamp=$1 what=$2
  shift 2
  [[ -e $stamp ]] && return 0
  say "install under $target/clients: $what"
  "$@"
  touch "$stamp"
}

digest() { cat "$@" | sha256sum | cut -c1-16; }

make_venv() { [[ -x $venv/bin/pip ]] || python3 -m venv "$venv"; }
pip_install() { "$venv/bin/python" -m pip install -q --disable-pip-version-check "$@"; }

fill_venv() {
  make_venv
  pip_install -r tests/clients/requirements.txt
}

install_python_packages() {
  mkdir -p "$target/clients"
  once "$target/clients/.python-$(digest tests/clients/requirements.txt)" \
    "the packages of tests/clients/requirements.txt" fill_venv
}
