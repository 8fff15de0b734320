#pragma once

#include <stdexcept>

namespace musicvae::models {

/// A configuration or a file of tensors that cannot be used. what() says what, where, what to do.
class ModelError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace musicvae::models
