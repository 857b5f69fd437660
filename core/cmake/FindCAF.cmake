# Finds the core library of the C++ Actor Framework where its package has no CMake config (Debian's libcaf-dev).
#
# Defines CAF_FOUND, CAF_VERSION and the target CAF::core.
find_path(CAF_INCLUDE_DIR caf/actor_system.hpp)
find_library(CAF_core_LIBRARY caf_core)
mark_as_advanced(CAF_INCLUDE_DIR CAF_core_LIBRARY)

foreach(header caf/config.hpp caf/detail/build_config.hpp)
  if(CAF_INCLUDE_DIR AND EXISTS ${CAF_INCLUDE_DIR}/${header} AND NOT CAF_VERSION)
    file(STRINGS ${CAF_INCLUDE_DIR}/${header} line REGEX "#define +CAF_VERSION +[0-9]+")
    if(line MATCHES "CAF_VERSION +([0-9]+)")
      math(EXPR major "${CMAKE_MATCH_1} / 10000")
      math(EXPR minor "(${CMAKE_MATCH_1} / 100) % 100")
      math(EXPR patch "${CMAKE_MATCH_1} % 100")
      set(CAF_VERSION ${major}.${minor}.${patch})
    endif()
  endif()
endforeach()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_core_LIBRARY CAF_INCLUDE_DIR VERSION_VAR CAF_VERSION)

if(CAF_FOUND AND NOT TARGET CAF::core)
  add_library(CAF::core UNKNOWN IMPORTED)
  set_target_properties(CAF::core PROPERTIES IMPORTED_LOCATION ${CAF_core_LIBRARY})
  target_include_directories(CAF::core SYSTEM INTERFACE ${CAF_INCLUDE_DIR})
endif()
