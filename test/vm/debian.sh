# Sourced: which Debian packages a machine for the checks has, and where they come from.
# shellcheck shell=bash disable=SC2034,SC2016

# What rkllamad depends on is there from the beginning, because the machine has no network. The rest is
# for the checks.
packages=systemd,systemd-sysv,udev,dbus,libsystemd0,libstdc++6,libgcc-s1,debconf,kmod,curl,procps,iproute2

# The mirror of Debian that this machine's own apt uses, unless one is named.
mirror=${RKLLAMAD_VM_MIRROR:-$(apt-get indextargets --format '$(SITE) $(ORIGIN)' 'Created-By: Packages' |
  awk '$2 == "Debian" && $1 !~ /security/ { print $1; exit }')}
if [ -z "$mirror" ]; then
  echo 'Which Debian mirror? This machine uses none. Name one: RKLLAMAD_VM_MIRROR=http://HOST/debian' >&2
  exit 1
fi

# Has a tree run what it is started for.
install_runner() { # install_runner TREE
  install -m 755 "$here/guest/run-payload" "$1/usr/local/sbin/run-payload"
  install -m 644 "$here/guest/run-payload.service" "$1/etc/systemd/system/run-payload.service"
  mkdir -p "$1/etc/systemd/system/multi-user.target.wants"
  ln -s ../run-payload.service "$1/etc/systemd/system/multi-user.target.wants/"
}
