# Completion of paginum's arguments for fish: asks the program itself.
function __paginum_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l lines (paginum complete -- $words[2..-1] "$current" 2>/dev/null)
    if test (count $lines) -gt 0
        printf '%s\n' $lines
    else
        __fish_complete_path "$current"
    end
end
complete -c paginum -f -a '(__paginum_complete)'
