#!/bin/sh
# One line that says which tests of a run did not run, and why: those that CTest skipped, and those within a program that
# ran. Each says so itself, in a line that begins with "skipped: ".
# usage: sh not_run.sh LASTTEST.LOG
exec awk '
    function add(text) { list = list (list == "" ? "" : "; ") text }
    function end_test() {
        if (reasons != "") add(name ": " reasons)
        else if (was_skipped) add(name)
        reasons = ""
        was_skipped = 0
    }
    /^[0-9]+\/[0-9]+ Testing: / { end_test(); name = $3 }
    /^skipped: / { sub(/^skipped: /, ""); reasons = reasons (reasons == "" ? "" : ", ") $0 }
    /^Test Skipped\.?$/ { was_skipped = 1 }
    END {
        end_test()
        print list == "" ? "Everything was run." : "Not run: " list "."
    }' "$1"
