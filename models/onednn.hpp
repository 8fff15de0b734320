#pragma once

#include <oneapi/dnnl/dnnl.hpp>

/// What products by oneDNN have in common.
namespace musicvae::models {

const dnnl::engine& onednn_cpu();

/// This thread's.
dnnl::stream& onednn_stream();

/// out = a b, or out += a b. Scratch memory is the caller's, so that threads may share a primitive.
dnnl::matmul::primitive_desc describe_product(const dnnl::memory::desc& a,
                                              const dnnl::memory::desc& b,
                                              const dnnl::memory::desc& out, bool add = false);

/// A product made, and what it was made from.
struct OneDnnProduct {
  explicit OneDnnProduct(const dnnl::matmul::primitive_desc& described)
      : description(described), primitive(described) {}

  /// Returns when `out` is written.
  void run(const void* a, const dnnl::memory& b, float* out) const;

  dnnl::matmul::primitive_desc description;
  dnnl::matmul primitive;
};

}  // namespace musicvae::models
