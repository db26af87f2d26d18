#!/bin/sh
# The library never prints, exits or aborts: it refers to nothing that does. snprintf writes to memory, and
# std::terminate stands behind every noexcept.
# usage: sh library_test.sh LIBRARY
set -eu

used=$(nm -C --undefined-only "$1" | sed -n 's/^ *U //p' | sort -u)
[ -n "$used" ]
if printf '%s\n' "$used" | grep -E '^_*(v?f?d?printf|puts|fputs|putchar|fputc|putc|perror|v?syslog|_?exit|_Exit|quick_exit|abort|raise|kill|__assert_fail|stdout|stderr|std::(cout|cerr|clog|exit|abort|terminate_handler))'; then
    echo 'the library refers to the above' >&2
    exit 1
fi
