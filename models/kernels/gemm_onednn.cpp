#include <map>
#include <mutex>
#include <oneapi/dnnl/dnnl.hpp>
#include <optional>
#include <stdexcept>
#include <unordered_map>

#include "models/kernels/gemm.hpp"
#include "models/kernels/tile_factor.hpp"

namespace musicvae::models {
namespace {

using dnnl::memory;

const dnnl::engine& cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

/// This thread's.
dnnl::stream& stream() {
  thread_local dnnl::stream stream(cpu());
  return stream;
}

/// This thread's, of at least that size.
void* scratch_memory(std::size_t size) {
  thread_local std::vector<char> bytes;
  if (bytes.size() < size) bytes.resize(size);
  return bytes.data();
}

/// A right-hand factor of floats, laid out once for products with any number of rows.
class FloatFactor {
 public:
  FloatFactor(const MatrixView& matrix, std::int64_t inner, std::int64_t columns,
              std::int64_t typical_rows)
      : inner_(inner), columns_(columns) {
    const memory::dims strides =
        matrix.transposed ? memory::dims{1, matrix.stride} : memory::dims{matrix.stride, 1};
    const memory::desc described({inner, columns}, memory::data_type::f32, strides);
    memory given(described, cpu(), const_cast<float*>(matrix.data));
    const memory::desc best({inner, columns}, memory::data_type::f32, memory::format_tag::any);
    packed_ = memory(describe(typical_rows, best).weights_desc(), cpu());
    dnnl::reorder(given, packed_).execute(stream(), given, packed_);
    stream().wait();
  }

  /// out = a [rows, inner] times the factor, both without gaps. Any number of threads at once.
  void multiply(const float* a, std::int64_t rows, float* out) {
    auto call = take_call(rows);
    // oneDNN takes pointers to mutable memory also for what it only reads.
    call->a.set_data_handle(const_cast<float*>(a));
    call->out.set_data_handle(out);
    call->scratchpad.set_data_handle(scratch_memory(call->scratchpad.get_desc().get_size()));
    call->product.execute(stream(), call->arguments);
    stream().wait();
    const std::lock_guard lock(mutex_);
    idle_[rows].push_back(std::move(call));
  }

 private:
  /// A product and its arguments, which take longer to make than a small product takes. One thread
  /// uses it at a time.
  struct Call {
    Call(const dnnl::matmul::primitive_desc& described, const memory& b)
        : product(described),
          a(described.src_desc(), cpu(), nullptr),
          out(described.dst_desc(), cpu(), nullptr),
          scratchpad(described.scratchpad_desc(), cpu(), nullptr),
          arguments{{DNNL_ARG_SRC, a},
                    {DNNL_ARG_WEIGHTS, b},
                    {DNNL_ARG_DST, out},
                    {DNNL_ARG_SCRATCHPAD, scratchpad}} {}

    dnnl::matmul product;
    memory a, out, scratchpad;
    std::unordered_map<int, memory> arguments;
  };

  /// Scratch memory is the caller's, so that threads may share a primitive.
  dnnl::matmul::primitive_desc describe(std::int64_t rows, const memory::desc& b) const {
    constexpr auto kFloat = memory::data_type::f32;
    constexpr auto kPlain = memory::format_tag::ab;
    const memory::desc a({rows, inner_}, kFloat, kPlain), out({rows, columns_}, kFloat, kPlain);
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
    return {cpu(), a, b, out, attributes};
#else
    return {{a, b, out}, attributes, cpu()};
#endif
  }

  std::unique_ptr<Call> take_call(std::int64_t rows) {
    const std::lock_guard lock(mutex_);
    auto& idle = idle_[rows];
    if (idle.empty()) {
      return std::make_unique<Call>(describe(rows, packed_.get_desc()), packed_);
    }
    auto call = std::move(idle.back());
    idle.pop_back();
    return call;
  }

  std::int64_t inner_;
  std::int64_t columns_;
  memory packed_;
  std::mutex mutex_;
  std::map<std::int64_t, std::vector<std::unique_ptr<Call>>> idle_;  ///< By rows.
};

/// out [rows, columns of b] = a b.
void multiply_rows(const FactorView& a, std::int64_t rows, const TileFactor& b, float* out) {
  thread_local TileFactor left(TileFactor::Side::kLeft);
  left.assign(a, rows, b.inner());
  multiply_tiles({left, 0, rows, 0}, {b, 0, b.lines(), 0}, b.inner(), false, out, b.lines());
}

}  // namespace

bool replace_plain_product(FloatProduct) { return false; }

void multiply_floats(const ProductSize& size, const MatrixView& a, const MatrixView& b,
                     bool accumulate, float* out, std::int64_t out_stride) {
  const auto status = dnnl::sgemm(a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', size.rows,
                                  size.columns, size.inner, 1.0F, a.data, a.stride, b.data,
                                  b.stride, accumulate ? 1.0F : 0.0F, out, out_stride);
  if (status != dnnl::status::success) throw std::runtime_error("oneDNN refused a matrix product");
}

struct PackedMatrix::Impl {
  /// One of the two is there.
  std::unique_ptr<FloatFactor> floats;
  std::optional<TileFactor> tiles;
  std::shared_ptr<void> tiles_memory;
};

PackedMatrix::PackedMatrix(const MatrixView& matrix, std::int64_t inner, std::int64_t columns,
                           std::int64_t typical_rows, Factors factors, const Allocate& allocate)
    : impl_(std::make_unique<Impl>()) {
  if (worthwhile(factors, {typical_rows, columns, inner}) == Factors::kBFloat16) {
    const auto rows = static_cast<std::size_t>(TileFactor::rows_for(columns, inner));
    impl_->tiles_memory = allocate(rows * sizeof(TileFactor::Row));
    auto* const memory = static_cast<TileFactor::Row*>(impl_->tiles_memory.get());
    impl_->tiles.emplace(TileFactor::Side::kRight, memory).assign_by_all(matrix, columns, inner);
  } else {
    impl_->floats = std::make_unique<FloatFactor>(matrix, inner, columns, typical_rows);
  }
}

PackedMatrix::~PackedMatrix() = default;
PackedMatrix::PackedMatrix(PackedMatrix&&) noexcept = default;
PackedMatrix& PackedMatrix::operator=(PackedMatrix&&) noexcept = default;

Factors PackedMatrix::factors() const {
  return impl_->tiles ? Factors::kBFloat16 : Factors::kFloat;
}

void PackedMatrix::multiply(const float* a, std::int64_t rows, float* out) const {
  if (impl_->tiles) {
    multiply_rows(MatrixView{a, impl_->tiles->inner()}, rows, *impl_->tiles, out);
  } else {
    impl_->floats->multiply(a, rows, out);
  }
}

void PackedMatrix::multiply(const MatrixOf<BFloat16>& a, std::int64_t rows, float* out) const {
  multiply_rows(a, rows, *impl_->tiles, out);
}

}  // namespace musicvae::models
