# Sourced by the scripts that try Lacuna on a bare Debian 12: a chroot made with debootstrap. Packages come from where this
# machine has its own Debian packages from (/etc/apt). Needs root, and a mount namespace that ends with the process:
#   [[ -n "${LACUNA_BARE_NAMESPACE:-}" ]] || LACUNA_BARE_NAMESPACE=1 exec unshare --mount --propagation private "$0" "$@"
# LACUNA_BARE_DEBIAN may name a folder that `debootstrap --variant=minbase bookworm` has made, which is copied.
# shellcheck shell=bash
system=

# With the hour and with what the system takes on disk.
step() { echo "== $* ($(date -u +%H:%M:%S)${system:+, $(du -sxm "$system" 2> /dev/null | cut -f1) MB})"; }

# Ends with 77 where a chroot cannot be made.
need_root() {
  if [[ $(id -u) -ne 0 ]]; then
    echo "error: only root can make a chroot" >&2
    exit 77
  fi
}

# A command of a Debian package that is installed for this once.
need_command() { # COMMAND PACKAGE
  if ! command -v "$1" > /dev/null; then
    apt-get update -q
    DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$2"
  fi
}

# Makes the system in a temporary folder, $system, which is removed when the script ends.
make_bare_debian() {
  local release=bookworm mirror='' sources=() uri suite codename
  while read -r uri suite codename; do
    sources+=("deb $uri $suite main")
    if [[ "$suite" == "$release" ]]; then
      mirror=$uri
    fi
  done < <(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(CODENAME) $(COMPONENT) $(ORIGIN)' "Created-By: Packages" |
    awk -v release="$release" '$4 == "main" && $5 == "Debian" && index($3, release) == 1 { print $1, $2, $3 }' | sort -u)
  if [[ -z "$mirror" ]]; then
    echo "error: this machine's apt has no source of Debian's $release" >&2
    exit 1
  fi
  [[ -n "${LACUNA_BARE_DEBIAN:-}" ]] || need_command debootstrap debootstrap
  system=$(mktemp -d)
  trap remove_system EXIT
  chmod 755 "$system"
  step "a bare Debian 12"
  if [[ -n "${LACUNA_BARE_DEBIAN:-}" ]]; then
    cp -a --one-file-system "$LACUNA_BARE_DEBIAN/." "$system"
  else
    debootstrap --variant=minbase "$release" "$system" "$mirror" > "$system.log" || {
      tail -n 20 "$system.log" >&2
      exit 1
    }
    rm -f "$system.log"
  fi
  printf '%s\n' "${sources[@]}" > "$system/etc/apt/sources.list"
  # How this machine reaches its packages: names, a proxy, certificates.
  cp -L /etc/resolv.conf /etc/hosts "$system/etc/"
  apt-config dump | grep -E '^Acquire::(http|https)::' > "$system/etc/apt/apt.conf.d/80here" || true
  mount -t proc proc "$system/proc"
  mount --rbind /dev "$system/dev"
  mount -t tmpfs -o mode=1777 tmpfs "$system/tmp"
}

unmount_system() {
  local mounted
  for mounted in proc dev tmp; do
    umount --recursive --quiet "$system/$mounted" 2> /dev/null || true
  done
}

# Nothing is removed while something of this machine is mounted there.
remove_system() {
  unmount_system
  if grep -q " $system/" /proc/self/mounts; then
    echo "warning: $system is left, as something is mounted below it" >&2
  else
    rm -rf --one-file-system "$system"
  fi
}

# Runs a command in the system, with nothing of this one's environment.
inside() { # USER HOME COMMAND
  local proxies=() name
  for name in http_proxy https_proxy no_proxy; do
    [[ -z "${!name:-}" ]] || proxies+=("$name=${!name}")
  done
  chroot --userspec="$1" "$system" /usr/bin/env -i HOME="$2" USER="$1" LANG=C PATH=/usr/sbin:/usr/bin:/sbin:/bin "${proxies[@]}" \
    bash -c "cd ~ && $3"
}
