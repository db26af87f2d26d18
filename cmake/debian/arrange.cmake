# What Debian has its own place or form for, in the folders that cpack packs.
file(GLOB roots ${CPACK_TEMPORARY_DIRECTORY}/*)
foreach(root ${roots})
    set(share ${root}/usr/share)
    if(EXISTS ${share}/zsh/site-functions)
        file(RENAME ${share}/zsh/site-functions ${share}/zsh/vendor-completions)
    endif()
    # The licence stands in the package's copyright file, the changes in its changelog.
    file(REMOVE ${share}/doc/irene/LICENSE ${share}/doc/irene/CHANGELOG.md)
    file(GLOB compressed ${share}/man/man1/*.1 ${share}/doc/*/changelog*)
    if(compressed)
        execute_process(COMMAND gzip -9n ${compressed} COMMAND_ERROR_IS_FATAL ANY)
    endif()
    file(GLOB_RECURSE archives ${root}/*.a)
    foreach(archive ${archives})
        execute_process(COMMAND strip --strip-debug --remove-section=.comment --remove-section=.note
                                --enable-deterministic-archives ${archive} COMMAND_ERROR_IS_FATAL ANY)
    endforeach()
endforeach()
