# Sound needs FluidSynth, and libsndfile, which that needs too. Sets MUSICVAE_HAS_SOUND, and then gives
# PkgConfig::FluidSynth and PkgConfig::SndFile.
set(MUSICVAE_HAS_SOUND OFF)
if(MUSICVAE_SOUND)
  find_package(PkgConfig QUIET)
  if(PkgConfig_FOUND)
    pkg_check_modules(FluidSynth QUIET IMPORTED_TARGET GLOBAL fluidsynth>=2.2)
    pkg_check_modules(SndFile QUIET IMPORTED_TARGET GLOBAL sndfile>=1.1)
  endif()
  if(FluidSynth_FOUND AND SndFile_FOUND)
    set(MUSICVAE_HAS_SOUND ON)
  elseif(NOT MUSICVAE_SOUND STREQUAL "AUTO")
    message(FATAL_ERROR "MUSICVAE_SOUND is ON, but FluidSynth 2.2 and libsndfile 1.1 or later are not found; "
                        "install libfluidsynth-dev and libsndfile1-dev")
  endif()
endif()
message(STATUS "Sound through FluidSynth: ${MUSICVAE_HAS_SOUND}")
