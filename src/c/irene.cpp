// The C interface: C++ exceptions become codes and messages here.
#include "irene.h"

#include <cstdint>
#include <exception>
#include <new>
#include <string>
#include <string_view>

#include "irene/error.hpp"
#include "irene/model.hpp"
#include "irene/version.hpp"

struct irene_model {
    irene::Predictor predictor;
};

namespace {

thread_local std::string last_error;

int fail(int status, const char* message) {
    try {
        last_error = message;
    } catch (...) {
        last_error.clear();
    }
    return status;
}

int status_of(irene::ErrorKind kind) {
    switch (kind) {
        case irene::ErrorKind::usage:
            return IRENE_USAGE;
        case irene::ErrorKind::data:
            return IRENE_BAD_DATA;
        case irene::ErrorKind::no_input:
            return IRENE_NO_INPUT;
        default:
            return IRENE_BUG;  // nothing is written, and nobody interrupts
    }
}

template <typename Work>
int guard(const Work& work) {
    try {
        last_error.clear();
        return work();
    } catch (const irene::Error& error) {
        return fail(status_of(error.kind()), error.what());
    } catch (const std::bad_alloc&) {
        return fail(IRENE_BUG, "out of memory");
    } catch (const std::exception& error) {
        return fail(IRENE_BUG, error.what());
    } catch (...) {
        return fail(IRENE_BUG, "unknown");
    }
}

}  // namespace

irene_model* irene_load(const char* directory) {
    irene_model* model = nullptr;
    guard([&] {
        if (directory == nullptr) return fail(IRENE_USAGE, "the directory is null");
        model = new irene_model{irene::Predictor(irene::load_model(directory))};
        return static_cast<int>(IRENE_DONE);
    });
    return model;
}

int irene_predict(irene_model* model, const char* json, size_t json_size, char* buffer, size_t capacity,
                  size_t* size) {
    if (size != nullptr) *size = 0;
    return guard([&] {
        if (model == nullptr || json == nullptr || size == nullptr || (buffer == nullptr && capacity > 0)) {
            return fail(IRENE_USAGE, "a pointer is null");
        }
        const std::string output = model->predictor.predict_line({json, json_size}, "tree");
        *size = output.size();
        if (output.size() > capacity) return fail(IRENE_TOO_SMALL, "the buffer is too small");
        output.copy(buffer, output.size());
        return static_cast<int>(IRENE_DONE);
    });
}

const char* irene_last_error(void) { return last_error.c_str(); }

void irene_free(irene_model* model) { delete model; }

const char* irene_version(void) { return irene::version().data(); }
