# SPDX-License-Identifier: Apache-2.0
# Flags for every target of ours, the compiler cache, the linker and the shared precompiled headers.

set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_SCAN_FOR_MODULES OFF)
find_package(Threads REQUIRED)

# Results are shared between clones: paths below the source folder count as relative.
find_program(KAREZ_CCACHE ccache)
if(KAREZ_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER "${PROJECT_SOURCE_DIR}/cmake/ccache-launch")
endif()

add_library(karez_flags INTERFACE)
target_include_directories(karez_flags INTERFACE "${PROJECT_SOURCE_DIR}/src")
target_compile_options(karez_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wno-missing-field-initializers  # designated initialisers name what they set
  -fpch-preprocess
  "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/="
  -fdiagnostics-color=auto)
target_link_libraries(karez_flags INTERFACE Threads::Threads)
if(KAREZ_WERROR)
  target_compile_options(karez_flags INTERFACE -Werror)
endif()

find_program(KAREZ_MOLD mold)
if(KAREZ_MOLD)
  target_link_options(karez_flags INTERFACE -fuse-ld=mold)
endif()

if(KAREZ_SANITIZE)
  target_compile_options(karez_flags INTERFACE
    -fsanitize=${KAREZ_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer
    # g++ warns about code that only the instrumentation makes look unsound
    -Wno-maybe-uninitialized -Wno-tsan)
  target_link_options(karez_flags INTERFACE -fsanitize=${KAREZ_SANITIZE})
endif()

# One precompiled header for the libraries, one with GoogleTest for the tests.
set(_pch_std
  <algorithm> <array> <atomic> <bit> <charconv> <chrono> <compare> <concepts> <condition_variable> <coroutine>
  <cstddef> <cstdint> <cstring> <deque> <expected> <filesystem> <format> <functional> <limits> <map> <memory>
  <mutex> <optional> <ranges> <set> <shared_mutex> <span> <stop_token> <string> <string_view> <thread> <tuple>
  <type_traits> <unordered_map> <utility> <variant> <vector>)
if(KAREZ_PCH)
  file(WRITE "${PROJECT_BINARY_DIR}/pch.cpp.new" "// gives the precompiled header a target\n")
  file(COPY_FILE "${PROJECT_BINARY_DIR}/pch.cpp.new" "${PROJECT_BINARY_DIR}/pch.cpp" ONLY_IF_DIFFERENT)
  add_library(karez_pch STATIC "${PROJECT_BINARY_DIR}/pch.cpp")
  target_link_libraries(karez_pch PRIVATE karez_flags)
  target_precompile_headers(karez_pch PRIVATE ${_pch_std})
  if(KAREZ_TESTS)
    add_library(karez_test_pch STATIC "${PROJECT_BINARY_DIR}/pch.cpp")
    target_link_libraries(karez_test_pch PRIVATE karez_flags)
    target_compile_options(karez_test_pch PRIVATE -O0)
    target_precompile_headers(karez_test_pch PRIVATE ${_pch_std} <gtest/gtest.h> <gmock/gmock.h>)
  endif()
endif()
