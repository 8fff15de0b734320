# cmake -D BUILD=... -D CONSUMER=... -D WORK=... -P install_test.cmake: see CMakeLists.txt here.
set(prefix ${WORK}/prefix)
file(REMOVE_RECURSE ${prefix} ${WORK}/consumer)

function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${prefix})
run(${CMAKE_COMMAND} -S ${CONSUMER} -B ${WORK}/consumer -G ${GENERATOR}
    -D CMAKE_CXX_COMPILER=${COMPILER} "-D CMAKE_CXX_FLAGS=${COMPILER_FLAGS}"
    -D musicvae_ROOT=${prefix} -D Torch_DIR=${Torch_DIR} -D nlohmann_json_DIR=${nlohmann_json_DIR})
run(${CMAKE_COMMAND} --build ${WORK}/consumer)
run(${WORK}/consumer/consumer ${WORK}/consumer)
