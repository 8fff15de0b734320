#include "models/onednn.hpp"

#include <vector>

namespace musicvae::models {
namespace {

/// This thread's scratch memory, grown to what `wanted` asks for.
dnnl::memory scratchpad(const dnnl::memory::desc& wanted) {
  thread_local std::vector<char> bytes;
  if (bytes.size() < wanted.get_size()) bytes.resize(wanted.get_size());
  return {wanted, onednn_cpu(), bytes.data()};
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

dnnl::matmul::primitive_desc describe_product(const dnnl::memory::desc& a,
                                              const dnnl::memory::desc& b,
                                              const dnnl::memory::desc& out, bool add) {
  dnnl::primitive_attr attributes;
  if (add) {
    dnnl::post_ops after;
    after.append_sum(1.0F);
    attributes.set_post_ops(after);
  }
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
#if DNNL_VERSION_MAJOR >= 3
  return {onednn_cpu(), a, b, out, attributes};
#else
  return {{a, b, out}, attributes, onednn_cpu()};
#endif
}

void OneDnnProduct::run(const void* a, const dnnl::memory& b, float* out) const {
  // oneDNN takes pointers to mutable memory also for what it only reads.
  primitive.execute(
      onednn_stream(),
      {{DNNL_ARG_SRC, dnnl::memory(description.src_desc(), onednn_cpu(), const_cast<void*>(a))},
       {DNNL_ARG_WEIGHTS, b},
       {DNNL_ARG_DST, dnnl::memory(description.dst_desc(), onednn_cpu(), out)},
       {DNNL_ARG_SCRATCHPAD, scratchpad(description.scratchpad_desc())}});
  onednn_stream().wait();
}

}  // namespace musicvae::models
