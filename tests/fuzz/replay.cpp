// replay <folder>: gives a fuzz target its seeds and every file of the folder, once, in order.
#include "fuzz.hpp"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

namespace fs = std::filesystem;

bool holds(const std::string& what, const std::string& bytes) {
  const std::vector<char> exact = troupe::fuzz::exact_copy(bytes);
  try {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(exact.data()), exact.size());
    return true;
  } catch (const std::exception& broken) {
    std::cerr << what << ": " << broken.what() << '\n';
    return false;
  }
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  return files;
}

std::string read(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int count, char** given) {
  if (count != 2 || !fs::is_directory(given[1])) {
    std::cerr << "usage: " << given[0] << " <folder of kept inputs, which exists>\n";
    return 2;
  }
  const std::vector<std::string> seeds = troupe::fuzz::seeds();
  const std::vector<fs::path> files = files_of(given[1]);
  std::size_t broken = 0;
  for (std::size_t i = 0; i < seeds.size(); ++i) {
    broken += holds("seed " + std::to_string(i), seeds[i]) ? 0 : 1;
  }
  for (const fs::path& file : files) broken += holds(file.string(), read(file)) ? 0 : 1;

  std::cout << seeds.size() << " seeds and " << files.size() << " kept inputs, " << broken
            << " broken\n";
  return broken == 0 && !seeds.empty() && !files.empty() ? 0 : 1;
}
