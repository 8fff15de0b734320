# Run by CMakeLists.txt here, which says what the variables are.
set(prefix ${WORK}/prefix)
set(program ${WORK}/my_program)
file(REMOVE_RECURSE ${prefix} ${program})

function(run)
  execute_process(COMMAND ${ARGV} WORKING_DIRECTORY ${program} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# readme_block(LANGUAGE RESULT): the code in that language of README.md's section for those who embed the library.
function(readme_block language result)
  file(READ ${SOURCE}/README.md text)
  string(REGEX REPLACE "^.*\n## As a library\n" "" text "${text}")
  if(NOT text MATCHES "```${language}\n([^`]*)```")
    message(FATAL_ERROR "README.md has no ${language} under 'As a library'")
  endif()
  set(${result} "${CMAKE_MATCH_1}" PARENT_SCOPE)
endfunction()

# The example of README.md as a project of its own, and two pieces for it.
readme_block(cmake cmake_lines)
readme_block(cpp code)
file(WRITE ${program}/CMakeLists.txt
  "cmake_minimum_required(VERSION 3.25)\nproject(my_program LANGUAGES CXX)\nadd_executable(my_program main.cpp)\n"
  "${cmake_lines}")
file(WRITE ${program}/main.cpp "${code}")
file(COPY_FILE ${SOURCE}/datasets/bundled/bwv996-bourree.mid ${program}/a.mid)
file(COPY_FILE ${SOURCE}/datasets/bundled/greensleeves.mid ${program}/b.mid)

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
run(${CMAKE_COMMAND} -S . -B . -G ${GENERATOR} -D CMAKE_CXX_COMPILER=${COMPILER} "-D CMAKE_CXX_FLAGS=${COMPILER_FLAGS}"
    -D musicvae_ROOT=${prefix} -D Torch_DIR=${Torch_DIR} -D nlohmann_json_DIR=${nlohmann_json_DIR})
run(${CMAKE_COMMAND} --build .)
run(${CMAKE_COMMAND} -E env MUSICVAE_MODELS=${prefix}/share/musicvae/models ./my_program)
run(${prefix}/bin/musicvae inspect between.mid)

file(GLOB_RECURSE modules ${prefix}/musicvae*.so)
set(FILES ${prefix}/bin/musicvae ${modules})
include(${CMAKE_CURRENT_LIST_DIR}/run_path_test.cmake)

# What the one header includes is what is installed, and is not Torch's.
execute_process(
  COMMAND ${COMPILER} -std=c++20 -I${prefix}/include -I${prefix}/include/musicvae -M ${prefix}/include/musicvae/musicvae.hpp
  OUTPUT_VARIABLE included COMMAND_ERROR_IS_FATAL ANY)
if(included MATCHES "/(torch|ATen|c10|nlohmann)/")
  message(FATAL_ERROR "musicvae.hpp includes headers of ${CMAKE_MATCH_1}")
endif()
string(REGEX MATCHALL "${prefix}/include/[^ \n]+" needed "${included}")
file(GLOB_RECURSE installed ${prefix}/include/*)
list(REMOVE_ITEM installed ${needed})
if(installed)
  message(FATAL_ERROR "installed, but not needed by musicvae.hpp: ${installed}")
endif()
