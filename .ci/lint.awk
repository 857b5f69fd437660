# Reads C++ files and prints `path:line: [rule] sentence` for each rule of the house that a line breaks.

function report(line, rule, sentence) { print path ":" line ": [" rule "] " sentence }

function in_folder(folder) { return index(path, folder "/") == 1 }

function start_file() {
  path = FILENAME
  sub(/^\.\//, "", path)
  room = path
  sub(/\/.*/, "", room)
  is_room = (room == "core" || room == "supervision" || room == "sharding")
  is_public = is_room && path ~ /^[a-z]+\/(testing\/)?include\//
  is_test = (room == "tests")
  is_header = (path ~ /\.hpp$/)
  depth = 0; block_depth = 0; statement = ""; raw_end = ""; in_comment = 0; continued = 0
  if (is_header && $0 !~ /^\/\/ [^ ].............*/)
    report(1, "first_line", "a header starts with a `//` comment: one sentence that says what it gives")
}

function finish_file(    budget) {
  if (path == "") return
  budget = is_test ? 400 : is_header ? 150 : 300
  if (lines > 500) report(lines, "hard_limit", "a file has at most 500 lines: this is two files")
  else if (lines > budget) report(lines, "file_budget", "a file of this kind has at most " budget " lines")
}

FNR == 1 { finish_file(); start_file() }

{ lines = FNR }

/^[ \t]*#[ \t]*include/ { check_include() }

is_test && !/^ *\/\// && /sleep_for|sleep_until|usleep *\(|nanosleep *\(/ && !in_folder("tests/cluster") && \
    !in_folder("tests/bench") {
  report(FNR, "sleep", "tests do not sleep: pass the time in, or wait for what happens with a deadline")
}

{ measure($0) }

END { finish_file() }

function check_include(    name, quoted) {
  name = $0
  sub(/^[ \t]*#[ \t]*include[ \t]*/, "", name)
  quoted = (name ~ /^"/)
  name = substr(name, 2)
  sub(/[">].*/, "", name)

  if (name ~ /^caf\// && !in_folder("core/src/runtime") && !in_folder("tests/bench") && \
      path !~ /^(core\/(include\/troupe|src)|tests)\/bridge\// && path != "tests/consumer/bridge.cpp")
    report(FNR, "caf", "the actor framework is included in core/src/runtime and in the bridge to it only")
  if (name ~ /^boost\/(asio|beast)(\/|\.)/ && !in_folder("core/src/net") && !in_folder("examples") && !is_test)
    report(FNR, "asio", "Asio and Beast are included in core/src/net and examples only")
  if (name ~ /^toml/ && path != "core/src/config.cpp")
    report(FNR, "toml", "toml++ is included in core/src/config.cpp only")
  if (name ~ /^(spdlog|fmt)\// && path != "core/src/log.cpp")
    report(FNR, "spdlog", "spdlog is included in core/src/log.cpp only")
  if (is_public) check_public_include(name, quoted)
  if (is_room) check_arrow(name)
  if (!is_test && name ~ /(^|\/)(tests|support|gtest|gmock)\//)
    report(FNR, "tests", "nothing outside tests/ includes what is there, nor the test framework")
}

function check_public_include(name, quoted) {
  if (quoted) report(FNR, "private", "a public header includes public headers, as <troupe/…>, not \"" name "\"")
  if (name ~ /^(sqlite3|xxhash|benchmark|CLI|openssl|zlib)/)
    report(FNR, "public", "a public header includes the standard library and ours, not " name)
  if (name ~ /^boost\// && name !~ /^boost\/pfr/)
    report(FNR, "public", "a public header includes nothing of Boost but PFR, not " name)
  if (name ~ /^boost\/pfr/ && path != "core/include/troupe/core/fields.hpp")
    report(FNR, "public", "Boost.PFR is included in core/include/troupe/core/fields.hpp only")
}

function check_arrow(name) {
  if (name ~ /\.\.\//)
    report(FNR, "arrow", "a room includes by its include path, not with ../")
  if (room == "core" && name ~ /^troupe\/(supervision|sharding|troupe)[\/.]/)
    report(FNR, "arrow", "core knows nothing of the rooms above it: core <- supervision <- sharding")
  if (room == "supervision" && name ~ /^troupe\/(sharding|troupe)[\/.]/)
    report(FNR, "arrow", "supervision knows nothing of sharding: core <- supervision <- sharding")
}

# Follows the braces of laid-out code: a block that is neither a namespace nor a type is a function.
function measure(text,    rest, at, c) {
  if (!in_comment && raw_end == "" && (continued || text ~ /^[ \t]*#/)) {
    continued = (text ~ /\\$/)
    return
  }
  rest = text
  while (rest != "") {
    if (in_comment) { if (!(at = index(rest, "*/"))) return; rest = substr(rest, at + 2); in_comment = 0; continue }
    if (raw_end != "") {
      if (!(at = index(rest, raw_end))) return
      rest = substr(rest, at + length(raw_end)); raw_end = ""
      continue
    }
    if (!match(rest, /["'{};\/]/)) { statement = statement " " rest; return }
    statement = statement substr(rest, 1, RSTART - 1)
    c = substr(rest, RSTART, 1)
    rest = substr(rest, RSTART + 1)
    if (c == "/" && substr(rest, 1, 1) == "/") return
    else if (c == "/" && substr(rest, 1, 1) == "*") { in_comment = 1; rest = substr(rest, 2) }
    else if (c == "\"") rest = after_string(rest)
    else if (c == "'") rest = after_character(rest)
    else if (c == "{") open_brace()
    else if (c == "}") close_brace()
    else if (c == ";") statement = ""
  }
}

function after_string(rest,    at) {
  if (statement ~ /(^|[^A-Za-z0-9_])R$/) {
    at = index(rest, "(")
    raw_end = ")" substr(rest, 1, at - 1) "\""
    return substr(rest, at + 1)
  }
  while (match(rest, /["\\]/)) {
    if (substr(rest, RSTART, 1) == "\"") return substr(rest, RSTART + 1)
    rest = substr(rest, RSTART + 2)
  }
  return ""
}

function after_character(rest,    at) {
  if (statement ~ /[0-9a-fA-F]$/) return rest  # 10'000
  at = (substr(rest, 1, 1) == "\\") ? 3 : 2
  while (at <= length(rest) && substr(rest, at, 1) != "'") at++
  return substr(rest, at + 1)
}

function open_brace(    head) {
  head = statement
  statement = ""
  depth++
  if (block_depth) return
  while (match(head, /template *<[^<>]*(<[^<>]*>[^<>]*)*>/)) head = substr(head, RSTART + RLENGTH)
  gsub(/\[\[[^]]*\]\]/, "", head)
  if (head ~ /^ *((public|private|protected) *: *)*(export |inline |static |typedef |friend |requires .*)*(namespace|class|struct|union|enum|extern)([^A-Za-z0-9_]|$)/)
    return
  block_depth = depth
  block_line = FNR
  is_table = (head ~ /= *$/)
}

function close_brace() {
  if (block_depth && depth == block_depth) {
    block_depth = 0
    if (!is_table && FNR - block_line + 1 > 70)
      report(block_line, "function_length", "a function has at most 70 lines, this one " (FNR - block_line + 1))
  }
  if (depth) depth--
  statement = ""
}
