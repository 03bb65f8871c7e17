#!/bin/sh
# Kills the command, or fails one of its calls, at every write, fsync, rename, truncate, unlink, lock and link of every verb
# that writes, lets every open fail for want of a descriptor, and looks at what is left: the old file or the new one, at
# once and after the next edit. Needs strace.
set -eu
cd "$(dirname "$0")/../.."
command -v strace >/dev/null || { echo "crash: strace is not installed" >&2; exit 1; }
cargo build --quiet
paginum=${PAGINUM:-target/debug/paginum}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
points=0

# Arrays that do not compress, so that there are writes to interrupt, and small ones.
head -c 1500000 /dev/urandom > "$folder/noise.bin"
head -c 900000 /dev/urandom > "$folder/more.bin"
head -c 8000 /dev/urandom > "$folder/small.bin"
cp "$folder/noise.bin" "$folder/noise2.bin"
cp "$folder/small.bin" "$folder/small2.bin"
"$paginum" pack "$folder/noise.bin" "$folder/small.bin" --dtype f8 --filter none --compat native -o "$folder/base.pv" >/dev/null

same() { "$paginum" diff "$1" "$2" >/dev/null 2>&1; }

# check NAME STAGED: the survivor is old or new, and takes an append.
check() {
    if [ ! -e "$folder/old.pv" ] && [ ! -e "$folder/file.pv" ]; then return; fi
    if ! { [ -e "$folder/old.pv" ] && same "$folder/file.pv" "$folder/old.pv"; } && ! same "$folder/file.pv" "$folder/new.pv"; then
        echo "crash: $1: neither the old file nor the new one" >&2
        exit 1
    fi
    "$paginum" append "$folder/file.pv" "$folder/next.npy" >/dev/null 2>"$folder/message" || {
        echo "crash: $1: the next append failed:" >&2; cat "$folder/message" >&2; exit 1
    }
    "$paginum" verify "$folder/file.pv" >/dev/null 2>"$folder/message" || {
        echo "crash: $1: verify after the next append:" >&2; cat "$folder/message" >&2; exit 1
    }
}

# run NAME COMMAND...: the command changes $folder/file.pv; old.pv is absent where there is no old file.
run() {
    name=$1
    shift
    rm -f "$folder/file.pv"
    [ -e "$folder/old.pv" ] && cp "$folder/old.pv" "$folder/file.pv"
    "$@" >/dev/null
    mv "$folder/file.pv" "$folder/new.pv"
    # The lock beside the file is made (openat), locked (flock) and linked to its name (linkat); then its first name goes
    # (unlink): kills at the last two are those after it was made and after it was linked.
    for call in pwrite64 fsync rename ftruncate unlink flock linkat openat; do
        faults="signal=SIGKILL error=ENOSPC error=EIO error=EINTR"
        [ "$call" = openat ] && faults="error=EMFILE"
        for fault in $faults; do
            n=1
            while :; do
                rm -f "$folder"/.file.pv.* "$folder"/file.pv*
                [ -e "$folder/old.pv" ] && cp "$folder/old.pv" "$folder/file.pv"
                strace -f -qq -o "$folder/trace" -e "trace=$call" -e "inject=$call:$fault:when=$n" "$@" >/dev/null 2>&1 || true
                grep -q -e INJECTED -e SIGKILL "$folder/trace" || break
                check "$name $call $fault $n"
                points=$((points + 1))
                n=$((n + 1))
            done
        done
    done
    echo "$name: $points points so far"
}

"$paginum" cat "$folder/base.pv" small -o "$folder/next.npy" >/dev/null 2>&1
rm -f "$folder/old.pv"
run "pack" "$paginum" pack "$folder/noise.bin" "$folder/small.bin" --dtype f8 --filter none -o "$folder/file.pv"
cp "$folder/base.pv" "$folder/old.pv"
run "pack over a file" "$paginum" pack --force "$folder/more.bin" --dtype f8 --filter none -o "$folder/file.pv"
run "append" "$paginum" append "$folder/file.pv" "$folder/more.bin" --dtype f8 --filter none
run "append --stage" "$paginum" append --stage "$folder/file.pv" "$folder/more.bin" --dtype f8 --filter none
run "append --replace" "$paginum" append --replace "$folder/file.pv" "$folder/small.bin" --dtype f4 --filter none
run "rm" "$paginum" rm "$folder/file.pv" small
run "rm --stage" "$paginum" rm --stage "$folder/file.pv" small
run "append three" "$paginum" append "$folder/file.pv" "$folder/more.bin" "$folder/noise2.bin" "$folder/small2.bin" --dtype f8 --compat native --filter numeric
run "rm two" "$paginum" rm "$folder/file.pv" small noise
run "rm two --stage" "$paginum" rm --stage "$folder/file.pv" small noise
"$paginum" rm "$folder/old.pv" small >/dev/null
run "append to an edited file" "$paginum" append "$folder/file.pv" "$folder/more.bin" --dtype f8 --filter shuffle
run "compact" "$paginum" compact "$folder/file.pv"
run "convert" "$paginum" convert --force "$folder/base.pv" "$folder/file.pv"
run "pack with numeric" "$paginum" pack --force "$folder/more.bin" "$folder/small.bin" --dtype f8 --compat native --filter numeric -o "$folder/file.pv"
echo "$points kill points and faults"
[ "$points" -ge 500 ] || { echo "crash: fewer than 500 points" >&2; exit 1; }
