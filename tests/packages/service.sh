# The installed service, run as its unit would run it. Sourced by tests/packages/deb and tests/packages/rpm, whose `fail`
# it calls and whose `server` it sets while the service runs.

data=/var/lib/event-manager
unit=/usr/lib/systemd/system/event-manager.service

# The values of a key of the unit, without systemd to read them.
unit_value() {
    sed -n "s/^$1=//p" "$root$unit"
}

# expect_service ROOT: in the system at this root it starts, answers, keeps its data to itself, and ends in order.
expect_service() {
    local root=${1%/} account log
    account=$(unit_value User)
    log=$(mktemp)
    chroot "$1" install --directory --owner "$account" --group "$account" --mode "$(unit_value StateDirectoryMode)" "$data"

    # shellcheck disable=SC2046 # the unit's words are meant to be split
    (
        umask "$(unit_value UMask)"
        exec chroot "$1" env --ignore-environment --chdir "$(unit_value WorkingDirectory)" $(unit_value Environment) \
            setpriv --reuid "$account" --regid "$account" --clear-groups --no-new-privs --bounding-set=-all \
            $(unit_value ExecStart)
    ) >"$log" 2>&1 &
    server=$!

    local attempt
    for attempt in {1..100}; do
        ! chroot "$1" event-manager healthcheck >/dev/null 2>&1 || break
        kill -0 "$server" 2>/dev/null || fail "the service ended: $(<"$log")"
        ((attempt < 100)) || fail "the service was never ready: $(<"$log")"
        sleep 0.1
    done

    kill -TERM "$server"
    wait "$server" || fail "the service ended with $? after SIGTERM: $(<"$log")"
    server=
    [[ $(chroot "$1" stat --format '%U %a' "$data") == "$account 700" ]] || fail "$data is open to others"
    [[ -n $(ls -A "$root$data") ]] || fail "the service stored nothing in $data"
    [[ -z $(chroot "$1" find "$data" -not -user "$account") ]] || fail "$data holds files of another user"
    rm -f "$log"
}
