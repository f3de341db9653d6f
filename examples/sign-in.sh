#!/usr/bin/env bash
# Prints a token for the other examples:  EMAIL=… PASSWORD=… sign-in.sh
# shellcheck source=examples/lib.sh
source "$(dirname "$0")/lib.sh"

export EMAIL PASSWORD
jq -n '{ email: env.EMAIL, password: env.PASSWORD }' |
  curl --silent --show-error --fail-with-body --header 'Content-Type: application/json' --data @- \
    "$FOOTLIGHT_URL/api/auth/sign-in/email" |
  jq -r '.token // error(.error.message)'
