# Bundles the page into STAGE/page.html, the template that irene-visualize fills, and STAGE/page.cpp, which holds it as a
# string. Run with cmake -P; ESBUILD is the program, WEB the folder of the page's sources.
cmake_minimum_required(VERSION 3.25)

function(bundle entry text policy)  # the text of a bundle, and what the page's policy calls it
    set(file ${STAGE}/bundle/${entry})
    execute_process(COMMAND ${ESBUILD} ${WEB}/src/${entry} --bundle --minify --format=iife --target=es2021 --charset=ascii
                            --legal-comments=none --log-level=warning --outfile=${file} COMMAND_ERROR_IS_FATAL ANY)
    file(READ ${file} bundled)
    string(STRIP "${bundled}" bundled)
    # Neither text may end the element that it stands in, nor the string of page.cpp; esbuild sees to the first.
    if(bundled MATCHES "</(script|style)|<!--|[)]page\"|[^\n -~]")
        message(FATAL_ERROR "${entry}: unfit to stand in a page")
    endif()
    string(SHA256 hex "${bundled}")
    # As base64: three bytes are six digits of hex, and four characters. The last of 32 bytes stands with one of zeros.
    set(characters ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/)
    set(base64 "")
    foreach(begin RANGE 0 60 6)
        string(SUBSTRING "${hex}00" ${begin} 6 digits)
        foreach(shift 18 12 6 0)
            math(EXPR place "(0x${digits} >> ${shift}) & 63")
            string(SUBSTRING ${characters} ${place} 1 character)
            string(APPEND base64 ${character})
        endforeach()
    endforeach()
    string(REGEX REPLACE "A$" "=" base64 ${base64})
    set(${text} "${bundled}" PARENT_SCOPE)
    set(${policy} "'sha256-${base64}'" PARENT_SCOPE)
endfunction()

bundle(main.ts script script_policy)
bundle(style.css style style_policy)
file(READ ${WEB}/page.html page)
foreach(part script_policy style_policy style script)
    string(REPLACE "@${part}@" "${${part}}" page "${page}")
endforeach()
foreach(mark @IRENE_TITLE@ @IRENE_DATA@)
    string(REPLACE "${mark}" "" without "${page}")
    string(LENGTH "${page}${mark}" whole)
    string(LENGTH "${without}${mark}${mark}" once)
    if(NOT whole EQUAL once)
        message(FATAL_ERROR "${mark} must stand in the page once")
    endif()
endforeach()
file(WRITE ${STAGE}/page.html "${page}")
file(WRITE ${STAGE}/page.cpp "#include \"page.hpp\"

namespace irene::apps {

namespace {

constexpr char kPage[] = R\"page(${page})page\";

}  // namespace

std::string_view page_template() noexcept { return {kPage, sizeof(kPage) - 1}; }

}  // namespace irene::apps
")
