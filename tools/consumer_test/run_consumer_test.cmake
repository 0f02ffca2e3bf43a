# CTest `install_consumer`: installs a build to a fresh prefix, then configures, builds and runs a ten-line project
# that knows nothing but that prefix.
#   cmake -DBUILD_DIR=... -DWORK_DIR=... -DSOURCE_DIR=... -DCXX=... -DCXX_FLAGS=... -P run_consumer_test.cmake
function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nfailed (${result}):\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

set(prefix ${WORK_DIR}/prefix)
file(REMOVE_RECURSE ${WORK_DIR})
run(${CMAKE_COMMAND} --install ${BUILD_DIR} --prefix ${prefix})
run(${CMAKE_COMMAND} -S ${SOURCE_DIR} -B ${WORK_DIR}/build -G Ninja -DCMAKE_PREFIX_PATH=${prefix}
  -DCMAKE_CXX_COMPILER=${CXX} -DCMAKE_CXX_FLAGS=${CXX_FLAGS})
run(${CMAKE_COMMAND} --build ${WORK_DIR}/build)

set(scenario ${prefix}/share/vipdrift/scenarios/article/03-master-crash.yaml)
run(${WORK_DIR}/build/consumer ${scenario})
if(NOT output MATCHES "^[1-9][0-9]* judgements, 0 failed\n$")
  message(FATAL_ERROR "the consumer printed: ${output}")
endif()

# The installed program finds the installed library on its own.
run(${CMAKE_COMMAND} -E chdir ${WORK_DIR} ${prefix}/bin/vipdrift list)
if(NOT output MATCHES "article/03-master-crash.yaml")
  message(FATAL_ERROR "vipdrift list printed: ${output}")
endif()
