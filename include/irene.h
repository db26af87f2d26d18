/* The C interface: prediction for C, Python's ctypes, Go and whatever else calls C. Stable within a major
 * version: functions and codes are added, never changed.
 *
 * A model is used by one thread at a time; each thread that predicts loads its own. Messages are per thread.
 * No function prints, exits, or lets a C++ exception out. */
#ifndef IRENE_H
#define IRENE_H

#include <stddef.h>

#if defined(__GNUC__)
#define IRENE_API __attribute__((visibility("default")))
#else
#define IRENE_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct irene_model irene_model;

/* What a call came to; irene_last_error() says why. The numbers are the tools' exit codes. */
enum irene_status {
    IRENE_DONE = 0,
    IRENE_TOO_SMALL = 1, /* the caller's buffer; *size says how large it has to be */
    IRENE_USAGE = 64,    /* a null pointer, or a call that cannot be honoured */
    IRENE_BAD_DATA = 65, /* the model or the tree is malformed or does not fit */
    IRENE_NO_INPUT = 66, /* the model cannot be read */
    IRENE_BUG = 70       /* please report it; also out of memory */
};

/* Loads the model that irene-train wrote into `directory`, a path that ends with a zero byte.
 * Returns null on failure. The caller frees it with irene_free(). */
IRENE_API irene_model* irene_load(const char* directory);

/* Predicts one tree, one line of JSON of `json_size` bytes. Writes the same line with "predicted_energy", in
 * joules, on every node, with its parts where the model tells them, "predicted_seconds" of the run and its
 * calls where it knows times, marks of nodes that lie outside training, and "prediction", which says who
 * predicted, to `buffer` and its number of bytes to `*size`; no zero byte is added. docs/formats.md has the
 * keys. Where `capacity` is smaller than that, nothing is written but `*size`, and IRENE_TOO_SMALL comes
 * back; `buffer` may be null where `capacity` is 0. Other failures set `*size` to 0. */
IRENE_API int irene_predict(irene_model* model, const char* json, size_t json_size, char* buffer,
                            size_t capacity, size_t* size);

/* One line about the last call of this thread that failed, valid until its next call; "" where none did. */
IRENE_API const char* irene_last_error(void);

/* Frees a model; null is allowed. */
IRENE_API void irene_free(irene_model* model);

/* Semantic version of the toolkit, e.g. "0.1.0". */
IRENE_API const char* irene_version(void);

#ifdef __cplusplus
}
#endif

#endif
