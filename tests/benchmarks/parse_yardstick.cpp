// parse_yardstick FILE: parses every line of a JSONL file into an nlohmann document on one thread, and
// nothing else.
#include <cstdio>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

int main(int argc, char** argv) {
    if (argc != 2) return 64;
    std::ifstream file(argv[1]);
    std::string line;
    std::size_t members = 0;
    while (std::getline(file, line)) members += nlohmann::json::parse(line).size();
    std::printf("%zu\n", members);
    return members > 0 ? 0 : 65;
}
