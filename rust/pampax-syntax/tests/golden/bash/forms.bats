#!/usr/bin/env bats
# Written for this project: the forms of a Bats test.

load test_helper

setup() {
  export ROOT="$BATS_TMPDIR"
}

# bats test_tags=fast
@test "double quotes" {
  run true
  local code=$status
  [ "$code" -eq 0 ]
}

@test 'single quotes' {
  if run false; then
    fail
  fi
}

@test bare_word {
  { true; }
  f() { :; }
}

teardown() {
  rm -rf "$ROOT"
}
