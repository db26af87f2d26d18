#!/usr/bin/env python3
"""Predicts trees from Python with the C interface; nothing has to be installed but the shared library.

    predict.py LIBRARY MODEL < trees.jsonl > predictions.jsonl
"""
import ctypes
import sys

DONE, TOO_SMALL = 0, 1


class Model:
    def __init__(self, library, directory):
        self._library = ctypes.CDLL(library)
        self._library.irene_load.restype = ctypes.c_void_p
        self._library.irene_load.argtypes = [ctypes.c_char_p]
        self._library.irene_predict.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p,
                                                ctypes.c_size_t, ctypes.POINTER(ctypes.c_size_t)]
        self._library.irene_last_error.restype = ctypes.c_char_p
        self._library.irene_free.argtypes = [ctypes.c_void_p]
        self._buffer = ctypes.create_string_buffer(1 << 16)
        self._model = self._library.irene_load(directory.encode())
        if not self._model:
            raise ValueError(self._library.irene_last_error().decode())

    def predict(self, line):
        """The line of JSON, as bytes, with "predicted_energy" in joules on every node."""
        size = ctypes.c_size_t()
        while True:
            status = self._library.irene_predict(self._model, line, len(line), self._buffer, len(self._buffer),
                                                 ctypes.byref(size))
            if status == DONE:
                return self._buffer.raw[:size.value]
            if status != TOO_SMALL:
                raise ValueError(self._library.irene_last_error().decode())
            self._buffer = ctypes.create_string_buffer(2 * size.value)

    def close(self):
        self._library.irene_free(self._model)
        self._model = None


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        model = Model(sys.argv[1], sys.argv[2])
        for line in sys.stdin.buffer:
            sys.stdout.buffer.write(model.predict(line.rstrip(b"\r\n")) + b"\n")
        model.close()
    except ValueError as error:
        sys.exit(f"predict.py: {error}")


if __name__ == "__main__":
    main()
