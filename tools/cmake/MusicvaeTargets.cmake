# Compiler settings shared by every target, and musicvae_library(), which declares a folder's library.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)

if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Build type" FORCE)
endif()

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # The sloppiness lets ccache see through precompiled headers.
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      ${CCACHE_PROGRAM})
  add_compile_options($<$<CXX_COMPILER_ID:GNU>:-fpch-preprocess>)
endif()

function(musicvae_set_warnings target)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wno-unknown-pragmas)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # False alarms at -O3: on "text" + std::string (GCC bug 105651), on std::vector in LibTorch's headers.
    target_compile_options(${target} PRIVATE -Wno-array-bounds -Wno-restrict -Wno-stringop-overflow)
  endif()
  if(MUSICVAE_WERROR)
    target_compile_options(${target} PRIVATE -Werror)
  endif()
endfunction()

# musicvae_library(NAME SOURCES... ): the static library of one folder, exported as musicvae::NAME.
function(musicvae_library name)
  add_library(musicvae_${name} STATIC ${ARGN})
  add_library(musicvae::${name} ALIAS musicvae_${name})
  set_target_properties(musicvae_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(musicvae_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:include> $<INSTALL_INTERFACE:include/musicvae>)
  target_compile_features(musicvae_${name} PUBLIC cxx_std_20)
  musicvae_set_warnings(musicvae_${name})
endfunction()

# Uses Torch. Its headers are system headers, so that their warnings are not ours.
function(musicvae_use_torch target)
  target_link_libraries(${target} PUBLIC ${TORCH_LIBRARIES})
  target_include_directories(${target} SYSTEM PUBLIC ${TORCH_INCLUDE_DIRS})
endfunction()
