// predict MODEL CONFIG: what the transformer of a config.json costs for 8 sequences of 128 tokens.
#include <iostream>

#include "irene/architectures.hpp"
#include "irene/model.hpp"

int main(int, char** argv) {
    irene::Predictor predictor(irene::load_model(argv[1]));
    std::cout << predictor.predict(irene::load_transformer(argv[2]).tree(8, 128)).joules[0] << " J\n";
}
