#!/usr/bin/env bash
# Prints the address of what is live on a channel, for any HLS player:  get-playback.sh CHANNEL
# shellcheck source=examples/lib.sh
source "$(dirname "$0")/lib.sh"

call POST /playback "$(jq -n --arg channelId "$1" '{ $channelId }')" | jq -r --arg node "$FOOTLIGHT_URL" '$node + .url'
