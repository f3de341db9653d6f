#!/usr/bin/env bash
# Prints the id of a new channel:  create-channel.sh NAME
# shellcheck source=examples/lib.sh
source "$(dirname "$0")/lib.sh"

call POST /channels "$(jq -n --arg name "$1" '{ $name }')" | jq -r .id
