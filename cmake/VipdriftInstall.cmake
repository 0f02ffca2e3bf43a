# What `cmake --install` copies: programs, the libraries of the core and the simulator, and the scenario library.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(VIPDRIFT_INSTALL_CMAKEDIR ${CMAKE_INSTALL_LIBDIR}/cmake/vipdrift)
set(VIPDRIFT_INSTALL_DATADIR ${CMAKE_INSTALL_DATADIR}/vipdrift)

install(TARGETS vipdrift vipdriftd RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
configure_file(tools/vipdriftd/vipdriftd.service.in ${PROJECT_BINARY_DIR}/vipdriftd.service @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/vipdriftd.service DESTINATION ${CMAKE_INSTALL_DATADIR}/vipdrift/systemd)
install(TARGETS vipdrift_protocol vipdrift_scenarios vipdrift_sim
  EXPORT vipdriftTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT vipdriftTargets NAMESPACE vipdrift:: DESTINATION ${VIPDRIFT_INSTALL_CMAKEDIR})

configure_package_config_file(cmake/vipdriftConfig.cmake.in ${PROJECT_BINARY_DIR}/vipdriftConfig.cmake
  INSTALL_DESTINATION ${VIPDRIFT_INSTALL_CMAKEDIR} PATH_VARS VIPDRIFT_INSTALL_DATADIR)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/vipdriftConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/vipdriftConfig.cmake ${PROJECT_BINARY_DIR}/vipdriftConfigVersion.cmake
  DESTINATION ${VIPDRIFT_INSTALL_CMAKEDIR})

install(DIRECTORY protocol scenarios sim DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/vipdrift
  FILES_MATCHING PATTERN "*.h")
install(DIRECTORY scenarios DESTINATION ${VIPDRIFT_INSTALL_DATADIR}
  FILES_MATCHING PATTERN "*.yaml" PATTERN "*.conf" PATTERN "*.schema.json" PATTERN "testdata" EXCLUDE)
install(FILES README.md ARCHITECTURE.md LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
