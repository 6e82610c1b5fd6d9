#include "grader/harness/function_name.h"

#include <gtest/gtest.h>

namespace kit {
namespace {

TEST(ShortFunctionName, DropsParameters) {
  EXPECT_EQ(short_function_name("ring::RingBuffer::push(std::string, int) const"),
            "ring::RingBuffer::push");
  EXPECT_EQ(short_function_name("f(void (*)(int))"), "f");
}

TEST(ShortFunctionName, DropsAbiTags) {
  EXPECT_EQ(short_function_name("ring::make_proof[abi:cxx11](int)"), "ring::make_proof");
}

TEST(ShortFunctionName, KeepsTheCallOperator) {
  EXPECT_EQ(short_function_name("Server::run()::{lambda(int)#1}::operator()(int) const"),
            "Server::run()::{lambda(int)#1}::operator()");
  EXPECT_EQ(short_function_name("operator()"), "operator()");
}

TEST(ShortFunctionName, LeavesAPlainNameAlone) { EXPECT_EQ(short_function_name("main"), "main"); }

}  // namespace
}  // namespace kit
