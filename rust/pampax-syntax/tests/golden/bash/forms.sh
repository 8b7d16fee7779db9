#!/usr/bin/env bash
# Written for this project: the forms of a Bash definition that the other fixtures lack.

source ./lib.sh
. "$DIR/common.sh"

export PATH_A=1 PATH_B=2
readonly LIMIT=3
declare -r NAME="forms"
declare -a LIST=(a b)
counter=5
: "${FALLBACK:=x}"

# Says hello.
hello() {
  local who=$1
  result=2
  greet "$who"
}

function bare { hello "$1"; }

function both() {
  bare
}

subshell() ( cd /tmp || exit; )

name::spaced() { :; }

if true; then
  conditional() { run hello --x; }
fi
