#!/bin/sh
# No include runs upwards: prints the order of the rooms, reads every #include of include, src, apps and python, and names each
# that the order forbids. Also no file is longer than a reader likes.
# usage: sh include_order_test.sh CHECKOUT
set -eu

# A room, and what it may include beside itself: those below it. Of the public headers, base sees what is not of energy,
# and numerics what is not of trees.
order='apps          include
python        include
c             include base data models
tasks         include base data numerics models architectures
architectures include base data numerics
models        include base data numerics
version       include numerics
data          include base
numerics      include/irene/error.hpp base
base          include/irene/error.hpp include/irene/same_file.hpp
include       -'
export order
echo "$order" | sed 's/ / -> /'

# refused CHECKOUT: a line for each include that is not allowed.
refused() (
    cd "$1"
    find include src apps python \( -name '*.hpp' -o -name '*.h' -o -name '*.cpp' \) ! -path '*/node_modules/*' | sort |
        xargs awk '
        BEGIN {
            rows = split(ENVIRON["order"], row, "\n")
            for (i = 1; i <= rows; ++i) {
                words = split(row[i], word, " ")
                if (words == 0) continue
                rooms[word[1]] = row[i]
                allowed[word[1], word[1]] = 1
                for (j = 2; j <= words; ++j) allowed[word[1], word[j]] = 1
            }
        }
        # The room of a file: its folder, that of src being taken off; src/version.cpp stands alone.
        function room_of(path,    part) {
            split(path, part, "/")
            if (part[1] != "src") return part[1]
            sub(/\..*/, "", part[2])
            return part[2]
        }
        function refuse(why) {
            print FILENAME ":" FNR ": " $0 ": " why
        }
        FNR == 1 { room = room_of(FILENAME) }
        !/^[ \t]*#[ \t]*include/ { next }
        !(room in rooms) { refuse("\"" room "\" is no room of the order"); next }
        {
            ++found
            name = $0
            sub(/^[^"<]*["<]/, "", name)
            sub(/[">].*/, "", name)
        }
        /</ {
            if (room == "include" && name !~ /^([a-z_0-9]+|stddef\.h)$/)
                refuse("a public header asks its users for the standard library alone")
            if (room != "apps" && name ~ /^(CLI|spdlog)\//) refuse("only tools parse command lines and print")
            if (room != "python" && name ~ /^pybind11\//) refuse("only the Python package knows of Python")
            next
        }
        {
            split(name, part, "/")
            if (name ~ /^irene(\/|\.h$)/) {
                target = "include"
            } else if (name == "version_numbers.hpp" && room == "version") {
                next  # CMake writes it
            } else if (name !~ /\//) {
                target = room == "python" ? "python" : "apps"  # whose includes have no folder
            } else {
                target = part[1]
            }
            if (!((room, target) in allowed) && !((room, target "/" name) in allowed))
                refuse(room " does not include " target)
        }
        END { if (found == 0) print "no include was found" }'
)

# too_long CHECKOUT: a line for each file of more lines than its limit.
too_long() (
    cd "$1"
    find src apps include python tests \( -name '*.hpp' -o -name '*.h' -o -name '*.cpp' -o -name '*.c' -o -name '*.ts' \
        -o -name '*.mjs' -o -name '*.css' -o -name '*.sh' -o -name '*.py' \) ! -path '*/node_modules/*' | sort |
        xargs awk 'FNR == 1 { limit = FILENAME ~ /(^tests|\/tests?)\// ? 700 : 400 }
                   FNR == limit + 1 { print FILENAME ": has more than " limit " lines" }'
)

# That each rule refuses what breaks it: a checkout of one wrong include, or one long file.
wrong=$(mktemp -d)
trap 'rm -rf "$wrong"' EXIT
must_refuse() {  # FILE TEXT
    rm -rf "${wrong:?}"/*
    mkdir -p "$wrong/src" "$wrong/include/irene" "$wrong/apps" "$wrong/python" "$wrong/tests" "$wrong/${1%/*}"
    printf '%s\n' "$2" >"$wrong/$1"
    refused "$wrong" | grep -q "^$1:1: $2: " || { echo "not refused: $1: $2" >&2; exit 1; }
}
must_refuse src/base/a.cpp '#include "irene/tree.hpp"'
must_refuse src/base/a.cpp '#include "data/splice.hpp"'
must_refuse src/data/a.cpp '#include "numerics/scaler.hpp"'
must_refuse src/numerics/a.hpp '#include "data/splice.hpp"'
must_refuse src/numerics/a.hpp '#include "irene/tree.hpp"'
must_refuse src/models/additive/a.cpp '#  include "tasks/forest.hpp"'
must_refuse src/models/a.cpp '#include "architectures/count.hpp"'
must_refuse src/architectures/a.cpp '#include "models/model_file.hpp"'
must_refuse src/tasks/a.cpp '#include "command_line.hpp"'
must_refuse src/tasks/a.cpp '#include <spdlog/spdlog.h>'
must_refuse src/tasks/a.cpp '#include <pybind11/pybind11.h>'
must_refuse python/src/a.cpp '#include "tasks/forest.hpp"'
must_refuse python/src/a.cpp '#include <spdlog/spdlog.h>'
must_refuse src/c/a.cpp '#include "tasks/forest.hpp"'
must_refuse src/new_room/a.cpp '#include "irene/tree.hpp"'
must_refuse apps/a.cpp '#include "base/json.hpp"'
must_refuse include/irene/a.hpp '#include "base/json.hpp"'
must_refuse include/irene/a.hpp '#include <nlohmann/json.hpp>'
must_refuse include/irene/a.hpp '#include <simdjson.h>'
yes | head -n 401 >"$wrong/src/a.cpp"
too_long "$wrong" | grep -q '^src/a.cpp: ' || { echo 'a file of 401 lines is not refused' >&2; exit 1; }

{ refused "$1"; too_long "$1"; } >"$wrong/found"
if [ -s "$wrong/found" ]; then
    cat "$wrong/found" >&2
    exit 1
fi
