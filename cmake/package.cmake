# cpack -G DEB: the tools, the C library, what it takes to develop with either library, and the Python package where it is
# built.
set(CPACK_PACKAGE_CONTACT "${PROJECT_NAME} maintainers <maintainers@irene-energy.invalid>")
set(CPACK_COMPONENTS_ALL tools runtime development)
if(TARGET irene_python)
    list(APPEND CPACK_COMPONENTS_ALL python)
endif()
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/debian/arrange.cmake)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 0.1)  # below 1: a package of Debian's own would be newer
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(debian_version ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})

set(CPACK_DEBIAN_TOOLS_PACKAGE_NAME irene)
set(CPACK_DEBIAN_TOOLS_PACKAGE_SECTION science)
set(CPACK_COMPONENT_TOOLS_DESCRIPTION "predicts the inference energy of transformers
 Commands that train an energy model on measured runs of transformers, predict
 the joules of every node of others, score, explain and show the predictions,
 and extract what is to be predicted from a Hugging Face config.json alone.")
set(runtime libirene-c${PROJECT_VERSION_MAJOR})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME ${runtime})
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION libs)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/debian/triggers)
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "predicts the inference energy of transformers - C library
 The shared library through which programs in C, Python, Go and others predict
 with a model that irene-train wrote.")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libirene-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "${runtime} (= ${debian_version}), libsimdjson-dev (>= 3.0.1), libutf8proc-dev (>= 2.8)")
set(CPACK_COMPONENT_DEVELOPMENT_DESCRIPTION "predicts the inference energy of transformers - development
 Headers, the static C++ library with its CMake package, and the C interface.")

set(CPACK_DEBIAN_PYTHON_PACKAGE_NAME python3-irene)
set(CPACK_DEBIAN_PYTHON_PACKAGE_SECTION python)
if(TARGET irene_python)
    string(REGEX MATCH "^([0-9]+)\\.([0-9]+)" matched ${IRENE_PACKAGE_PYTHON_VERSION})
    math(EXPR next_minor "${CMAKE_MATCH_2} + 1")
    set(CPACK_DEBIAN_PYTHON_PACKAGE_DEPENDS "python3 (>= ${matched}~), python3 (<< ${CMAKE_MATCH_1}.${next_minor})")
    # Python compiles what is installed, and what it compiled is removed before.
    set(CPACK_DEBIAN_PYTHON_PACKAGE_CONTROL_EXTRA
        ${CMAKE_CURRENT_LIST_DIR}/debian/postinst ${CMAKE_CURRENT_LIST_DIR}/debian/prerm)
    set(CPACK_DEBIAN_PYTHON_PACKAGE_CONTROL_STRICT_PERMISSION ON)
endif()
set(CPACK_COMPONENT_PYTHON_DESCRIPTION "predicts the inference energy of transformers - Python package
 The module irene: trees of transformers from their configs, joules of every
 node, with what it takes to train, calibrate, score and show. Trained models
 and public configs come with it.")

# Debian's own files, which cmake --install leaves out.
function(read_licence file copyright text)  # as a copyright file has them
    file(READ ${file} content)
    string(REGEX MATCH "Copyright[^\n]*" holder "${content}")
    string(REGEX REPLACE "^Copyright( \\(c\\))? " "" holder "${holder}")
    string(REGEX REPLACE "^.*\n\n(Permission|Redistribution)" "\\1" content "${content}")
    string(STRIP "${content}" content)
    string(REPLACE "\n\n" "\n.\n" content "${content}")
    string(REPLACE "\n" "\n " content "${content}")
    set(${copyright} "${holder}" PARENT_SCOPE)
    set(${text} " ${content}" PARENT_SCOPE)
endfunction()
read_licence(${PROJECT_SOURCE_DIR}/LICENSE copyright licence)
set(bundled_irene "")
if(TARGET irene-visualize)  # whose page contains these
    set(modules ${PROJECT_BINARY_DIR}/apps/visualize/web/node_modules)
    read_licence(${modules}/zrender/LICENSE zrender_copyright zrender_licence)
    read_licence(${modules}/echarts/licenses/LICENSE-d3 d3_copyright d3_licence)
    file(READ ${CMAKE_CURRENT_LIST_DIR}/debian/copyright_of_page.in page)
    string(CONFIGURE "${page}" bundled_irene @ONLY)
    set(bundled_python3-irene "${bundled_irene}")
endif()
string(TIMESTAMP now "%a, %d %b %Y %H:%M:%S +0000" UTC)
foreach(package irene ${runtime} libirene-dev python3-irene)
    set(folder ${PROJECT_BINARY_DIR}/debian/${package})
    set(bundled "${bundled_${package}}")
    configure_file(${CMAKE_CURRENT_LIST_DIR}/debian/copyright.in ${folder}/copyright @ONLY)
    configure_file(${CMAKE_CURRENT_LIST_DIR}/debian/changelog.in ${folder}/changelog.Debian @ONLY)
endforeach()
foreach(component ${CPACK_COMPONENTS_ALL})
    string(TOUPPER ${component} upper)
    set(package ${CPACK_DEBIAN_${upper}_PACKAGE_NAME})
    set(folder ${PROJECT_BINARY_DIR}/debian/${package})
    install(FILES ${folder}/copyright ${folder}/changelog.Debian DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package}
            COMPONENT ${component} EXCLUDE_FROM_ALL)
    install(FILES ${PROJECT_SOURCE_DIR}/CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${package} RENAME changelog
            COMPONENT ${component} EXCLUDE_FROM_ALL)
endforeach()
install(FILES ${CMAKE_CURRENT_LIST_DIR}/debian/lintian-overrides RENAME ${runtime}
        DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides COMPONENT runtime EXCLUDE_FROM_ALL)
include(CPack)
