# shellcheck shell=bash
# Part of tools/image/verify: runs an image as the image says, without a container engine.

declare -A roots=()

unpack() { # image
  local container
  container=$("${image[@]}" from --pull-never "localhost/$1")
  roots[$1]=$("${image[@]}" mount "$container")
  mkdir -p "${roots[$1]}"/{proc,dev,keys,tmp}
}

# Exits with what the program exits with. Its own mounts and process numbers; the network is this machine's.
run_contained() { # image, folder for /keys, settings..., --, arguments
  local name=$1 keys=$2 settings=() entry=() config i
  shift 2
  while [[ $1 != -- ]]; do settings+=("$1") && shift; done
  shift
  mapfile -t config < <("${image[@]}" inspect --type image "localhost/$name" | node -e '
    const { config } = JSON.parse(require("fs").readFileSync(0)).Docker;
    console.log([config.WorkingDir, config.User, ...config.Entrypoint, "--", ...config.Env].join("\n"));')
  for ((i = 2; i < ${#config[@]}; i++)); do
    [[ ${config[i]} != -- ]] || break
    entry+=("${config[i]}")
  done
  # The image's environment and the given one, and nothing of this machine's.
  unshare --mount --pid --fork --kill-child env -i "${config[@]:i+1}" "${settings[@]}" /bin/bash -c '
    set -e
    PATH=/usr/bin:/bin:/usr/sbin:/sbin:$PATH
    root=$1 keys=$2 folder=$3 user=${4%:*} group=${4#*:} && shift 4
    mount --bind "$root" "$root"
    mount -o remount,bind,ro "$root"
    mount -t proc -o nosuid,nodev,noexec proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount -t tmpfs -o mode=1777,nosuid,nodev tmpfs "$root/tmp"
    [[ ! -d $root/data ]] || mount -t tmpfs -o "mode=700,uid=$user,gid=$group,nosuid,nodev" tmpfs "$root/data"
    mount --bind "$keys" "$root/keys"
    mount -o remount,bind,ro "$root/keys"
    exec setpriv --no-new-privs --clear-groups --inh-caps=-all --bounding-set=-all,+sys_chroot,+setuid,+setgid \
      unshare --root="$root" --wd="$folder" --setgid="$group" --setuid="$user" -- "$@"' \
    contained "${roots[$name]}" "$keys" "${config[0]}" "${config[1]}" "${entry[@]}" "$@" </dev/null
}

first_process() { # process id of run_contained in the background: the contained program, number 1 inside
  local child=$1
  while child=$(pgrep -P "$child" | head -n 1) && [[ -n $child ]]; do
    [[ $(readlink "/proc/$child/ns/pid") == "$(readlink /proc/self/ns/pid)" ]] || { echo "$child" && return; }
  done
  return 1
}

within() { # seconds, command: succeeds as soon as the command does
  local i
  for ((i = 0; i < $1 * 5; i++)); do
    "${@:2}" >/dev/null 2>&1 && return
    sleep 0.2
  done
  return 1
}

answers() { curl -sf --max-time 5 -o /dev/null "$1"; }
