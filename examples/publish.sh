#!/usr/bin/env bash
# Broadcasts until stopped, a file in a loop (H.264 and AAC, sent as it is) or a test card:  publish.sh STREAM_KEY [FILE]
# shellcheck source=examples/lib.sh
source "$(dirname "$0")/lib.sh"

server=$(call GET /node | jq -r .rtmpUrl)
quiet=(-loglevel error -nostdin -re)
if [ $# -gt 1 ]; then
  exec ffmpeg "${quiet[@]}" -stream_loop -1 -i "$2" -c copy -f flv "$server/$1"
fi
exec ffmpeg "${quiet[@]}" -f lavfi -i testsrc2=size=1280x720:rate=30 -re -f lavfi -i sine=frequency=440:sample_rate=48000 \
  -c:v libx264 -preset veryfast -pix_fmt yuv420p -g 60 -b:v 3000k -maxrate 3000k -bufsize 6000k \
  -c:a aac -b:a 128k -f flv "$server/$1"
