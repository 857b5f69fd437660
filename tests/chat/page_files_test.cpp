#include "page_files.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace chat {
namespace {

TEST(PageFiles, AreTheFilesOfThePageByteByByte) {
  std::size_t count = 0;
  for (const auto& entry :
       std::filesystem::directory_iterator(TROUPE_SOURCE_DIR "/examples/chat/page")) {
    const std::string name = entry.path().filename().string();
    const std::string path = name == "index.html" ? "/" : "/" + name;
    const auto files = page_files();
    const auto file = std::find_if(files.begin(), files.end(),
                                   [&path](const page_file& f) { return f.path == path; });
    ASSERT_NE(file, files.end()) << name;
    std::ostringstream body;
    body << std::ifstream(entry.path(), std::ios::binary).rdbuf();
    EXPECT_TRUE(file->body == body.str()) << name;
    EXPECT_FALSE(file->type.empty()) << name;
    ++count;
  }
  EXPECT_EQ(count, page_files().size());
}

}  // namespace
}  // namespace chat
