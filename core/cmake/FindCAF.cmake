# Finds the core library of the C++ Actor Framework where its package has no CMake config (Debian's libcaf-dev).
#
# Defines CAF_FOUND, CAF_VERSION and the target CAF::core. Accepts a version range; 0.18 renamed much of what 0.17
# offers, so a range that ends below it is what callers want.
find_path(CAF_INCLUDE_DIR caf/actor_system.hpp)
find_library(CAF_core_LIBRARY caf_core)
mark_as_advanced(CAF_INCLUDE_DIR CAF_core_LIBRARY)

# Each release line keeps its version number in another header.
unset(CAF_VERSION)
foreach(header caf/config.hpp caf/detail/build_config.hpp caf/detail/core_export.hpp)
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
if(CAF_INCLUDE_DIR AND NOT CAF_VERSION)
  set(CAF_VERSION 0)  # Unknown: below every version anyone can ask for.
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(CAF
  REQUIRED_VARS CAF_core_LIBRARY CAF_INCLUDE_DIR
  VERSION_VAR CAF_VERSION HANDLE_VERSION_RANGE
  REASON_FAILURE_MESSAGE
  "Troupe needs the C++ Actor Framework 0.17.6 (no later line: 0.18 and 1.0 changed its interface). On Debian \
12, Debian 13 and Ubuntu 24.04: apt-get install libcaf-dev. Elsewhere set CAF_INCLUDE_DIR and CAF_core_LIBRARY.")

if(CAF_FOUND AND NOT TARGET CAF::core)
  add_library(CAF::core UNKNOWN IMPORTED)
  set_target_properties(CAF::core PROPERTIES IMPORTED_LOCATION ${CAF_core_LIBRARY})
  target_include_directories(CAF::core SYSTEM INTERFACE ${CAF_INCLUDE_DIR})
endif()
