#!/usr/bin/env bash
# Prints a channel's sessions, the newest first, one a line:  list-sessions.sh CHANNEL
# shellcheck source=examples/lib.sh
source "$(dirname "$0")/lib.sh"

call GET "/sessions?channelId=$1" | jq -r '.sessions[] | [.id, .state, .title] | @tsv'
