# Supervision trees under OTP's own supervisors and under ours: label oracle. Erlang's programs are in erlang-base (see
# .ci/packages); where they are not, the tests are skipped, except in a CI, which has to have them.
find_program(TROUPE_ERLC NAMES erlc)
find_program(TROUPE_ERL NAMES erl)
mark_as_advanced(TROUPE_ERLC TROUPE_ERL)
if(TROUPE_ERLC AND TROUPE_ERL)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp)
  set(beam ${PROJECT_BINARY_DIR}/tests/oracle/supervisor_oracle.beam)
  add_custom_command(OUTPUT ${beam}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/tests/oracle
    COMMAND ${TROUPE_ERLC} -o ${PROJECT_BINARY_DIR}/tests/oracle ${CMAKE_CURRENT_LIST_DIR}/supervisor_oracle.erl
    DEPENDS ${CMAKE_CURRENT_LIST_DIR}/supervisor_oracle.erl)
  add_custom_target(supervisor_oracle_beam DEPENDS ${beam})
  troupe_test(oracle_test LABEL oracle TIMEOUT 120 SOURCES ${sources} LINK troupe::supervision troupe_core_inside)
  target_include_directories(oracle_test PRIVATE ${PROJECT_SOURCE_DIR}/supervision/src)
  target_compile_definitions(oracle_test PRIVATE ORACLE_FOLDER="${PROJECT_BINARY_DIR}/tests/oracle")
  add_dependencies(oracle_test supervisor_oracle_beam)
else()
  add_test(NAME oracle COMMAND ${TROUPE_BASH} -c "[ -z \"$CI\" ] || exit 1; echo 'erl and erlc are not here'; exit 77")
  set_tests_properties(oracle PROPERTIES LABELS oracle SKIP_RETURN_CODE 77)
endif()
