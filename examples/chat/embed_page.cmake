# cmake -DOUTPUT=page_files.cpp "-DFILES=a.html;b.js" -P embed_page.cmake: writes the files into a C++ source.
# A raw string literal takes any text as it is, and neither compiler limits its length.
set(type_of_html "text/html; charset=utf-8")
set(type_of_js "text/javascript; charset=utf-8")
set(type_of_css "text/css; charset=utf-8")
set(type_of_svg "image/svg+xml")

set(entries "")
foreach(file IN LISTS FILES)
  cmake_path(GET file FILENAME name)
  cmake_path(GET file EXTENSION LAST_ONLY extension)
  string(SUBSTRING "${extension}" 1 -1 extension)
  file(READ "${file}" body)
  string(FIND "${body}" ")page_file\"" end)
  if(NOT end EQUAL -1)
    message(FATAL_ERROR "${file} holds )page_file\" which would end its literal; write it differently")
  endif()
  set(path "/${name}")
  if(name STREQUAL "index.html")
    set(path "/")
  endif()
  string(APPEND entries "    {\"${path}\", \"${type_of_${extension}}\", R\"page_file(${body})page_file\"},\n")
endforeach()

list(LENGTH FILES count)
file(WRITE "${OUTPUT}" "#include \"page_files.hpp\"

#include <array>

namespace chat {
namespace {

constexpr std::array<page_file, ${count}> files{{
${entries}}};

}  // namespace

std::span<const page_file> page_files() { return files; }

}  // namespace chat
")
