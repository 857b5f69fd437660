# project_files: every text file of the project, a path a line, in order. Build folders and what git ignores are not.
project_files() {
  if [[ -e .git ]] && command -v git >/dev/null && git rev-parse --git-dir >/dev/null 2>&1; then
    git ls-files --cached --others --exclude-standard
  else
    find . \( -name .git -o -name build -o -name install -o -name node_modules -o -name .cache \) -prune \
      -o -type f -printf '%P\n'
  fi | LC_ALL=C sort -u | while IFS= read -r file; do
    if [[ -f $file ]]; then printf '%s\n' "$file"; fi
  done
}

cpp_files() { project_files | grep -E '\.(hpp|cpp)$' || true; }
