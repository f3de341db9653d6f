#!/usr/bin/env bash
# Prints a new stream key, which is shown this once:  create-stream-key.sh CHANNEL LABEL
# shellcheck source=examples/lib.sh
source "$(dirname "$0")/lib.sh"

call POST "/channels/$1/stream-keys" "$(jq -n --arg name "$2" '{ label: $name }')" | jq -r .streamKey
