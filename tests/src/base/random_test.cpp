#include "src/base/random.hpp"

#include "tests/catch.hpp"

using musicvae::SplitMix64;

TEST_CASE("SplitMix64 gives the numbers of its authors' program", "[base][random]") {
  SplitMix64 random(1234567);
  for (const std::uint64_t expected :
       {6457827717110365317u, 3203168211198807973u, 9817491932198370423u, 4593380528125082431u}) {
    CHECK(random.next() == expected);
  }
}

TEST_CASE("Numbers that are left out are those that would have come", "[base][random]") {
  SplitMix64 random(7);
  SplitMix64 ahead(7);
  for (int i = 0; i < 5; ++i) random.next();
  ahead.discard(5);
  CHECK(ahead.next() == random.next());
}

TEST_CASE("Numbers below a limit reach it from zero on, but for itself", "[base][random]") {
  SplitMix64 random(3);
  int seen[3] = {};
  for (int i = 0; i < 1000; ++i) ++seen[random.below(3)];
  for (const int count : seen) CHECK(count > 250);
  for (int i = 0; i < 1000; ++i) {
    const double number = random.uniform();
    REQUIRE(number >= 0);
    REQUIRE(number < 1);
  }
}
