# Runs PROGRAM in an empty folder that holds SETTINGS, and compares what it prints with the head of its SOURCE:
# the comment lines after `// Prints:`, less three spaces of indentation.
file(READ ${SOURCE} text)
if(NOT text MATCHES "(^|\n)// Prints:\n((//[^\n]*\n)+)")
  message(FATAL_ERROR "${SOURCE} has no `// Prints:` in its head: what should it print?")
endif()
string(REGEX REPLACE "(^|\n)// ? ? ?" "\\1" expected "${CMAKE_MATCH_2}")

cmake_path(GET PROGRAM FILENAME name)
set(folder ${PROGRAM}.run)
file(REMOVE_RECURSE ${folder})
file(MAKE_DIRECTORY ${folder})
if(EXISTS ${SETTINGS})
  file(COPY ${SETTINGS} DESTINATION ${folder})
endif()
execute_process(COMMAND ${PROGRAM} WORKING_DIRECTORY ${folder} TIMEOUT 50
  RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE log)
if(NOT status EQUAL 0 OR NOT output STREQUAL expected)
  message(FATAL_ERROR "${name} ended with ${status}\nexpected:\n${expected}printed:\n${output}log:\n${log}")
endif()
