# troupe_room(<name> DEPENDS <targets…> PRIVATE <targets…>): a library with the one shape all rooms have.
#
# Public headers: include/**.hpp, installed and each compiled alone (those of include/troupe/testing belong to
# troupe::testing, those of include/troupe/bridge and src/bridge to a library of their own). Private ones: src/,
# reached with quotes.
function(troupe_room name)
  cmake_parse_arguments(ROOM "" "" "DEPENDS;PRIVATE" ${ARGN})
  file(GLOB_RECURSE headers CONFIGURE_DEPENDS include/*.hpp)
  list(FILTER headers EXCLUDE REGEX "/include/troupe/(testing|bridge)/")
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS src/*.cpp)
  list(FILTER sources EXCLUDE REGEX "/src/bridge/")
  add_library(troupe_${name} ${sources})
  add_library(troupe::${name} ALIAS troupe_${name})
  target_sources(troupe_${name} PUBLIC FILE_SET HEADERS BASE_DIRS include FILES ${headers})
  target_include_directories(troupe_${name} PRIVATE src)
  target_link_libraries(troupe_${name} PUBLIC ${ROOM_DEPENDS} PRIVATE ${ROOM_PRIVATE})
  target_compile_features(troupe_${name} PUBLIC cxx_std_20)
  set_target_properties(troupe_${name} PROPERTIES EXPORT_NAME ${name} VERIFY_INTERFACE_HEADER_SETS ON)
  troupe_warnings(troupe_${name})
endfunction()

# Warnings for our own targets; CMAKE_COMPILE_WARNING_AS_ERROR says whether they are errors.
function(troupe_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
  # gcc 12 sees overlapping copies in concatenated strings where there are none (its bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
endfunction()
