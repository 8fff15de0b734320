#pragma once

#include <cstdint>
#include <memory>

#include "models/model.hpp"

namespace musicvae {

/// Where a share of passages lies in the whole batch of a step.
struct BatchPlace {
  std::int64_t first = 0;     ///< Passages before it.
  std::int64_t passages = 0;  ///< Of the whole batch.
  std::int64_t rows = 0;      ///< Of the longest bar of the whole batch.
};

/// A network for one step's share of a batch whose noise is that which the whole batch would have
/// drawn from `generator` at these passages, so that the step is the same however many processes
/// share it. Training only: it draws z itself as it encodes and decodes that, whatever z it is
/// handed, and with `sampling_probability` does the scheduled sampling of models::LossOptions.
class PlacedModel : public models::Model {
 public:
  PlacedModel(std::shared_ptr<models::Model> network, const BatchPlace& place,
              double sampling_probability, torch::Generator generator);

  models::Posterior encode(const models::Batch& batch) override;
  torch::Tensor decode(const torch::Tensor& z_BZ, const models::Batch& batch,
                       const torch::Tensor& inputs) override;
  models::GeneratedRows generate(const torch::Tensor& z_BZ, const torch::Tensor& controls_BUC,
                                 const torch::Tensor& present_BU,
                                 const models::SamplingOptions& options,
                                 models::RowConstraint& constraint,
                                 torch::Generator generator) override;

 private:
  torch::Tensor scheduled_inputs(const models::Batch& batch);

  std::shared_ptr<models::Model> network_;
  BatchPlace place_;
  double sampling_probability_;
  torch::Generator generator_;
  torch::Tensor z_BZ_;
};

}  // namespace musicvae
