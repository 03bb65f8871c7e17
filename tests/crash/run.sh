#!/bin/sh
# Kills the command, or fails one of its calls, at every write, fsync, rename, truncate, unlink, lock and link of every verb
# that writes, lets every open fail for want of a descriptor, and looks at what is left: the old file or the new one, at
# once and after the next edit. The same of a file that gzip compressed, which an edit writes back. Needs strace.
set -eu
cd "$(dirname "$0")/../.."
command -v strace >/dev/null || { echo "crash: strace is not installed" >&2; exit 1; }
cargo build --quiet
paginum=${PAGINUM:-target/debug/paginum}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
points=0
# What is changed: its name decides whether gzip compresses it. The copies beside it are read by what they hold.
file=file.pv
# Calls that change something or may fail. Files that are written by position are not written by `write`.
calls="pwrite64 fsync rename ftruncate unlink flock linkat openat"

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
    if [ ! -e "$folder/old" ] && [ ! -e "$folder/$file" ]; then return; fi
    if ! { [ -e "$folder/old" ] && same "$folder/$file" "$folder/old"; } && ! same "$folder/$file" "$folder/new"; then
        echo "crash: $1: neither the old file nor the new one" >&2
        exit 1
    fi
    "$paginum" append "$folder/$file" "$folder/next.npy" >/dev/null 2>"$folder/message" || {
        echo "crash: $1: the next append failed:" >&2; cat "$folder/message" >&2; exit 1
    }
    "$paginum" verify "$folder/$file" >/dev/null 2>"$folder/message" || {
        echo "crash: $1: verify after the next append:" >&2; cat "$folder/message" >&2; exit 1
    }
}

# run NAME COMMAND...: the command changes $folder/$file; old.pv is absent where there is no old file.
run() {
    name=$1
    shift
    rm -f "$folder/$file"
    [ -e "$folder/old" ] && cp "$folder/old" "$folder/$file"
    "$@" >/dev/null
    mv "$folder/$file" "$folder/new"
    # The lock beside the file is made (openat), locked (flock) and linked to its name (linkat); then its first name goes
    # (unlink): kills at the last two are those after it was made and after it was linked.
    for call in $calls rename ftruncate unlink flock linkat openat; do
        faults="signal=SIGKILL error=ENOSPC error=EIO error=EINTR"
        [ "$call" = openat ] && faults="error=EMFILE"
        for fault in $faults; do
            n=1
            while :; do
                rm -f "$folder"/.$file.* "$folder"/$file*
                [ -e "$folder/old" ] && cp "$folder/old" "$folder/$file"
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
rm -f "$folder/old"
run "pack" "$paginum" pack "$folder/noise.bin" "$folder/small.bin" --dtype f8 --filter none -o "$folder/$file"
cp "$folder/base.pv" "$folder/old"
run "pack over a file" "$paginum" pack --force "$folder/more.bin" --dtype f8 --filter none -o "$folder/$file"
run "append" "$paginum" append "$folder/$file" "$folder/more.bin" --dtype f8 --filter none
run "append --stage" "$paginum" append --stage "$folder/$file" "$folder/more.bin" --dtype f8 --filter none
run "append --replace" "$paginum" append --replace "$folder/$file" "$folder/small.bin" --dtype f4 --filter none
run "rm" "$paginum" rm "$folder/$file" small
run "rm --stage" "$paginum" rm --stage "$folder/$file" small
run "append three" "$paginum" append "$folder/$file" "$folder/more.bin" "$folder/noise2.bin" "$folder/small2.bin" --dtype f8 --compat native --filter numeric
run "rm two" "$paginum" rm "$folder/$file" small noise
run "rm two --stage" "$paginum" rm --stage "$folder/$file" small noise
"$paginum" rm "$folder/old" small >/dev/null
run "append to an edited file" "$paginum" append "$folder/$file" "$folder/more.bin" --dtype f8 --filter shuffle
run "compact" "$paginum" compact "$folder/$file"
run "convert" "$paginum" convert --force "$folder/base.pv" "$folder/$file"
run "pack with numeric" "$paginum" pack --force "$folder/more.bin" "$folder/small.bin" --dtype f8 --compat native --filter numeric -o "$folder/$file"
# What gzip compressed is written back whole: by an edit, and where one file becomes another. Small files: each piece of what is
# compressed is a point.
file=file.pv.gz
calls="write $calls"
head -c 100000 /dev/urandom > "$folder/third.bin"
"$paginum" pack "$folder/small.bin" "$folder/third.bin" --dtype f4 --filter none -o "$folder/base.pv.gz" >/dev/null
cp "$folder/base.pv.gz" "$folder/old"
run "append to .gz" "$paginum" append "$folder/$file" "$folder/small2.bin" --dtype f4 --filter none
run "append --replace to .gz" "$paginum" append --replace "$folder/$file" "$folder/small.bin" --dtype f8 --filter none
run "rm from .gz" "$paginum" rm "$folder/$file" small
run "compact .gz" "$paginum" compact "$folder/$file"
run "pack over a .gz" "$paginum" pack --force "$folder/third.bin" --dtype f8 --filter none -o "$folder/$file"
rm "$folder/old"
run "pack to .gz" "$paginum" pack "$folder/third.bin" --dtype f8 --filter none -o "$folder/$file"
echo "$points kill points and faults"
[ "$points" -ge 500 ] || { echo "crash: fewer than 500 points" >&2; exit 1; }
