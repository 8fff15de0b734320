# Finds LibTorch: TORCH_LIBRARIES, TORCH_INCLUDE_DIRS, TORCH_CXX_FLAGS. One that carries CUDA, such as pip's
# torch, asks in its own package file for the whole CUDA toolkit; we link its libraries alone, which bring
# the runtime they need.
find_library(TORCH_CUDA_LIBRARY torch_cuda)
if(NOT TORCH_CUDA_LIBRARY)
  find_package(Torch REQUIRED)
  return()
endif()

cmake_path(GET TORCH_CUDA_LIBRARY PARENT_PATH torch_lib_dir)
cmake_path(GET torch_lib_dir PARENT_PATH torch_root)
set(TORCH_INCLUDE_DIRS ${torch_root}/include ${torch_root}/include/torch/csrc/api/include)
# Nothing calls the CUDA library by name: it registers itself when loaded.
set(TORCH_LIBRARIES -Wl,--no-as-needed)
foreach(name IN ITEMS torch torch_cpu torch_cuda c10 c10_cuda)
  list(APPEND TORCH_LIBRARIES ${torch_lib_dir}/lib${name}.so)
endforeach()
list(APPEND TORCH_LIBRARIES -Wl,--as-needed)
# Which kind of std::string it was built with is told only there.
file(STRINGS ${torch_root}/share/cmake/Torch/TorchConfig.cmake torch_abi
     REGEX "_GLIBCXX_USE_CXX11_ABI=[01]")
string(REGEX MATCH "-D_GLIBCXX_USE_CXX11_ABI=[01]" TORCH_CXX_FLAGS "${torch_abi}")
message(STATUS "LibTorch with CUDA: ${torch_root}")
