# troupe::testing: what the rooms ship for tests of actors, under <room>/include/troupe/testing, and what clusters are
# proven with, in sharding/testing.
add_library(troupe_testing INTERFACE)
add_library(troupe::testing ALIAS troupe_testing)
foreach(room core supervision sharding)
  file(GLOB headers CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${room}/include/troupe/testing/*.hpp)
  if(headers)
    target_sources(troupe_testing INTERFACE
      FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR}/${room}/include FILES ${headers})
  endif()
endforeach()
add_subdirectory(${PROJECT_SOURCE_DIR}/sharding/testing)
target_link_libraries(troupe_testing INTERFACE troupe::simulation)
set_target_properties(troupe_testing PROPERTIES EXPORT_NAME testing VERIFY_INTERFACE_HEADER_SETS ON)
