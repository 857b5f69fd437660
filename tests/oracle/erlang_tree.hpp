// Trees under OTP's own supervisors, in an Erlang virtual machine that lives as long as this.
#pragma once

#include "oracle/supervised_tree.hpp"

#include <cstdio>
#include <string>
#include <sys/types.h>

namespace oracle {

class erlang_supervisors : public supervised_tree {
 public:
  /// `folder` holds supervisor_oracle.beam. Throws when the machine does not start.
  explicit erlang_supervisors(const std::string& folder);
  ~erlang_supervisors() override;
  erlang_supervisors(const erlang_supervisors&) = delete;
  erlang_supervisors& operator=(const erlang_supervisors&) = delete;

  [[nodiscard]] std::string start(const tree_case& of) override;
  [[nodiscard]] std::string apply(const tree_step& step) override;
  [[nodiscard]] std::string stop() override;

 private:
  std::string ask(const std::string& term);

  tree_case case_;
  pid_t process_ = -1;
  std::FILE* to_ = nullptr;
  std::FILE* from_ = nullptr;
};

}  // namespace oracle
