#!/usr/bin/env bash
# Ends a session for good, and prints its state:  end-session.sh SESSION
# shellcheck source=examples/lib.sh
source "$(dirname "$0")/lib.sh"

call POST "/sessions/$1/end" | jq -r .state
