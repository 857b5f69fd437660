# Fuzz targets as tests. Label unit: each takes its seeds and its kept inputs once, built as everything else is.
# Label fuzz: `run` builds them with clang and fuzzes each for TROUPE_FUZZ_SECONDS (60); skipped where it cannot.
set(fuzz ${CMAKE_CURRENT_LIST_DIR})
set(fuzz_run ${TROUPE_BASH} ${fuzz}/run --in ${PROJECT_BINARY_DIR}/fuzz)

add_library(fuzz_replay OBJECT ${fuzz}/fuzz.cpp ${fuzz}/replay.cpp)
target_compile_features(fuzz_replay PRIVATE cxx_std_20)
troupe_warnings(fuzz_replay)

add_test(NAME fuzz.build COMMAND ${fuzz_run} build)
add_test(NAME fuzz.self_test COMMAND ${fuzz_run} self_test)
set_tests_properties(fuzz.build PROPERTIES FIXTURES_SETUP fuzz_targets TIMEOUT 900)
set_tests_properties(fuzz.self_test PROPERTIES FIXTURES_REQUIRED fuzz_targets TIMEOUT 400)
set(fuzz_tests fuzz.build fuzz.self_test)

file(GLOB sources CONFIGURE_DEPENDS ${fuzz}/*_fuzz.cpp)
foreach(source IN LISTS sources)
  cmake_path(GET source STEM program)
  string(REGEX REPLACE "_fuzz$" "" name ${program})
  add_executable(${program}_replay ${source})
  target_include_directories(${program}_replay PRIVATE
    ${fuzz} ${PROJECT_SOURCE_DIR}/core/src ${PROJECT_SOURCE_DIR}/sharding/src)
  target_link_libraries(${program}_replay PRIVATE fuzz_replay troupe::sharding)
  troupe_warnings(${program}_replay)
  add_test(NAME fuzz.replay.${name} COMMAND ${program}_replay ${fuzz}/corpus/${name})
  set_tests_properties(fuzz.replay.${name} PROPERTIES LABELS unit TIMEOUT 60)

  add_test(NAME fuzz.${name} COMMAND ${fuzz_run} ${name})
  set_tests_properties(fuzz.${name} PROPERTIES FIXTURES_REQUIRED fuzz_targets TIMEOUT 90000)  # `run` keeps its own
  list(APPEND fuzz_tests fuzz.${name})
endforeach()
set_tests_properties(${fuzz_tests} PROPERTIES LABELS fuzz SKIP_RETURN_CODE 77)
