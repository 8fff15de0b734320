#pragma once

#include "src/base/error.hpp"

namespace musicvae::datasets {

/// Music, a corpus or a setting that cannot be used. what() says what, where and what to do.
class DatasetError : public Error {
 public:
  using Error::Error;
};

}  // namespace musicvae::datasets
