# Runs after removal. The data in /var/lib/event-manager and the user that owns it stay.
[ ! -d /run/systemd/system ] || systemctl daemon-reload
