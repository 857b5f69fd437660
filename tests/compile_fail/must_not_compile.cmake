# Runs COMPILER over CASE; passes only if it refuses with the sentence of the file's first line, `// expect: …`.
# A file that starts with `// expect nothing` must compile.
file(READ ${CASE} text)
if(NOT text MATCHES "^// expect(: ([^\n]+)| nothing[^\n]*)\n")
  message(FATAL_ERROR "${CASE}:1: the first line is `// expect: <sentence>` or `// expect nothing: …`")
endif()
set(sentence "${CMAKE_MATCH_2}")

list(TRANSFORM INCLUDES PREPEND -I)
execute_process(
  COMMAND ${COMPILER} -std=c++20 -fsyntax-only ${INCLUDES} ${CASE}
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)

if(sentence STREQUAL "")
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${CASE} must compile and does not:\n${output}")
  endif()
elseif(status EQUAL 0)
  message(FATAL_ERROR "${CASE} compiles; it must be refused with: ${sentence}")
else()
  string(FIND "${output}" "${sentence}" position)
  if(position EQUAL -1)
    message(FATAL_ERROR "${CASE} is refused, but not with the sentence: ${sentence}\n${output}")
  endif()
endif()
