# Writes OUTPUT, which names the commit of SOURCE; run at every build, and rewritten only where the name has changed.
# Nothing is named outside a clone: a tarball that lies inside another project's clone must not take that one's.
set(commit "")
if(EXISTS ${SOURCE}/.git)
    find_program(git git)
    if(git)
        execute_process(COMMAND ${git} --no-optional-locks describe --always --dirty --abbrev=8 --exclude=*
                        WORKING_DIRECTORY ${SOURCE} OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    endif()
endif()
file(CONFIGURE OUTPUT ${OUTPUT} CONTENT [[
#include "commit.hpp"

std::string_view irene::apps::commit() noexcept { return "@commit@"; }
]] @ONLY)
