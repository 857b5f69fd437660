# need <group…>: makes sure that the packages of these groups in .ci/packages are here; installs them with apt.

# packages_of <group…>: one need a line, `group|optional?|alternatives|command`.
packages_of() {
  awk -v wanted=" $* " '
    { sub(/#.*/, ""); gsub(/^[ \t]+|[ \t]+$/, "") }
    /^\[/ { gsub(/[][]/, ""); group = $1; optional = ($2 == "optional") ? "optional" : ""; next }
    $0 != "" && index(wanted, " " group " ") {
      command = ""
      if (split($0, half, / *: */) == 2) { $0 = half[1]; command = half[2] }
      gsub(/ *\| */, " ")
      print group "|" optional "|" $0 "|" command
    }' .ci/packages
}

# Every installed package, a name a line.
installed_packages() { dpkg-query -W -f='${db:Status-Status} ${Package}\n' | awk '$1 == "installed" { print $2 }'; }

# offered <package>: apt could install it.
offered() {
  local answer
  answer=$(LC_ALL=C apt-cache policy "$1" 2>/dev/null)
  [[ $answer == *"  Candidate: "[^\(]* ]]
}

# missing_of <group…>: the needs that are not met, as packages_of prints them. Asks apt only where the preferred
# package is absent and a later alternative is there.
missing_of() {
  local line alternatives command name first installed
  installed=" $(installed_packages | tr '\n' ' ')"
  while IFS= read -r line; do
    IFS='|' read -r _ _ alternatives command <<<"$line"
    if [[ $command ]] && command -v "$command" >/dev/null; then continue; fi
    first=yes
    for name in $alternatives; do
      if [[ $installed == *" $name "* ]]; then continue 2; fi
      # The preferred package is to be had: the older one does not do.
      if [[ $first ]] && offered "$name"; then break; fi
      first=
    done
    printf '%s\n' "$line"
  done < <(packages_of "$@")
}

# choose <optional?> <alternatives…>: prints the first that apt offers; nothing for an optional need without one.
choose() {
  local optional=$1 name
  shift
  for name; do
    if offered "$name"; then printf '%s\n' "$name"; return 0; fi
  done
  if [[ $optional ]]; then
    say "dev: none of these is offered here, going on without: $*"
  else
    say "dev: apt offers none of these packages, which are needed: $*"
    return 1
  fi
}

# as_root <command…>: shows the command, then runs it.
as_root() {
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      say "dev: packages are missing, and this is neither root nor has it sudo. Run as root: $*"
      exit 1
    fi
    set -- sudo "$@"
  fi
  say "+ $*"
  "$@"
}

need() {
  local missing=() wanted=() line optional alternatives name
  if [[ ${TROUPE_PACKAGES:-} == skip ]]; then return 0; fi
  if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    say "dev: this system has no apt. Install what these Debian packages hold, then set TROUPE_PACKAGES=skip:"
    packages_of "$@" | awk -F'|' '{ gsub(/ /, " or ", $3); print "  " $3 }' >&2
    exit 1
  fi
  mapfile -t missing < <(missing_of "$@")
  ((${#missing[@]})) || return 0
  drop_known_absent
  ((${#missing[@]})) || return 0

  say "dev: packages are missing for: $*"
  as_root apt-get update -qq || say "dev: apt-get update failed in part; going on with the lists that are there"
  for line in "${missing[@]}"; do
    IFS='|' read -r _ optional alternatives _ <<<"$line"
    # shellcheck disable=SC2086
    name=$(choose "$optional" $alternatives) || exit 1
    if [[ $name ]]; then wanted+=("$name"); else remember_absent "$alternatives"; fi
  done
  ((${#wanted[@]})) || return 0
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends --no-remove "${wanted[@]}"
}

# An optional need that apt did not offer is not asked for again until ./dev clean.
readonly absent_list=build/packages-not-offered

remember_absent() {
  mkdir -p build
  printf '%s\n' "$1" >>"$absent_list"
}

drop_known_absent() {
  local line alternatives kept=()
  [[ -f $absent_list ]] || return 0
  for line in "${missing[@]}"; do
    IFS='|' read -r _ _ alternatives _ <<<"$line"
    grep -qxF -- "$alternatives" "$absent_list" || kept+=("$line")
  done
  missing=("${kept[@]+"${kept[@]}"}")
}
