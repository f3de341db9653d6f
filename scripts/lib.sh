# Shared by the scripts beside it: sourced, never run. Brings a bare Debian to where Node can run what is committed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

NODE_VERSION=24.21.0
export DEBIAN_FRONTEND=noninteractive
# Compiled code kept from start to start: quicker, and some 20 MB less to hold in memory.
export NODE_COMPILE_CACHE=$PWD/node_modules/.cache/node
# Starting makes much that is thrown away at once; without a bound, V8 keeps up to 64 MB of room for it from then on.
export NODE_OPTIONS="--max-semi-space-size=8 ${NODE_OPTIONS:-}"

say() { printf 'footlight: %s\n' "$*" >&2; }
die() {
  say "$*"
  exit 1
}

node_major() { "$1" -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0; }

# Node 24 runs TypeScript as it is. Where the system's is older, a private copy is put into .node/ from npm.
ensure_node() {
  local system fetched=.node/bin/node
  system=$(node_major node)
  [ "$system" -ge 24 ] && return
  if [ "$(node_major "$fetched")" -lt 24 ]; then
    command -v npm >/dev/null || die "npm is needed to fetch Node 24. Install it (apt-get install npm) and start again."
    say "Node here is older than 24 (major $system): fetching Node $NODE_VERSION from npm into .node/, nothing else is touched"
    fetch_node
  fi
  export PATH="$PWD/.node/bin:$PATH"
}

# The package `node` places its binary in an install script, which some npm versions skip without a word;
# then the package of the platform, which is the binary itself, is fetched directly.
fetch_node() {
  local modules=.node/node_modules options='--prefix .node --no-save --no-audit --no-fund --loglevel=error' binary arch
  # shellcheck disable=SC2086 # the options are several words on purpose
  npm install $options "node@$NODE_VERSION" >&2 || true
  binary=$modules/node/bin/node
  if [ "$(node_major "$binary")" -lt 24 ]; then
    case $(uname -m) in
      x86_64) arch=x64 ;;
      aarch64) arch=arm64 ;;
      *) die "there is no Node 24 package for $(uname -m). Install Node 24 yourself and start again." ;;
    esac
    # shellcheck disable=SC2086
    npm install $options "node-linux-$arch@$NODE_VERSION" >&2 || die "Node $NODE_VERSION could not be fetched from npm (see above)."
    binary=$modules/node-linux-$arch/bin/node
  fi
  [ "$(node_major "$binary")" -ge 24 ] || die "the fetched Node does not run on this machine. Install Node 24 yourself and start again."
  mkdir -p .node/bin
  ln -sf "../../$binary" .node/bin/node
}

# need COMMAND PACKAGE…: notes the Debian packages of a missing command; install_missing fetches all of them at once.
MISSING=()
need() {
  local command=$1 package
  shift
  if command -v "$command" >/dev/null || [ -x "/usr/sbin/$command" ]; then return; fi
  for package in "$@"; do
    [[ " ${MISSING[*]} " == *" $package "* ]] || MISSING+=("$package")
  done
}

install_missing() {
  local why=$1 as_root=()
  [ ${#MISSING[@]} -eq 0 ] && return
  local by_hand="apt-get install -y ${MISSING[*]}"
  command -v apt-get >/dev/null || die "missing: ${MISSING[*]} ($why). This is no Debian: install them yourself and start again."
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || die "missing: ${MISSING[*]} ($why). As root run: $by_hand"
    if sudo -n true 2>/dev/null; then as_root=(sudo -n); elif [ -t 0 ]; then as_root=(sudo); else
      die "missing: ${MISSING[*]} ($why). I may not install them here; run: sudo $by_hand"
    fi
  fi
  say "installing ${MISSING[*]} with apt ($why)"
  { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -q &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${MISSING[@]}"; } >&2 ||
    die "apt could not install ${MISSING[*]} (see above). Mend that, or run: $by_hand"
  MISSING=()
}

# `npm ci` only when the lockfile or Node changed since the last time.
ensure_modules() {
  local stamp=node_modules/.footlight-stamp wanted
  wanted=$(sha256sum package-lock.json | cut -d' ' -f1)-$(node_major node)
  [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
  command -v npm >/dev/null || die "npm is needed to install the libraries. Install it (apt-get install npm) and start again."
  say "installing the libraries of package-lock.json"
  npm ci --no-audit --no-fund --loglevel=error >&2 || die "npm ci failed (see above)."
  echo "$wanted" >"$stamp"
}

# The browser side is built only when its sources changed.
ensure_web() {
  local stamp=dist/.stamp wanted
  wanted=$(find src/web/client vite.config.ts package-lock.json -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
  [ -f dist/web/index.html ] && [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
  say "building the browser side"
  npm run --silent build:web >&2 || die "the browser side could not be built (see above)."
  mkdir -p dist
  echo "$wanted" >"$stamp"
}
