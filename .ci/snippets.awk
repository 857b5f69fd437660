# Prints a page with each marked fence replaced by what it names. A mark that cannot be followed is a complaint on
# standard error, `page:line: sentence`, and ends with 1.
#
# The mark is the line before the fence: <!-- from: <file> --> or <!-- from: <file> [region] -->. A region lies between
# the lines `// [region]` and `// [/region]` (or `#` for `//`), and loses the indentation of its first line.

function complain(sentence) {
  print FILENAME ":" FNR ": " sentence > "/dev/stderr"
  failed = 1
}

# Prints the file or its region; says whether there was any.
function show(file, region,    line, inside, count, indent) {
  inside = (region == "")
  indent = -1
  while ((getline line < file) > 0) {
    if (region != "" && line ~ "^ *(//|#) \\[/" region "\\]$") inside = 0
    else if (region != "" && line ~ "^ *(//|#) \\[" region "\\]$") inside = 1
    else if (inside) {
      if (indent < 0) { match(line, /^ */); indent = (region == "") ? 0 : RLENGTH }
      print (substr(line, 1, indent) ~ /^ *$/) ? substr(line, indent + 1) : line
      count++
    }
  }
  close(file)
  return count > 0
}

/^<!-- from: .* -->$/ {
  print
  file = $3
  region = ($4 ~ /^\[.*\]$/) ? substr($4, 2, length($4) - 2) : ""
  marked = 1
  next
}

marked && /^```/ {
  print
  marked = 0
  skipping = 1
  if (!show(file, region)) complain("there is no " (region == "" ? file : "[" region "] in " file))
  next
}

marked { complain("a `from` mark is followed by a fence"); marked = 0 }
skipping && /^```/ { skipping = 0 }
!skipping { print }

END { exit failed }
