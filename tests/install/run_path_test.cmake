# cmake -D READELF=... -D FILES=... -P run_path_test.cmake: fails where a file looks for its libraries in a folder
# that depends on where the user works. The loader takes an empty element of a run path for the current folder.
foreach(file IN LISTS FILES)
  execute_process(COMMAND ${READELF} -d ${file} OUTPUT_VARIABLE dynamic COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCH "\\((RPATH|RUNPATH)\\)[^[]*\\[([^]\n]*)\\]" found "${dynamic}")
  set(path "${CMAKE_MATCH_2}")
  if(found AND ":${path}:" MATCHES ":([^/$][^:]*)?:")
    message(FATAL_ERROR "${file} looks for libraries where the user works: its run path is '${path}'")
  endif()
  message(STATUS "${file}: '${path}'")
endforeach()
