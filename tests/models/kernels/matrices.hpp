#pragma once

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "models/kernels/gemm.hpp"

namespace musicvae::models {

/// A row-major matrix of random numbers, with a gap after each row.
struct RandomMatrix {
  RandomMatrix(std::int64_t rows, std::int64_t columns, std::uint32_t seed)
      : stride(columns + 3), values(static_cast<std::size_t>(rows * stride)) {
    std::mt19937 generator(seed);
    std::uniform_real_distribution<float> uniform(-1, 1);
    for (auto& value : values) value = uniform(generator);
  }

  MatrixView view(bool transposed = false) const { return {values.data(), stride, transposed}; }

  std::int64_t stride;
  std::vector<float> values;
};

/// a b in double precision, [rows, columns] without gaps.
inline std::vector<double> product(const ProductSize& size, const MatrixView& a,
                                   const MatrixView& b) {
  std::vector<double> sums;
  for (std::int64_t row = 0; row < size.rows; ++row) {
    for (std::int64_t column = 0; column < size.columns; ++column) {
      double sum = 0;
      for (std::int64_t k = 0; k < size.inner; ++k) {
        sum += static_cast<double>(*a.from(row, k).data) * *b.from(k, column).data;
      }
      sums.push_back(sum);
    }
  }
  return sums;
}

/// The distance of `actual` from `expected`, as a share of the latter's norm.
inline double relative_error(const std::vector<float>& actual,
                             const std::vector<double>& expected) {
  double error = 0, norm = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    error += std::pow(actual[i] - expected[i], 2);
    norm += std::pow(expected[i], 2);
  }
  return std::sqrt(error / norm);
}

}  // namespace musicvae::models
