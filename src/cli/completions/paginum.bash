# Completion of paginum's arguments for bash: asks the program itself.
_paginum() {
    local words=() n=0 word is_glued= glue=
    # bash splits words at = and :, which are parts of arguments here; they are put together again.
    for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        # Quotes are the shell's.
        word=${word//[\\\"\']/}
        is_glued=
        if ((n > 0)) && [[ $word == [=:] || -n $glue ]]; then
            words[n - 1]+=$word
            is_glued=yes
        else
            words[n]=$word
            n=$((n + 1))
        fi
        glue=
        [[ $word == [=:] ]] && glue=yes
    done
    local current=${words[n - 1]} prefix= line
    # Only what is behind the last = or : is replaced.
    [[ -n $is_glued ]] && prefix=${current%"${current##*[=:]}"}
    COMPREPLY=()
    while IFS= read -r line; do
        line=${line%%$'\t'*}
        [[ $line == *[=:] ]] && compopt -o nospace 2>/dev/null
        printf -v line %q "${line#"$prefix"}"
        COMPREPLY+=("$line")
    done < <(paginum complete -- "${words[@]}" 2>/dev/null)
}
complete -o bashdefault -o default -F _paginum paginum
