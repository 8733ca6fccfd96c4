#!/bin/bash
# Stands for the program by whose name it was started: tells the proofs how, and does what they say.
exec {line}<>/dev/tcp/127.0.0.1/PORT || exit 125
# What it was started with, and not what bash makes of that.
mapfile -d '' -t environment <"/proc/$$/environ"
printf '%s\0' "${0##*/}" "$PWD" "$#" "$@" "${#environment[@]}" "${environment[@]}" >&"$line"

# The next word of the answer.
hear() {
  IFS= read -r -d '' word <&"$line" || exit 125
}

while hear; do
  case $word in
    stdin)
      IFS= read -r -d '' text
      printf '%s\0' "$text" >&"$line"
      ;;
    file)
      hear
      IFS= read -r -d '' text <"$word"
      printf '%s\0' "$text" >&"$line"
      ;;
    out) hear && printf '%s' "$word" ;;
    error) hear && printf '%s\n' "$word" >&2 ;;
    arguments)
      set --
      hear
      for ((count = word; count > 0; count -= 1)); do
        hear
        set -- "$@" "$word"
      done
      ;;
    variable) hear && export "${word?}" ;;
    run)
      hear
      "$word" "$@" {line}>&-
      printf '%s\0' "$?" >&"$line"
      ;;
    end) hear && exit "$word" ;;
    *) exit 125 ;;
  esac
done
