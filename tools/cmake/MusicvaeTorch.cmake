# Finds LibTorch: TORCH_LIBRARIES, TORCH_INCLUDE_DIRS, TORCH_CXX_FLAGS. One that carries CUDA, such as pip's
# torch, asks in its own package file for the whole CUDA toolkit; we link its libraries alone, which bring
# the runtime they need.
# A prefix is LibTorch's folder, or share/cmake in it, as torch.utils.cmake_prefix_path says.
cmake_path(CONVERT "$ENV{CMAKE_PREFIX_PATH}" TO_CMAKE_PATH_LIST torch_prefixes)
list(APPEND torch_prefixes ${CMAKE_PREFIX_PATH})
list(TRANSFORM torch_prefixes APPEND "/../../lib")
find_library(TORCH_CUDA_LIBRARY torch_cuda HINTS ${torch_prefixes})
if(NOT TORCH_CUDA_LIBRARY)
  find_package(Torch REQUIRED)
  cmake_path(GET TORCH_LIBRARY PARENT_PATH torch_lib_dir)
  find_library(TORCH_CPU_LIBRARY torch_cpu HINTS ${torch_lib_dir})
  return()
endif()

file(REAL_PATH ${TORCH_CUDA_LIBRARY} torch_library)
cmake_path(GET torch_library PARENT_PATH torch_lib_dir)
cmake_path(GET torch_lib_dir PARENT_PATH torch_root)
set(TORCH_CPU_LIBRARY ${torch_lib_dir}/libtorch_cpu.so)
set(TORCH_INCLUDE_DIRS ${torch_root}/include ${torch_root}/include/torch/csrc/api/include)
# Nothing calls the CUDA library by name: it registers itself when loaded.
set(TORCH_LIBRARIES -Wl,--no-as-needed)
foreach(name IN ITEMS torch torch_cpu torch_cuda c10 c10_cuda)
  list(APPEND TORCH_LIBRARIES ${torch_lib_dir}/lib${name}.so)
endforeach()
list(APPEND TORCH_LIBRARIES -Wl,--as-needed)
# Only this file tells which kind of std::string LibTorch was built with.
file(STRINGS ${torch_root}/share/cmake/Torch/TorchConfig.cmake torch_abi
     REGEX "_GLIBCXX_USE_CXX11_ABI=[01]")
string(REGEX MATCH "-D_GLIBCXX_USE_CXX11_ABI=[01]" TORCH_CXX_FLAGS "${torch_abi}")
message(STATUS "LibTorch with CUDA: ${torch_root}")
