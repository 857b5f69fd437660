# Plants one violation of each rule in an empty tree and expects lint to report each, and nothing in a clean one.

# plant <path> <rule> <text>: a file that breaks this rule; what it says is printf's, so \t and \r work.
plant() {
  mkdir -p "$tree/$(dirname "$1")"
  # shellcheck disable=SC2059
  printf "$3" >"$tree/$1"
  planted+=("$1 $2")
}

# lines <count> [text]: the text, that many times.
lines() { awk -v count="$1" -v text="${2:-int x;}" 'BEGIN { while (count--) print text }'; }

plant_includes() {
  local head='// Says what this file gives to others.\n#pragma once\n\n'
  plant core/include/troupe/core/a.hpp caf "$head"'#include <caf/actor.hpp>\n'
  plant core/include/troupe/core/b.hpp asio "$head"'#include <boost/asio.hpp>\n'
  plant core/include/troupe/core/c.hpp public "$head"'#include <boost/pfr.hpp>\n'
  plant core/include/troupe/core/d.hpp private "$head"'#include "cell.hpp"\n'
  plant core/src/e.hpp toml "$head"'#include <toml++/toml.h>\n'
  plant core/src/f.hpp spdlog "$head"'#include <spdlog/spdlog.h>\n'
  plant core/src/g.hpp arrow "$head"'#include <troupe/supervision/strategy.hpp>\n'
  plant supervision/src/h.hpp arrow "$head"'#include <troupe/sharding/ring.hpp>\n'
  plant supervision/src/i.hpp arrow "$head"'#include "../../core/src/runtime/cell.hpp"\n'
  plant examples/j.hpp tests "$head"'#include "support/cluster.hpp"\n'
  plant core/src/bridge.hpp caf "$head"'#include <caf/actor.hpp>\n'
  plant core/src/net/k.hpp caf "$head"'#include <caf/actor.hpp>\n'
  plant core/src/runtime/l.hpp asio "$head"'#include <boost/beast/http.hpp>\n'
}

plant_sizes() {
  local body
  body=$(lines 71 '  x();')
  plant core/src/m.hpp file_budget "// Says what this file gives to others.\n$(lines 150)\n"
  plant examples/n.cpp file_budget "$(lines 301)\n"
  plant tests/core/o_test.cpp file_budget "$(lines 401)\n"
  plant tests/core/p_test.cpp hard_limit "$(lines 501)\n"
  plant examples/q.cpp function_length "namespace a {\n\nvoid f() {\n$body\n}\n\n}  // namespace a\n"
  plant examples/r.cpp function_length "struct a {\n  a() : x{1}, y{2} {\n$body\n  }\n};\n"
  plant examples/s.cpp function_length "template <class T>\nvoid f(T c = '{') {\n$body\n}\n"
}

plant_texts() {
  plant tests/core/t_test.cpp sleep 'void f() { std::this_thread::sleep_for(1s); }\n'
  plant core/src/u.cpp pair 'int x;\n'
  plant core/src/v.hpp first_line '#pragma once\n'
  plant w.md open_end 'TOD''O: more\n'
  plant x.md tab 'a\tb\n'
  plant y.md line_end 'a\r\n'
  plant z.md final_newline 'a'
  plant .ci/lint.allow allow 'pair core/src/none.cpp it went away\n'
}

plant_clean() {
  local body
  body=$(lines 68 '  x();')
  plant core/src/runtime/cell.hpp - '// Says what this file gives to others.\n#include <caf/actor.hpp>\n'
  plant core/include/troupe/bridge/caf.hpp - '// Says what this file gives to others.\n#include <caf/actor.hpp>\n'
  plant core/src/runtime/cell.cpp - "void f() {\n$body\n}\n"
  plant core/include/troupe/core/fields.hpp - '// Says what this file gives to others.\n#include <boost/pfr.hpp>\n'
  plant core/src/config.cpp - '#include <toml++/toml.h>\n'
  plant core/src/odd.cpp - 'const char* t = R"({{{)";\n'
  plant examples/table.cpp - "int t[] = {\n$(lines 80 '    1,  // one')\n};\n"
  plant tests/cluster/a_test.cpp - 'void f() {\n  std::this_thread::sleep_for(1s);\n}\n'
  plant .ci/lint.allow - 'pair core/src/odd.cpp because\npair core/src/config.cpp because\n'
}

self_test() {
  local planted=() tree findings entry path rule failed=0 format_tool
  tree=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$tree'" EXIT

  cp "$here/../.clang-format" "$tree"
  plant_clean
  findings=$(lint "$tree")
  if [[ $findings ]]; then
    echo "a clean tree is not clean:"
    echo "$findings"
    failed=1
  fi
  rm -rf "${tree:?}"/* "${tree:?}"/.ci

  planted=()
  plant_includes
  plant_sizes
  plant_texts
  format_tool=$("$here/format" "$tree" 2>&1 || true)
  if [[ $format_tool != *skipped* ]]; then plant examples/format.cpp format 'int   x ;\n'; fi
  findings=$(lint "$tree")
  for entry in "${planted[@]}"; do
    read -r path rule <<<"$entry"
    if ! grep -qE "^$path:[0-9]+: \[$rule\] " <<<"$findings"; then
      echo "not reported: [$rule] in $path"
      failed=1
    fi
  done
  if ((failed)); then return 1; fi
  echo "lint --self-test: ${#planted[@]} planted violations, all reported"
}
