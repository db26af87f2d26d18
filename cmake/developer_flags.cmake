# Flags of our own targets only; nothing here reaches a consumer of the library.
add_library(irene_developer_flags INTERFACE)
target_compile_options(irene_developer_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12 sees overlapping copies in every "literal" + string (its bug 105651).
    target_compile_options(irene_developer_flags INTERFACE -Wno-restrict)
    # For 64-bit ARM it notes that releases before 10 passed pairs of numbers otherwise.
    target_compile_options(irene_developer_flags INTERFACE -Wno-psabi)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # Newer ones see that GCC 12's std::stable_sort uses what C++17 deprecates.
    target_compile_options(irene_developer_flags INTERFACE -Wno-deprecated-declarations)
    # And that Google Benchmark's macros count with what is no C yet.
    if(CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 20)
        target_compile_options(irene_developer_flags INTERFACE -Wno-c2y-extensions)
    endif()
endif()
if(IRENE_WARNINGS_AS_ERRORS)
    target_compile_options(irene_developer_flags INTERFACE -Werror)
endif()
if(IRENE_SANITIZE)
    # Global on purpose: objects built with and without sanitizers must not exchange Eigen or standard containers.
    add_compile_options(-fsanitize=${IRENE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=${IRENE_SANITIZE})
endif()

# For what is compiled more often than it computes, the tests and the tools' own code: more takes longer than it saves.
set(IRENE_LITTLE_OPTIMISATION $<$<CONFIG:Release>:-O1>)
