#!/bin/sh
# Descends from (-2, 1) in the valley x² / 2 + 10 y², ten steps of awk between two reports.
set -eu

state='-2 1 0 0'
round=0
while [ "$round" -lt 5 ]; do
  state=$(echo "$state" | awk -v rate="$ESPALIER_PARAM_RATE" -v keep="$ESPALIER_PARAM_MOMENTUM" '{
    x = $1; y = $2; u = $3; v = $4
    for (i = 0; i < 10; i++) {
      u = keep * u - rate * x; v = keep * v - rate * 20 * y
      x += u; y += v
    }
    printf "%.17g %.17g %.17g %.17g", x, y, u, v
  }')
  height=$(echo "$state" | awk '{ printf "%.17g", $1 * $1 / 2 + 10 * $2 * $2 }')
  echo "espalier: {\"metric\": {\"height\": $height}, \"step\": $round}"
  read -r answer
  case $answer in *'"stop"'*) exit 0 ;; esac
  round=$((round + 1))
done
echo "espalier: {\"final\": $height}"
