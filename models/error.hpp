#pragma once

#include "src/base/error.hpp"

namespace musicvae::models {

/// A configuration or a file of tensors that cannot be used. what() says what, where, what to do.
class ModelError : public Error {
 public:
  using Error::Error;
};

}  // namespace musicvae::models
