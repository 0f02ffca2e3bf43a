# How every target of the project is built: one place for flags, one function per kind of target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# Broken invariants assert in every build, so no build type may define NDEBUG; -O2 is what all measurements use.
foreach(type RELEASE RELWITHDEBINFO MINSIZEREL)
  string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_${type} "${CMAKE_CXX_FLAGS_${type}}")
  string(REPLACE "-O3" "-O2" CMAKE_CXX_FLAGS_${type} "${CMAKE_CXX_FLAGS_${type}}")
endforeach()

find_program(VIPDRIFT_CCACHE ccache)
if(VIPDRIFT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${VIPDRIFT_CCACHE})
endif()

option(VIPDRIFT_WARNINGS_ARE_ERRORS "Stop at the first warning" ON)
set(VIPDRIFT_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Wold-style-cast)
if(VIPDRIFT_WARNINGS_ARE_ERRORS)
  list(APPEND VIPDRIFT_WARNINGS -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # Wrong about std::optional when optimising (GCC bug 80635); clang and valgrind watch over the real cases.
  list(APPEND VIPDRIFT_WARNINGS -Wno-maybe-uninitialized)
endif()

# vipdrift_library(NAME SOURCES file... [LINK target...]): a static library, alias vipdrift::NAME.
function(vipdrift_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;LINK_PRIVATE" ${ARGN})
  if(NOT ARG_SOURCES)
    # The directories below add theirs with target_sources; until then CMake wants at least one.
    set(ARG_SOURCES ${CMAKE_CURRENT_BINARY_DIR}/vipdrift_${name}_sources_are_below.cc)
    file(GENERATE OUTPUT ${ARG_SOURCES} CONTENT "")
  endif()
  add_library(vipdrift_${name} STATIC ${ARG_SOURCES})
  add_library(vipdrift::${name} ALIAS vipdrift_${name})
  set_target_properties(vipdrift_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(vipdrift_${name} PUBLIC cxx_std_20)
  target_compile_options(vipdrift_${name} PRIVATE ${VIPDRIFT_WARNINGS})
  target_include_directories(vipdrift_${name} PUBLIC
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include/vipdrift>)
  target_link_libraries(vipdrift_${name} PUBLIC ${ARG_LINK} PRIVATE ${ARG_LINK_PRIVATE})
endfunction()

# vipdrift_test(NAME SOURCES file... LINK target...): one GoogleTest program; every case is a CTest test labelled with
# NAME and its floor (protocol, scenarios, ...); the target FLOOR_tests builds all programs of a floor. A case that ends
# the program with status 77 cannot be run on this machine.
function(vipdrift_test name)
  if(NOT VIPDRIFT_BUILD_TESTS)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  # What is tested is optimised as ever; optimising GoogleTest's templates took two fifths of the time to build a test.
  target_compile_options(${name} PRIVATE ${VIPDRIFT_WARNINGS} -O0)
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gmock GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE VIPDRIFT_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  file(RELATIVE_PATH floor ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
  string(REGEX REPLACE "/.*" "" floor ${floor})
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
    PROPERTIES LABELS "${floor};${name}" SKIP_RETURN_CODE 77)
  if(NOT TARGET ${floor}_tests)
    add_custom_target(${floor}_tests)
  endif()
  add_dependencies(${floor}_tests ${name})
endfunction()

# vipdrift_fuzzer(NAME SOURCES file... LINK target...): one libFuzzer program in build/.../fuzz; the target
# `fuzzers` builds all.
function(vipdrift_fuzzer name)
  if(NOT VIPDRIFT_BUILD_FUZZ)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE ${VIPDRIFT_WARNINGS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  target_link_options(${name} PRIVATE -fsanitize=fuzzer)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzz)
  if(NOT TARGET fuzzers)
    add_custom_target(fuzzers)
  endif()
  add_dependencies(fuzzers ${name})
endfunction()

# vipdrift_benchmark(NAME SOURCES file... LINK target...): one Google Benchmark program in build/.../bench.
function(vipdrift_benchmark name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE ${VIPDRIFT_WARNINGS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} benchmark::benchmark)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bench)
endfunction()
