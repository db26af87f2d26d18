# Every dependency is taken from the system where it has it (Debian's packages), and otherwise fetched at a pinned
# release. SYSTEM keeps their headers out of our warnings; it must stand before GIT_REPOSITORY (CMake 3.25).
include(FetchContent)

macro(irene_dependency name repository tag)
    FetchContent_Declare(${name} SYSTEM GIT_REPOSITORY ${repository} GIT_TAG ${tag} GIT_SHALLOW ON
                         FIND_PACKAGE_ARGS ${ARGN})
    FetchContent_MakeAvailable(${name})
    string(TOLOWER ${name} fetched)
    if(NOT ${name}_FOUND AND EXISTS "${${fetched}_SOURCE_DIR}")
        set_property(DIRECTORY ${${fetched}_SOURCE_DIR} PROPERTY EXCLUDE_FROM_ALL ON)  # from cmake --install too
    endif()
endmacro()

set(JSON_BuildTests OFF CACHE INTERNAL "")
set(EIGEN_BUILD_DOC OFF CACHE INTERNAL "")
set(EIGEN_BUILD_TESTING OFF CACHE INTERNAL "")
set(INSTALL_GTEST OFF CACHE INTERNAL "")
set(UTF8PROC_INSTALL OFF CACHE INTERNAL "")

find_package(Threads REQUIRED)
irene_dependency(nlohmann_json https://github.com/nlohmann/json.git v3.11.2 3.11)
irene_dependency(Eigen3 https://gitlab.com/libeigen/eigen.git 3.4.0 3.4)
irene_dependency(simdjson https://github.com/simdjson/simdjson.git v3.0.1 3.0.1)
irene_dependency(utf8proc https://github.com/JuliaStrings/utf8proc.git v2.8.0 2.8)
if(NOT TARGET utf8proc::utf8proc)  # fetched
    target_include_directories(utf8proc SYSTEM INTERFACE ${utf8proc_SOURCE_DIR})
    add_library(utf8proc::utf8proc ALIAS utf8proc)
endif()
# Those that the library links with are compiled into it where they were fetched: who links with the installed library
# has none.
function(irene_link_dependency name)
    if(${name}_FOUND)
        target_link_libraries(irene PRIVATE ${name}::${name})
        return()
    endif()
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_sources(irene PRIVATE $<TARGET_OBJECTS:${name}>)
    target_include_directories(irene SYSTEM PRIVATE $<TARGET_PROPERTY:${name},INTERFACE_INCLUDE_DIRECTORIES>)
    target_compile_definitions(irene PRIVATE $<TARGET_PROPERTY:${name},INTERFACE_COMPILE_DEFINITIONS>)
endfunction()
if(IRENE_BUILD_APPS)
    irene_dependency(CLI11 https://github.com/CLIUtils/CLI11.git v2.1.2 2.1)
    irene_dependency(spdlog https://github.com/gabime/spdlog.git v1.10.0 1.10)
endif()
if(IRENE_BUILD_TESTS)
    irene_dependency(GTest https://github.com/google/googletest.git release-1.12.1 1.12)
endif()
