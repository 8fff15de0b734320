#include "src/evaluation/mean.hpp"

namespace musicvae {

void Mean::add(std::optional<double> value) {
  if (!value) return;
  sum_ += *value;
  ++count_;
}

std::optional<double> Mean::value() const {
  if (count_ == 0) return std::nullopt;
  return sum_ / static_cast<double>(count_);
}

nlohmann::json json_of(const std::optional<double>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json();
}

}  // namespace musicvae
