# The program, the libraries and their headers; find_package(musicvae) gives musicvae::core and below.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/musicvae)

install(TARGETS musicvae_base musicvae_midi musicvae_datasets musicvae_tensors musicvae_models musicvae_shell musicvae_core
        EXPORT musicvaeTargets)
install(DIRECTORY midi datasets models src DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/musicvae
        FILES_MATCHING PATTERN "*.hpp" PATTERN src/commands EXCLUDE PATTERN bundled EXCLUDE
        PATTERN ports.hpp EXCLUDE PATTERN synth.hpp EXCLUDE PATTERN synth_module.hpp EXCLUDE)
install(EXPORT musicvaeTargets NAMESPACE musicvae:: DESTINATION ${package_dir})

configure_package_config_file(tools/cmake/musicvaeConfig.cmake.in musicvaeConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(musicvaeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/musicvaeConfig.cmake
              ${PROJECT_BINARY_DIR}/musicvaeConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/tools/cmake/MusicvaeTorch.cmake
        DESTINATION ${package_dir})

set(engine_dir ${CMAKE_INSTALL_LIBDIR}/musicvae)
file(RELATIVE_PATH engine_from_program /${CMAKE_INSTALL_BINDIR} /${engine_dir})
set_target_properties(musicvae_program PROPERTIES INSTALL_RPATH "$ORIGIN/${engine_from_program}")
set_target_properties(musicvae_engine PROPERTIES
  INSTALL_RPATH "$ORIGIN" INSTALL_RPATH_USE_LINK_PATH ON)
install(TARGETS musicvae_program)
install(TARGETS musicvae_engine LIBRARY DESTINATION ${engine_dir})
if(MUSICVAE_HAS_SOUND)
  install(TARGETS musicvae_fluidsynth LIBRARY DESTINATION ${engine_dir})
endif()
install(DIRECTORY models/bundled/ DESTINATION ${CMAKE_INSTALL_DATADIR}/musicvae/models
        FILES_MATCHING PATTERN "*.safetensors")
