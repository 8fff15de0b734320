#include <map>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <stdexcept>
#include <vector>

#include "models/gemm.hpp"

namespace musicvae::models {
namespace {

using dnnl::memory;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream& stream() {
  thread_local dnnl::stream stream(cpu());
  return stream;
}

memory::desc describe(std::int64_t rows, std::int64_t columns, memory::format_tag tag) {
  return {{rows, columns}, memory::data_type::f32, tag};
}

/// Scratch memory is the caller's, so that threads may share a primitive.
dnnl::matmul::primitive_desc describe_product(std::int64_t rows, std::int64_t inner,
                                              std::int64_t columns, const memory::desc& b) {
  const auto a = describe(rows, inner, memory::format_tag::ab);
  const auto out = describe(rows, columns, memory::format_tag::ab);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
  return {cpu(), a, b, out, attributes};
#else
  return {{a, b, out}, attributes, cpu()};
#endif
}

/// This thread's scratch memory, grown to what `wanted` asks for.
memory scratchpad(const memory::desc& wanted) {
  thread_local std::vector<char> bytes;
  if (bytes.size() < wanted.get_size()) bytes.resize(wanted.get_size());
  return {wanted, cpu(), bytes.data()};
}

/// oneDNN takes pointers to mutable memory also for what it only reads.
memory read_only(const memory::desc& description, const float* data) {
  return {description, cpu(), const_cast<float*>(data)};
}

}  // namespace

void multiply(const ProductSize& size, const MatrixView& a, const MatrixView& b, bool accumulate,
              float* out, std::int64_t out_stride) {
  const auto status = dnnl::sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', size.rows,
                                  size.columns, size.inner, 1.0F, a.data, a.stride, b.data,
                                  b.stride, accumulate ? 1.0F : 0.0F, out, out_stride);
  if (status != dnnl::status::success) throw std::runtime_error("oneDNN refused a matrix product");
}

struct PackedMatrix::Impl {
  struct Product {
    dnnl::matmul::primitive_desc description;
    dnnl::matmul primitive;
  };

  const Product& product(std::int64_t rows) {
    const std::lock_guard lock(mutex);
    auto found = products.find(rows);
    if (found == products.end()) {
      const auto description = describe_product(rows, inner, columns, packed.get_desc());
      found = products.emplace(rows, Product{description, dnnl::matmul(description)}).first;
    }
    return found->second;
  }

  std::int64_t inner;
  std::int64_t columns;
  memory packed;
  std::mutex mutex;
  std::map<std::int64_t, Product> products;
};

PackedMatrix::PackedMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns,
                           std::int64_t typical_rows)
    : impl_(std::make_unique<Impl>()) {
  impl_->inner = inner;
  impl_->columns = columns;
  const auto best = describe_product(typical_rows, inner, columns,
                                     describe(inner, columns, memory::format_tag::any));
  const memory::dims strides =
      matrix.transposed ? memory::dims{1, matrix.stride} : memory::dims{matrix.stride, 1};
  const memory::desc given({inner, columns}, memory::data_type::f32, strides);
  impl_->packed = memory(best.weights_desc(), cpu());
  auto source = read_only(given, matrix.data);
  dnnl::reorder(source, impl_->packed).execute(stream(), source, impl_->packed);
  stream().wait();
}

PackedMatrix::~PackedMatrix() = default;
PackedMatrix::PackedMatrix(PackedMatrix&&) noexcept = default;
PackedMatrix& PackedMatrix::operator=(PackedMatrix&&) noexcept = default;

void PackedMatrix::multiply(const float* a, std::int64_t rows, float* out) const {
  const auto& product = impl_->product(rows);
  product.primitive.execute(
      stream(), {{DNNL_ARG_SRC, read_only(product.description.src_desc(), a)},
                 {DNNL_ARG_WEIGHTS, impl_->packed},
                 {DNNL_ARG_DST, memory(product.description.dst_desc(), cpu(), out)},
                 {DNNL_ARG_SCRATCHPAD, scratchpad(product.description.scratchpad_desc())}});
  stream().wait();
}

}  // namespace musicvae::models
