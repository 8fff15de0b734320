# The program, the libraries and their headers; find_package(musicvae) gives musicvae::core and below.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/musicvae)

install(TARGETS musicvae_midi musicvae_datasets musicvae_models musicvae_core EXPORT musicvaeTargets)
install(DIRECTORY midi datasets models src DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/musicvae
        FILES_MATCHING PATTERN "*.hpp" PATTERN src/commands EXCLUDE PATTERN bundled EXCLUDE
        PATTERN ports.hpp EXCLUDE)
install(EXPORT musicvaeTargets NAMESPACE musicvae:: DESTINATION ${package_dir})

configure_package_config_file(tools/cmake/musicvaeConfig.cmake.in musicvaeConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(musicvaeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/musicvaeConfig.cmake
              ${PROJECT_BINARY_DIR}/musicvaeConfigVersion.cmake
        DESTINATION ${package_dir})

if(TARGET musicvae_program)
  install(TARGETS musicvae_program)
endif()
install(DIRECTORY models/bundled/ DESTINATION ${CMAKE_INSTALL_DATADIR}/musicvae/models
        FILES_MATCHING PATTERN "*.safetensors")
