# Runs after installation ($1 is 1) and after an upgrade ($1 is 2).
systemd-sysusers event-manager.conf
[ -d /run/systemd/system ] || exit 0
systemctl daemon-reload

if [ "$1" -eq 1 ]; then
    systemctl --no-reload preset event-manager.service
elif EVENT_MANAGER_CONFIG=/etc/event-manager/config.toml event-manager config check; then
    systemctl try-restart event-manager.service
else
    # A running event is not taken down by a configuration that the new version would refuse.
    echo "event-manager: not restarted, the version started before goes on." >&2
    echo "Correct /etc/event-manager/config.toml, then: systemctl restart event-manager" >&2
fi
