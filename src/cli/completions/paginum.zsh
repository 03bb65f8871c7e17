#compdef paginum
# Completion of paginum's arguments for zsh: asks the program itself.
_paginum() {
    local line value about
    local -a lines whole open
    # (Q) takes the shell's quotes off.
    lines=("${(@f)$(paginum complete -- "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ -z ${lines[1]} ]]; then
        _files
        return
    fi
    for line in $lines; do
        value=${line%%$'\t'*}
        about=
        [[ $line == *$'\t'* ]] && about=${line#*$'\t'}
        if [[ $value == *[=:] ]]; then
            open+=("${value//:/\\:}:$about")
        else
            whole+=("${value//:/\\:}:$about")
        fi
    done
    (($#whole)) && _describe 'argument' whole
    (($#open)) && _describe 'argument' open -S ''
    return 0
}
if [[ ${funcstack[1]} == _paginum ]]; then
    _paginum "$@"
else
    compdef _paginum paginum
fi
