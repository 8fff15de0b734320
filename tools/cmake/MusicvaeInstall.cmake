# The program, the library and its headers. find_package(musicvae) gives musicvae::musicvae.
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/musicvae)

set_target_properties(musicvae_core PROPERTIES EXPORT_NAME musicvae)
install(TARGETS musicvae_base musicvae_midi musicvae_datasets musicvae_tensors musicvae_kernels musicvae_models
                musicvae_shell musicvae_core
        EXPORT musicvaeTargets)

# musicvae_reachable_headers(HEADER RESULT): the headers of the project that HEADER includes, directly or not.
function(musicvae_reachable_headers header result)
  set(reached)
  set(waiting ${header})
  while(waiting)
    list(POP_FRONT waiting next)
    if(NOT next IN_LIST reached)
      list(APPEND reached ${next})
      file(STRINGS ${PROJECT_SOURCE_DIR}/${next} includes REGEX "^#include \"")
      list(TRANSFORM includes REPLACE "^#include \"(.*)\"$" "\\1")
      list(APPEND waiting ${includes})
    endif()
  endwhile()
  list(REMOVE_ITEM reached ${header})
  set(${result} ${reached} PARENT_SCOPE)
endfunction()

# The headers of the library's face, and the headers that they include.
install(FILES src/library.hpp DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/musicvae RENAME musicvae.hpp)
musicvae_reachable_headers(src/library.hpp headers)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS src/library.hpp ${headers})
foreach(header IN LISTS headers)
  cmake_path(GET header PARENT_PATH folder)
  install(FILES ${header} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/musicvae/${folder})
endforeach()
install(EXPORT musicvaeTargets NAMESPACE musicvae:: DESTINATION ${package_dir})

configure_package_config_file(tools/cmake/musicvaeConfig.cmake.in musicvaeConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(musicvaeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/musicvaeConfig.cmake
              ${PROJECT_BINARY_DIR}/musicvaeConfigVersion.cmake
              ${PROJECT_SOURCE_DIR}/tools/cmake/MusicvaeTorch.cmake
        DESTINATION ${package_dir})

install(TARGETS musicvae_program)
install(TARGETS musicvae_engine LIBRARY DESTINATION ${MUSICVAE_MODULE_DIR})
if(MUSICVAE_HAS_SOUND)
  install(TARGETS musicvae_fluidsynth LIBRARY DESTINATION ${MUSICVAE_MODULE_DIR})
endif()
if(MUSICVAE_HAS_HTTP)
  install(TARGETS musicvae_http LIBRARY DESTINATION ${MUSICVAE_MODULE_DIR})
endif()
install(DIRECTORY models/bundled/ DESTINATION ${CMAKE_INSTALL_DATADIR}/musicvae/models
        FILES_MATCHING PATTERN "*.safetensors" PATTERN "*.attributes.json")
