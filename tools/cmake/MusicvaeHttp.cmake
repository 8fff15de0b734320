# The studio's page needs cpp-httplib. Sets MUSICVAE_HAS_HTTP, and then gives PkgConfig::Httplib.
include(CheckCXXSourceCompiles)

set(MUSICVAE_HAS_HTTP OFF)
if(MUSICVAE_STUDIO)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(Httplib QUIET IMPORTED_TARGET GLOBAL cpp-httplib>=0.11)
  endif()
  if(Httplib_FOUND)
    # The library may have been built with another kind of std::string than LibTorch.
    set(CMAKE_REQUIRED_QUIET ON)
    set(CMAKE_REQUIRED_FLAGS "${TORCH_CXX_FLAGS}")
    set(CMAKE_REQUIRED_LIBRARIES PkgConfig::Httplib Threads::Threads)
    check_cxx_source_compiles("
      #include <httplib.h>
      int main() { httplib::Server server; return server.bind_to_any_port(\"127.0.0.1\") > 0 ? 0 : 1; }"
      MUSICVAE_HTTPLIB_LINKS)
    unset(CMAKE_REQUIRED_QUIET)
    unset(CMAKE_REQUIRED_FLAGS)
    unset(CMAKE_REQUIRED_LIBRARIES)
    set(MUSICVAE_HAS_HTTP ${MUSICVAE_HTTPLIB_LINKS})
  endif()
  if(NOT MUSICVAE_HAS_HTTP AND NOT MUSICVAE_STUDIO STREQUAL "AUTO")
    message(FATAL_ERROR "MUSICVAE_STUDIO is ON, but cpp-httplib is not found or does not link; "
                        "install libcpp-httplib-dev")
  endif()
endif()
message(STATUS "The studio's page: ${MUSICVAE_HAS_HTTP}")
