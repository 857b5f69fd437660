#include "supervision_page.hpp"

#include <boost/json.hpp>
#include <gtest/gtest.h>

namespace chat {
namespace {

namespace json = boost::json;

TEST(SupervisionPage, ShowsEachLineInOrder) {
  troupe::supervision_tree tree;
  tree.lines = {{0, "guild", "entities", "permanent", "running", 0},
                {1, "lobby", "entity", "", "restarting", 3}};
  tree.left_out = 7;

  EXPECT_EQ(write_supervision(tree), json::parse(R"({"left_out":7,"lines":[
    {"depth":0,"name":"guild","kind":"entities","restart":"permanent","state":"running","restarts":0},
    {"depth":1,"name":"lobby","kind":"entity","restart":"","state":"restarting","restarts":3}
  ]})"));
}

TEST(SupervisionPage, ANodeThatSupervisesNothingHasNoLines) {
  EXPECT_EQ(write_supervision({}), json::parse(R"({"left_out":0,"lines":[]})"));
}

}  // namespace
}  // namespace chat
