#!/bin/sh
# Changes one operator, return value or branch at a time in the code that keeps data safe, area by area, and runs the tests
# that are about it:
#
#     run.sh [AREA...]
#
# All areas if none is named. What no test noticed is in target/mutants/AREA/mutants.out/missed.txt; docs/TESTING.md says which
# of it changes nothing that can be seen. SHARD=0/8 takes the first eighth of each area, and TIMEOUT is for the tests of one
# change, in seconds.
set -eu
cd "$(dirname "$0")/../.."
cargo=${CARGO:-cargo}
folder=$PWD/target/mutants
wanted=" ${*:-index layout storage versions edit numeric page} "
status=0
features=
# The copies that cargo-mutants makes of the tree share what they depend on.
export CARGO_TARGET_DIR="$folder/build"
set -f

# pass AREA 'FILES' PACKAGE TEST ARGUMENTS...: files are globs, the arguments are those of `cargo test`. A later pass over an
# area tries what the one before it did not notice. `features` are those that the files need beyond the usual ones.
pass() {
    area=$1 files=$2 package=$3
    shift 3
    case $wanted in *" $area "*) ;; *) return 0 ;; esac
    globs=
    for glob in $files; do globs="$globs --file $glob"; done
    mkdir -p "$folder/$area"
    # shellcheck disable=SC2086 # several words each
    "$cargo" mutants --workspace --test-package "$package" ${features:+--features $features} --profile mutants --no-shuffle --jobs 1 \
        --timeout "${TIMEOUT:-120}" ${SHARD:+--shard $SHARD} --iterate --output "$folder/$area" $globs -- "$@" || status=$?
}

versions="src/container/pv/lock.rs src/container/pv/seal.rs src/container/pv/recover.rs src/container/pv/repair.rs"
storage='src/storage/**/*.rs'
edit='src/container/pv/edit/**/*.rs'
numeric='src/filter/numeric/**/*.rs'
layout='wrapped/src/layout/**/*.rs wrapped/src/model.rs'
page='wrapped/src/page/**/*.rs'

pass index wrapped/src/index.rs paginum-wrapped --lib --test engine --test hostile -- index rows
pass layout "$layout" paginum-wrapped --lib
pass layout "$layout" paginum-wrapped --test hostile -- metadata bombs verdict
pass layout "$layout" paginum-wrapped --test engine -- official old_versions choices differential
features=paginum/cloud,paginum/ftp
pass storage "$storage" paginum --lib -- storage:: container::pv::lock container::pv::edit
pass storage "$storage" paginum --test storage --test stores
pass storage src/storage/stream.rs paginum --test cli -- streams
features=
pass versions "$versions" paginum --lib -- container::pv
pass versions "$versions" paginum --test pv_repair --test pv_edit --test pv_changed
pass edit "$edit" paginum --lib -- container::pv
pass edit "$edit" paginum --test pv_edit
pass numeric "$numeric" paginum --lib -- filter::numeric
pass numeric "$numeric" paginum --test filters --test pv_rows
pass page "$page" paginum-wrapped --lib
pass page "$page" paginum-wrapped --test engine -- partial rows indexed differential
pass page "$page" paginum-wrapped --test hostile -- damage
exit $status
