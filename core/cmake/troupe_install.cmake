# Installs libraries, public headers and the package config behind find_package(troupe).
include(CMakePackageConfigHelpers)

get_target_property(testing_headers troupe_testing HEADER_SET)
if(testing_headers)
  set(testing_file_set FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
endif()
install(TARGETS troupe_core troupe_supervision troupe_sharding troupe_simulation troupe_bridge_caf EXPORT troupe_targets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(TARGETS troupe_supervise RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS troupe_testing EXPORT troupe_targets ${testing_file_set})

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/troupe)
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/troupe-config.cmake.in ${PROJECT_BINARY_DIR}/troupe-config.cmake
  INSTALL_DESTINATION ${package_dir} NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/troupe-config-version.cmake COMPATIBILITY SameMinorVersion)
install(EXPORT troupe_targets NAMESPACE troupe:: DESTINATION ${package_dir})
install(FILES
  ${PROJECT_BINARY_DIR}/troupe-config.cmake
  ${PROJECT_BINARY_DIR}/troupe-config-version.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindCAF.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindXXHash.cmake
  DESTINATION ${package_dir})
