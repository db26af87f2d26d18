# cmake --install: the tools, the library with its headers, the pages that people read, and the package file for
# find_package(irene).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

install(TARGETS irene irene_c EXPORT irene ARCHIVE COMPONENT development
        LIBRARY COMPONENT runtime NAMELINK_COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ TYPE INCLUDE COMPONENT development)
if(IRENE_BUILD_APPS)
    install(TARGETS ${IRENE_TOOLS} RUNTIME COMPONENT tools)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/configs DESTINATION ${CMAKE_INSTALL_DATADIR}/irene COMPONENT tools)
    install(DIRECTORY ${PROJECT_SOURCE_DIR}/models DESTINATION ${CMAKE_INSTALL_DATADIR}/irene COMPONENT tools
            FILES_MATCHING PATTERN *.json)
    if(IRENE_SHARE)
        install(DIRECTORY ${IRENE_SHARE}/ TYPE DATA COMPONENT tools)
    endif()
endif()
# In the layout of the repository, so that links from page to page lead somewhere.
set(pages ${CMAKE_INSTALL_DATADIR}/doc/irene)
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md ${PROJECT_SOURCE_DIR}/CONTRIBUTING.md
              ${PROJECT_SOURCE_DIR}/LICENSE
        DESTINATION ${pages} COMPONENT tools)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs DESTINATION ${pages} COMPONENT tools)
install(FILES ${PROJECT_SOURCE_DIR}/datasets/README.md DESTINATION ${pages}/datasets COMPONENT tools)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/models DESTINATION ${pages} COMPONENT tools FILES_MATCHING PATTERN README.md)

# The consumer needs those dependencies that the system has; one that was fetched is within the library.
set(find_dependencies "")
foreach(dependency simdjson utf8proc)
    if(${dependency}_FOUND)
        string(APPEND find_dependencies "find_dependency(${dependency})\n")
    endif()
endforeach()
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/irene)
install(EXPORT irene NAMESPACE irene:: FILE irene-targets.cmake DESTINATION ${package} COMPONENT development)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/irene-config.cmake.in
                              ${PROJECT_BINARY_DIR}/irene-config.cmake INSTALL_DESTINATION ${package})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/irene-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/irene-config.cmake ${PROJECT_BINARY_DIR}/irene-config-version.cmake
              ${CMAKE_CURRENT_LIST_DIR}/Findutf8proc.cmake
        DESTINATION ${package} COMPONENT development)
