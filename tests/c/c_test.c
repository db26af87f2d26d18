/* c_test MODEL TREES: predicts the first line of TREES through the C interface and prints it. */
#include <irene.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

static void expect(int holds, const char* what) {
    if (holds) return;
    fprintf(stderr, "FAILED: %s (last error: %s)\n", what, irene_last_error());
    ++failures;
}

int main(int argc, char** argv) {
    static char line[1 << 20];
    FILE* file = argc == 3 ? fopen(argv[2], "rb") : NULL;
    if (file == NULL || fgets(line, sizeof line, file) == NULL) return 64;
    fclose(file);
    const size_t length = strcspn(line, "\n");

    expect(irene_load("/nowhere") == NULL, "a missing model is refused");
    expect(strstr(irene_last_error(), "/nowhere") != NULL, "the message names it");
    expect(irene_load(NULL) == NULL, "null is refused");

    expect(strchr(irene_version(), '.') != NULL, "the version has a dot");

    irene_model* model = irene_load(argv[1]);
    expect(model != NULL, "the model is loaded");
    expect(strcmp(irene_last_error(), "") == 0, "a call that succeeds leaves no message");
    if (model == NULL) return 1;

    size_t size = 7;
    expect(irene_predict(model, line, length, NULL, 0, &size) == IRENE_TOO_SMALL, "the size is asked for");
    expect(size > length, "the prediction is longer than the tree");
    char* buffer = malloc(size);
    memset(buffer, 'x', size);
    const size_t wanted = size;
    expect(irene_predict(model, line, length, buffer, size - 1, &size) == IRENE_TOO_SMALL,
           "one byte is missing");
    expect(size == wanted && buffer[0] == 'x', "nothing is written then");
    expect(irene_predict(model, line, length / 2, buffer, wanted, &size) == IRENE_BAD_DATA, "half a tree");
    expect(size == 0, "no bytes then");
    expect(strstr(irene_last_error(), "malformed JSON") != NULL, "the message says why");
    expect(irene_predict(NULL, line, length, buffer, wanted, &size) == IRENE_USAGE, "no model");
    expect(irene_predict(model, NULL, length, buffer, wanted, &size) == IRENE_USAGE, "no tree");
    expect(irene_predict(model, line, length, NULL, wanted, &size) == IRENE_USAGE, "no buffer");
    expect(irene_predict(model, line, length, buffer, wanted, NULL) == IRENE_USAGE, "no size");
    expect(irene_predict(model, line, (size_t)-1, buffer, wanted, &size) == IRENE_BAD_DATA,
           "a negative size");
    expect(irene_predict(model, line, 0, buffer, wanted, &size) == IRENE_BAD_DATA, "an empty tree");
    expect(irene_predict(model, "\0", 1, buffer, wanted, &size) == IRENE_BAD_DATA, "a tree of a zero byte");
    expect(irene_predict(model, line, length, buffer, 0, &size) == IRENE_TOO_SMALL, "a buffer of no bytes");
    expect(irene_load("") == NULL && strlen(irene_last_error()) > 0, "a directory without a name");

    expect(irene_predict(model, line, length, buffer, wanted, &size) == IRENE_DONE, "the tree is predicted");
    expect(size == wanted, "to the size that was said");
    fwrite(buffer, 1, size, stdout);
    putchar('\n');
    free(buffer);
    irene_free(model);
    irene_free(NULL);
    return failures == 0 ? 0 : 1;
}
