#include "models/kernels/lstm_gates.hpp"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include "tests/catch.hpp"

using namespace musicvae::models;

namespace {

using Floats = std::vector<float>;

Floats random_floats(std::int64_t count, float bound, std::uint32_t seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> uniform(-bound, bound);
  Floats values(static_cast<std::size_t>(count));
  for (auto& value : values) value = uniform(generator);
  return values;
}

/// A step of one sequence, and what it gives.
template <class Gate>
struct Forward {
  Forward(std::int64_t hidden, const Floats& sums, const Floats& token, const Floats& c_before)
      : gates(static_cast<std::size_t>(4 * hidden)),
        c(c_before),
        h(c_before.size()),
        c_history(c_before.size()),
        output(c_before.size()) {
    const Floats base(gates.size());
    GatesForward<Gate> row{};
    row.recurrent = sums.data();
    row.base = base.data();
    row.token = token.empty() ? nullptr : token.data();
    row.gates = gates.data();
    row.c = c.data();
    row.c_history = c_history.data();
    row.h = h.data();
    row.output = output.data();
    gates_forward(row, hidden);
  }

  std::vector<Gate> gates;
  Floats c, h, c_history, output;
};

/// The gradients of a step, and what else its backward pass gives.
template <class Gradient>
struct Backward {
  using Gate = KeptGate<Gradient>;

  /// `in_place` puts the gradients where the gates were.
  Backward(std::int64_t hidden, const Forward<Gate>& forward, const Floats& c_before, bool in_place)
      : gates(forward.gates),
        dsums(gates.size()),
        dc(random_floats(hidden, 1, 1)),
        dbase(gates.size()),
        h(c_before.size()) {
    const auto dh = random_floats(hidden, 1, 2);
    const auto doutput = random_floats(hidden, 1, 3);
    GatesBackward<Gradient> row{};
    row.gates = gates.data();
    row.c = forward.c.data();
    row.c_previous = c_before.data();
    row.dh = dh.data();
    row.doutput = doutput.data();
    row.dc = dc.data();
    row.dsums = in_place ? reinterpret_cast<Gradient*>(gates.data()) : dsums.data();
    row.dbase = dbase.data();
    row.h = h.data();
    gates_backward(row, hidden);
    if (in_place) dsums.assign(row.dsums, row.dsums + gates.size());
  }

  std::vector<Gate> gates;
  std::vector<Gradient> dsums;
  Floats dc, dbase;
  std::vector<Gradient> h;
};

constexpr std::int64_t kSizes[] = {1, 16, 37, 64};

}  // namespace

TEST_CASE("Gates are sigmoids and tanhs to a few units in the last place", "[kernels][gates]") {
  constexpr std::int64_t kHidden = 4001;
  Floats sums(4 * kHidden);
  for (std::int64_t j = 0; j < kHidden; ++j) {
    for (int gate = 0; gate < 4; ++gate) {
      sums[static_cast<std::size_t>(gate * kHidden + j)] = 0.01F * static_cast<float>(j - 2000);
    }
  }
  const Forward<float> step(kHidden, sums, {}, Floats(kHidden));
  for (std::size_t k = 0; k < sums.size(); ++k) {
    const double x = sums[k];
    const bool is_tanh = k / kHidden == 2;
    const double expected = is_tanh ? std::tanh(x) : 1 / (1 + std::exp(-x));
    INFO("gate " << k / kHidden << " of " << x);
    REQUIRE(step.gates[k] == Approx(expected).epsilon(4e-7));
  }
}

TEST_CASE("Gates kept in 16 bits are the nearest ones, and change nothing else",
          "[kernels][gates]") {
  for (const auto hidden : kSizes) {
    const auto sums = random_floats(4 * hidden, 8, 1);
    const auto c = random_floats(hidden, 2, 2);
    const Forward<float> in_float(hidden, sums, {}, c);
    const Forward<Q15> kept(hidden, sums, {}, c);
    for (std::size_t k = 0; k < sums.size(); ++k) {
      const auto nearest = std::lrint(in_float.gates[k] * 32768.0);
      CHECK(kept.gates[k] == std::min(nearest, 32767L));
    }
    CHECK(kept.c == in_float.c);
    CHECK(kept.h == in_float.h);
    CHECK(kept.c_history == in_float.c);
    CHECK(kept.output == in_float.h);
  }
}

TEST_CASE("A wide open or tightly shut gate fits into 16 bits", "[kernels][gates]") {
  for (const float x : {-100.0F, 100.0F}) {
    const Forward<Q15> kept(1, Floats(4, x), {}, {0});
    const auto open = static_cast<Q15>(x > 0 ? 32767 : 0);
    CHECK(kept.gates ==
          std::vector<Q15>{open, open, static_cast<Q15>(x > 0 ? 32767 : -32768), open});
  }
}

TEST_CASE("No token is the same as one of zeros", "[kernels][gates]") {
  const auto sums = random_floats(4 * 37, 8, 1);
  const auto c = random_floats(37, 2, 2);
  const Forward<float> none(37, sums, {}, c);
  const Forward<float> zeros(37, sums, Floats(4 * 37), c);
  CHECK(none.gates == zeros.gates);
  CHECK(none.h == zeros.h);
}

TEMPLATE_TEST_CASE("Gradients may take the place of the gates", "[kernels][gates]", float,
                   BFloat16) {
  for (const auto hidden : kSizes) {
    const auto c = random_floats(hidden, 2, 2);
    const Forward<KeptGate<TestType>> step(hidden, random_floats(4 * hidden, 8, 1), {}, c);
    const Backward<TestType> apart(hidden, step, c, false);
    const Backward<TestType> in_place(hidden, step, c, true);
    CHECK(in_place.dsums == apart.dsums);
    CHECK(in_place.dc == apart.dc);
    CHECK(in_place.dbase == apart.dbase);
    CHECK(in_place.h == apart.h);
  }
}

TEST_CASE("Gradients of gates kept in 16 bits are near those of floats", "[kernels][gates]") {
  for (const auto hidden : kSizes) {
    const auto sums = random_floats(4 * hidden, 8, 1);
    const auto c = random_floats(hidden, 2, 2);
    const Backward<float> expected(hidden, Forward<float>(hidden, sums, {}, c), c, false);
    const Backward<BFloat16> actual(hidden, Forward<Q15>(hidden, sums, {}, c), c, false);
    for (std::size_t k = 0; k < sums.size(); ++k) {
      CHECK(actual.dbase[k] == Approx(expected.dbase[k]).margin(2e-4));
    }
    for (std::size_t j = 0; j < c.size(); ++j) {
      CHECK(actual.dc[j] == Approx(expected.dc[j]).margin(2e-4));
    }
  }
}
