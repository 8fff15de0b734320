# Training by several processes needs LibTorch's c10d with Gloo, whose headers are a package of their own.
# Sets MUSICVAE_HAS_C10D, and MUSICVAE_HAS_NCCL where GPUs can talk to each other directly.
include(CheckCXXSourceCompiles)

function(musicvae_check_c10d group result)
  set(CMAKE_REQUIRED_QUIET ON)
  set(CMAKE_REQUIRED_LIBRARIES ${TORCH_LIBRARIES})
  set(CMAKE_REQUIRED_INCLUDES ${TORCH_INCLUDE_DIRS})
  check_cxx_source_compiles("
    #include <torch/csrc/distributed/c10d/${group}.hpp>
    int main() { return c10d::${group}::Options::create() ? 0 : 1; }" ${result})
endfunction()

set(MUSICVAE_HAS_C10D OFF)
set(MUSICVAE_HAS_NCCL OFF)
if(MUSICVAE_DISTRIBUTED)
  musicvae_check_c10d(ProcessGroupGloo MUSICVAE_GLOO_COMPILES)
  if(MUSICVAE_GLOO_COMPILES)
    set(MUSICVAE_HAS_C10D ON)
  endif()
  if(MUSICVAE_HAS_C10D AND TORCH_CUDA_LIBRARY)
    musicvae_check_c10d(ProcessGroupNCCL MUSICVAE_NCCL_COMPILES)
    if(MUSICVAE_NCCL_COMPILES)
      set(MUSICVAE_HAS_NCCL ON)
    endif()
  endif()
  if(NOT MUSICVAE_HAS_C10D AND NOT MUSICVAE_DISTRIBUTED STREQUAL "AUTO")
    message(FATAL_ERROR "MUSICVAE_DISTRIBUTED is ON, but a program with c10d and Gloo does not build here; "
                        "install libgloo-dev, or a LibTorch that was built with Gloo")
  endif()
endif()
message(STATUS "Training by several processes: ${MUSICVAE_HAS_C10D}, by NCCL: ${MUSICVAE_HAS_NCCL}")
