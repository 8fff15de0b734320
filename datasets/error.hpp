#pragma once

#include <stdexcept>

namespace musicvae::datasets {

/// Music, a corpus or a setting that cannot be used. what() says what, where and what to do.
class DatasetError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace musicvae::datasets
