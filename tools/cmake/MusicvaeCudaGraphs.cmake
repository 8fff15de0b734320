# CUDA graphs need CUDA's runtime, its headers and its library, which pip's torch has in packages beside it (some of
# the headers in Triton's). Sets MUSICVAE_HAS_CUDA_GRAPHS, CUDA_RUNTIME_INCLUDE_DIRS and CUDA_RUNTIME_LIBRARY.
include(CheckCXXSourceCompiles)

function(musicvae_check_cuda_graphs)
  set(CMAKE_REQUIRED_QUIET ON)
  set(CMAKE_REQUIRED_LIBRARIES ${TORCH_LIBRARIES} ${CUDA_RUNTIME_LIBRARY})
  set(CMAKE_REQUIRED_INCLUDES ${TORCH_INCLUDE_DIRS} ${CUDA_RUNTIME_INCLUDE_DIRS})
  check_cxx_source_compiles("
    #include <ATen/cuda/CUDAGraph.h>
    int main() { at::cuda::CUDAGraph().replay(); }" MUSICVAE_CUDA_GRAPHS_COMPILE)
endfunction()

set(MUSICVAE_HAS_CUDA_GRAPHS OFF)
if(TORCH_CUDA_LIBRARY)
  file(GLOB CUDA_RUNTIME_INCLUDE_DIRS ${torch_root}/../nvidia/cu[0-9]*/include
       ${torch_root}/../nvidia/cuda_runtime/include ${torch_root}/../triton/backends/nvidia/include
       /usr/local/cuda/include)
  file(GLOB cudart_libraries ${torch_root}/../nvidia/*/lib/libcudart.so.*
       /usr/local/cuda/lib64/libcudart.so)
  if(cudart_libraries)
    list(GET cudart_libraries 0 CUDA_RUNTIME_LIBRARY)
    musicvae_check_cuda_graphs()
    if(MUSICVAE_CUDA_GRAPHS_COMPILE)
      set(MUSICVAE_HAS_CUDA_GRAPHS ON)
    endif()
  endif()
  message(STATUS "Generation under CUDA graphs: ${MUSICVAE_HAS_CUDA_GRAPHS}")
endif()
