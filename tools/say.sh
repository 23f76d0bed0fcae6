# shellcheck shell=bash
# What every part of set-up says, in both languages, and how it shows that something long is moving.
# Sourced by tools/setup-*; does nothing by itself.

say() { # ZH EN
    printf '  %s\n  %s\n' "$1" "$2"
}

fail() { # ZH EN
    printf '\n✗ %s\n✗ %s\n' "$1" "$2" >&2
    exit 1
}

sha256() { # of standard input, as hexadecimal digits
    if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

# One set-up at a time. The kernel drops the lock with the last process that holds it, so a killed
# run leaves nothing to clean up. Python, because flock(1) is not on every machine.
hold_lock() { # FILE PYTHON ZH EN
    mkdir -p "$(dirname "$1")"
    exec 9>>"$1"
    if ! "$2" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX | fcntl.LOCK_NB)' 2>/dev/null; then
        say "$3" "$4"
        "$2" -c 'import fcntl; fcntl.flock(9, fcntl.LOCK_EX)'
    fi
}

# Runs a command with its output in a log; every few seconds says how far it is.
# The count is the number of log lines that match PATTERN; TOTAL may be empty.
with_progress() { # LOG PATTERN TOTAL ZH EN COMMAND...
    local log=$1 pattern=$2 total=$3 zh=$4 en=$5 started=$SECONDS next=10 child status=0 count
    shift 5
    # Its own process group, so that an interruption ends its children too (a compiler starts many).
    set -m
    "$@" >"$log" 2>&1 </dev/null &
    child=$!
    set +m
    # shellcheck disable=SC2064 # the child's id of now is meant
    trap "kill -- -$child 2>/dev/null; exit 130" INT TERM
    while kill -0 "$child" 2>/dev/null; do
        sleep 0.5
        if ((SECONDS - started >= next)); then
            next=$((next + 15))
            count=$(grep -cE "$pattern" "$log" || true)
            printf '    … %d s  %s / %s: %s\n' "$((SECONDS - started))" "$zh" "$en" "$count${total:+ / $total}"
        fi
    done
    wait "$child" || status=$?
    trap - INT TERM
    return "$status"
}

# The end of a log and the likeliest reason, then the end of set-up.
explain_and_fail() { # LOG ZH EN
    printf '\n' >&2
    tail -n 15 "$1" | sed 's/^/    | /' >&2
    if grep -qiE 'no space left|disk quota' "$1"; then
        fail "$2:磁盘空间不足(至少需要 4 GB)。完整日志:$1" "$3: the disk is full (4 GB are needed). Full log: $1"
    elif grep -qiE 'could not resolve|name resolution|no such host|connection (refused|timed out|reset)|network is unreachable|i/o timeout|TLS handshake|ProxyError|NewConnectionError|No matching distribution' "$1"; then
        fail "$2:连接不上软件源,请检查网络、代理或内网镜像设置。完整日志:$1" \
            "$3: the package source cannot be reached; check the network, the proxy or your mirror's settings. Full log: $1"
    fi
    fail "$2。完整日志:$1" "$3. Full log: $1"
}
