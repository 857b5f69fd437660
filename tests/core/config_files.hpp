// A directory for settings files, and what load_config says about them.
#pragma once

#include "temporary_folder.hpp"
#include <troupe/core/config.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>

namespace troupe {

/// A variable of the environment while this lives.
class variable {
 public:
  variable(std::string name, const std::string& text) : name_(std::move(name)) {
    ::setenv(name_.c_str(), text.c_str(), 1);
  }
  ~variable() { ::unsetenv(name_.c_str()); }
  variable(const variable&) = delete;
  variable& operator=(const variable&) = delete;

 private:
  std::string name_;
};

/// An empty directory while this lives.
class config_directory {
 public:
  [[nodiscard]] std::filesystem::path file() const { return folder_.path / "node.toml"; }

  [[nodiscard]] std::filesystem::path write(const std::string& bytes) const {
    std::ofstream(file(), std::ios::binary) << bytes;
    return file();
  }

  /// `text` with the paths in this directory made relative, as a user would have given them.
  [[nodiscard]] std::string relative(std::string text) const {
    const std::string prefix = folder_.path.string() + '/';
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix)) {
      text.erase(at, prefix.size());
    }
    return text;
  }

 private:
  testing_support::temporary_folder folder_;
};

inline result<node_options> load_text(const std::string& toml) {
  const config_directory directory;
  return load_config({.file = directory.write(toml), .environment = false, .overrides = {}});
}

inline std::string why(const result<node_options>& r) {
  if (r.ok()) return "accepted";
  return r.code() == errc::invalid_config ? r.why().what : "wrong code: " + to_string(r.why());
}

/// What is said about a file named node.toml with these contents.
inline std::string why_not(const std::string& toml) {
  const config_directory directory;
  return directory.relative(
      why(load_config({.file = directory.write(toml), .environment = false, .overrides = {}})));
}

inline result<node_options> load_override(const std::string& text) {
  return load_config({.file = {}, .environment = false, .overrides = {text}});
}

inline result<node_options> load_environment() {
  return load_config({.file = {}, .environment = true, .overrides = {}});
}

}  // namespace troupe
