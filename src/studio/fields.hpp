#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "src/base/error.hpp"

namespace musicvae::studio {

/// A request that asks for something that cannot be.
class BadRequest : public Error {
 public:
  using Error::Error;
};

/// The fields of a JSON object that came with a request. What is not of the kind asked for, or out
/// of range, is a BadRequest that names the field; so is a field that nobody knows.
class Fields {
 public:
  /// Reads `text`, which may have only the fields `known`.
  Fields(const std::string& text, const std::vector<std::string>& known);

  std::string text(const std::string& name) const;  ///< Must be there.
  std::optional<std::string> optional_text(const std::string& name) const;
  int number(const std::string& name, int low, int high, int usual) const;
  bool flag(const std::string& name) const;  ///< False where it is not there.
  /// To four digits, so that a command line can name the same number.
  std::optional<double> real(const std::string& name, double low, double high) const;
  std::optional<std::uint64_t> seed(const std::string& name) const;
  /// A list of exactly `count` texts. Must be there.
  std::vector<std::string> texts(const std::string& name, std::size_t count) const;
  /// A list of pairs [x, y] from 0 to 1, at most so many; empty where it is not there.
  std::vector<std::pair<double, double>> points(const std::string& name, std::size_t most) const;
  /// An object of numbers by name, as real() has them; empty where it is not there.
  std::vector<std::pair<std::string, double>> reals(const std::string& name, double low,
                                                    double high) const;

 private:
  const nlohmann::json* find(const std::string& name) const;

  nlohmann::json json_;
};

}  // namespace musicvae::studio
