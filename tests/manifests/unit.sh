#!/bin/bash
# A systemd of its own, with no unit but those in FOLDER: unit.sh FOLDER
#
# One of them is nothing.target, which it starts with.
# It is the manager of a user, root, in namespaces and control groups that end
# with this script: /run, /sys/fs/cgroup and the numbers of processes are its
# own, the rest is what is there.  When it has started, this says "ready", and then
# runs each line of its input: output, and "= STATUS" behind it.  77 and a line
# that says why if the system does not let us.
set -u
folder=${1:?usage: unit.sh FOLDER}
manager=/lib/systemd/systemd

skip() {
	echo "skipped: $1"
	exit 77
}

# The hierarchies that systemd needs: their place, and how to mount them.
hierarchies() {
	local type place options

	while read -r _ place type options _; do
		case $type,$options, in
		cgroup2,*) echo "$place cgroup2 rw" ;;
		cgroup,*,name=systemd,*) echo "$place cgroup none,name=systemd" ;;
		cgroup,*,memory,*) echo "$place cgroup memory" ;;
		cgroup,*,pids,*) echo "$place cgroup pids" ;;
		esac
	done </proc/self/mounts
}

# Where this process is in the hierarchy that is mounted so.
group() {
	case $1 in
	cgroup2)	sed -n 's/^0:://p' /proc/self/cgroup ;;
	*)		sed -n "s/^[0-9]*:${1#none,}://p" /proc/self/cgroup ;;
	esac
}

if [ "${2-}" != inside ]; then
	[ "$(id -u)" = 0 ] || skip "a systemd of our own needs root"
	[ -x $manager ] || skip "systemd is not installed"
	[ ! -d /run/systemd/system ] || skip "systemd runs here itself"
	unshare --mount --pid --fork --uts --cgroup true 2>/dev/null ||
	    skip "no namespaces within this container"
	ours=
	inner=
	# Whoever ends this: what runs inside ends first, then its groups go.
	# shellcheck disable=SC2317 # a trap calls it
	tidy() {
		local dir n

		if [ "$inner" ]; then
			kill -KILL "$inner"
			wait "$inner"
		fi 2>/dev/null
		for dir in $ours; do
			for ((n = 0; n < 100; n++)); do
				find "$dir" -depth -type d -exec rmdir {} \; 2>/dev/null
				[ -d "$dir" ] || break
				sleep 0.02
			done
		done
	}
	trap tidy EXIT
	trap 'exit 1' INT TERM
	while read -r place type options; do
		[ "$type" = cgroup ] && kind=$options || kind=$type
		dir=$place$(group "$kind")/dragoman-unit-$$
		mkdir "$dir" 2>/dev/null || skip "no control group of our own"
		ours="$dir $ours"
		# the next process is there; this one stays, to tidy up
		into="${into-} $dir/cgroup.procs"
	done < <(hierarchies)
	[ "$ours" ] || skip "no control groups are mounted"
	bash -c 'for file in $1; do
		    echo $$ >"$file" && continue
		    echo "skipped: no way into a control group of our own"
		    exit 77
	    done 2>/dev/null
	    exec unshare --mount --pid --fork --kill-child --uts --cgroup \
		--propagation private "$0" "$2" inside' "$0" "$into" "$folder" <&0 &
	inner=$!
	wait $inner
	status=$?
	inner=
	exit $status
fi

list=$(hierarchies)
mount -t proc proc /proc 2>/dev/null || skip "no /proc of our own"
mount -t tmpfs tmpfs /sys/fs/cgroup || skip "no control groups of our own"
while read -r place type options; do
	[ "$place" = /sys/fs/cgroup ] || mkdir -p "$place"
	mount -t "$type" -o "$options" "$type" "$place" ||
	    skip "no control groups of our own"
done <<<"$list"
mount -t tmpfs tmpfs /run || skip "no /run of our own"
# As the first process of a system does: credentials are mounted elsewhere and
# are to be seen here.  Nobody outside has a part in it.
mount --make-rshared /
mkdir -p /run/systemd/system /run/systemd/inaccessible/dir /run/manager/systemd
touch /run/systemd/inaccessible/reg
ln -s "$folder" /run/manager/systemd/user
export XDG_RUNTIME_DIR=/run/manager HOME=/run/home XDG_CONFIG_HOME=/run/state
mkdir $HOME $XDG_CONFIG_HOME
unset DBUS_SESSION_BUS_ADDRESS
$manager --user --unit=nothing.target >/run/manager.log 2>&1 &
for _ in $(seq 500); do
	systemctl --user list-units >/dev/null 2>&1 && break
	sleep 0.02
done
systemctl --user list-units >/dev/null 2>&1 ||
    skip "systemd does not start here: $(tail -1 /run/manager.log)"
echo ready
while IFS= read -r line; do
	eval "$line" 2>&1
	printf "\n= %s\n" $?
done
systemctl --user exit
wait
