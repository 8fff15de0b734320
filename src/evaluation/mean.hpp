#pragma once

#include <cstdint>
#include <optional>

#include <nlohmann/json.hpp>

namespace musicvae {

/// The mean of a figure over the passages that have it.
class Mean {
 public:
  void add(std::optional<double> value);
  std::optional<double> value() const;

 private:
  double sum_ = 0;
  std::int64_t count_ = 0;
};

/// The value, or null where there is none.
nlohmann::json json_of(const std::optional<double>& value);

}  // namespace musicvae
