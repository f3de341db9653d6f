# Shared by the scripts beside it: sourced, never run.
set -euo pipefail
: "${FOOTLIGHT_URL:=http://localhost:8080}"

# call METHOD PATH [JSON]: the answer, or what the node refused with and a non-zero exit.
call() {
  local method=$1 path=$2 body=${3:-}
  local request=(--silent --show-error --fail-with-body --request "$method" "$FOOTLIGHT_URL/api$path")
  [ -z "$body" ] || request+=(--header 'Content-Type: application/json' --data "$body")
  # The token goes in on standard input: arguments are there for every user of the machine to read.
  if [ -n "${FOOTLIGHT_TOKEN:-}" ]; then
    printf 'header = "Authorization: Bearer %s"\n' "$FOOTLIGHT_TOKEN" | curl --config - "${request[@]}"
  else
    curl "${request[@]}"
  fi || {
    echo >&2
    exit 1
  }
}
