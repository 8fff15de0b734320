#include "models/kernels/onednn.hpp"

#include <vector>

namespace musicvae::models {
namespace {

/// This thread's, of at least that size.
void* scratch_memory(std::size_t size) {
  thread_local std::vector<char> bytes;
  if (bytes.size() < size) bytes.resize(size);
  return bytes.data();
}

/// Without memory of its own.
dnnl::memory nowhere(const dnnl::memory::desc& description) {
  return {description, onednn_cpu(), nullptr};
}

}  // namespace

const dnnl::engine& onednn_cpu() {
  static const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
  return engine;
}

dnnl::stream& onednn_stream() {
  thread_local dnnl::stream stream(onednn_cpu());
  return stream;
}

OneDnnFactor::OneDnnFactor(dnnl::memory given, const Kind& kind) : kind_(kind) {
  const dnnl::memory::desc best({kind.inner, kind.columns}, kind.values,
                                dnnl::memory::format_tag::any);
  packed_ = dnnl::memory(describe(kind.typical_rows, best).weights_desc(), onednn_cpu());
  dnnl::reorder(given, packed_).execute(onednn_stream(), given, packed_);
  onednn_stream().wait();
}

OneDnnFactor::Call::Call(const dnnl::matmul::primitive_desc& described, const dnnl::memory& b)
    : product(described),
      a(nowhere(described.src_desc())),
      out(nowhere(described.dst_desc())),
      scratchpad(nowhere(described.scratchpad_desc())),
      arguments{{DNNL_ARG_SRC, a},
                {DNNL_ARG_WEIGHTS, b},
                {DNNL_ARG_DST, out},
                {DNNL_ARG_SCRATCHPAD, scratchpad}} {}

void OneDnnFactor::multiply(const void* a, std::int64_t rows, void* out) {
  auto call = take_call(rows);
  // oneDNN takes pointers to mutable memory also for what it only reads.
  call->a.set_data_handle(const_cast<void*>(a));
  call->out.set_data_handle(out);
  call->scratchpad.set_data_handle(scratch_memory(call->scratchpad.get_desc().get_size()));
  call->product.execute(onednn_stream(), call->arguments);
  onednn_stream().wait();
  const std::lock_guard lock(mutex_);
  idle_[rows].push_back(std::move(call));
}

const void* OneDnnFactor::values_in(dnnl::memory::format_tag layout) const {
  const dnnl::memory::desc wanted({kind_.inner, kind_.columns}, kind_.values, layout);
  return packed_.get_desc() == wanted ? packed_.get_data_handle() : nullptr;
}

dnnl::matmul::primitive_desc OneDnnFactor::describe(std::int64_t rows,
                                                    const dnnl::memory::desc& b) const {
  constexpr auto kPlain = dnnl::memory::format_tag::ab;
  const dnnl::memory::desc a({rows, kind_.inner}, kind_.values, kPlain);
  const dnnl::memory::desc out({rows, kind_.columns}, kind_.sums, kPlain);
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
  return {onednn_cpu(), a, b, out, attributes};
#else
  return {{a, b, out}, attributes, onednn_cpu()};
#endif
}

std::unique_ptr<OneDnnFactor::Call> OneDnnFactor::take_call(std::int64_t rows) {
  const std::lock_guard lock(mutex_);
  auto& idle = idle_[rows];
  if (idle.empty()) {
    return std::make_unique<Call>(describe(rows, packed_.get_desc()), packed_);
  }
  auto call = std::move(idle.back());
  idle.pop_back();
  return call;
}

}  // namespace musicvae::models
