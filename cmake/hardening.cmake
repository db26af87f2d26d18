# What Debian builds its packages with, and a bit more; for the directory that includes this. It changes no
# result. Debug builds cannot be fortified, and sanitizers check more.
if(IRENE_SANITIZE OR NOT CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang" OR NOT CMAKE_SYSTEM_NAME STREQUAL Linux)
    return()
endif()
include(CheckPIESupported)
check_pie_supported(LANGUAGES CXX)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
add_compile_options(-fstack-protector-strong
                    "$<$<NOT:$<CONFIG:Debug>>:SHELL:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>")
add_link_options(LINKER:-z,relro LINKER:-z,now)
