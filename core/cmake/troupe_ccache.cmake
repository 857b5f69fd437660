# Compiles through ccache where it is installed and nobody chose another launcher.
#
# The two sloppiness flags are what ccache asks for before it caches anything that uses a precompiled header.
if(TROUPE_DEVELOPER AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(TROUPE_CCACHE ccache)
  mark_as_advanced(TROUPE_CCACHE)
  if(TROUPE_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${TROUPE_CCACHE})
  endif()
endif()
