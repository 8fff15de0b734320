#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <unordered_map>
#include <vector>

/// What products by oneDNN have in common.
namespace musicvae::models {

const dnnl::engine& onednn_cpu();

/// This thread's.
dnnl::stream& onednn_stream();

/// A right-hand factor laid out once for products with any number of rows.
class OneDnnFactor {
 public:
  struct Kind {
    std::int64_t inner;
    std::int64_t columns;
    dnnl::memory::data_type values;  ///< Of both factors.
    dnnl::memory::data_type sums;
    std::int64_t typical_rows;  ///< What the layout is made for.
  };

  /// `given` may be of another type.
  OneDnnFactor(dnnl::memory given, const Kind& kind);

  /// out = a [rows, inner] times the factor, both without gaps. Any number of threads at once.
  void multiply(const void* a, std::int64_t rows, void* out);

  /// The factor's values, or null where that is not how they are laid out.
  const void* values_in(dnnl::memory::format_tag layout) const;

 private:
  /// A product and its arguments, whose making takes longer than a small product. One thread's at a
  /// time.
  struct Call {
    Call(const dnnl::matmul::primitive_desc& described, const dnnl::memory& b);

    dnnl::matmul product;
    dnnl::memory a, out, scratchpad;
    std::unordered_map<int, dnnl::memory> arguments;
  };
  using Calls = std::vector<std::unique_ptr<Call>>;

  /// Scratch memory is the caller's, so that threads may share a primitive.
  dnnl::matmul::primitive_desc describe(std::int64_t rows, const dnnl::memory::desc& b) const;
  std::unique_ptr<Call> take_call(std::int64_t rows);

  Kind kind_;
  dnnl::memory packed_;
  std::mutex mutex_;
  std::map<std::int64_t, Calls> idle_;  ///< By rows.
};

}  // namespace musicvae::models
