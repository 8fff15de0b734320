#pragma once

#include <cstdint>

#include <torch/types.h>

#include "models/objective/loss.hpp"
#include "models/objective/noise.hpp"

/// The objectives; registry.cpp lists them. Each gives the loss of a batch, whose missing bars are
/// drawn already.
namespace musicvae::models {

/// What an objective is computed from.
struct LossStep {
  Model& model;
  Batch batch;
  const LossOptions& options;
  Noise& noise;
};

/// How the rows come back from z.
struct Reconstruction {
  torch::Tensor loss_B;        ///< -log p(x|z) in nats.
  torch::Tensor correct_rows;  ///< As in Loss.
};

/// The noise of one draw of z.
torch::Tensor latent_noise(const LossStep& step, const Posterior& posterior);

/// Throws ModelError where the batch is a share of a larger one. `what` compares its passages.
void require_whole_batch(const LossStep& step, const char* what);

/// Decodes z with the inputs that the options ask for.
Reconstruction reconstruct(const LossStep& step, const torch::Tensor& z_BZ);

/// The loss whose terms are `total`, with the figures of the others; kl_B is 0 if undefined.
Loss loss_of(const LossStep& step, const torch::Tensor& total_B,
             const Reconstruction& reconstruction, const torch::Tensor& kl_B = {});

/// The negative ELBO at one draw of z (Kingma and Welling 2014): reconstruction and beta times the
/// KL beyond what is free.
Loss elbo_loss(const LossStep& step);

/// The negative bound of K draws (Burda et al. 2016), in which beta weighs log p(z) - log q(z|x).
Loss iwae_loss(const LossStep& step);

/// Reconstruction, and how far the codes of a batch are from draws of the prior by the maximum mean
/// discrepancy (Zhao et al. 2017, section 4.2, without their KL term).
Loss mmd_loss(const LossStep& step);

/// Reconstruction from the mean.
Loss ae_loss(const LossStep& step);

/// The same, with a price on codes that are not 0.
Loss sparse_loss(const LossStep& step);

/// The same, with a price on how much the code moves with the rows (Rifai et al. 2011): the
/// squared Frobenius norm of the encoder's Jacobian.
Loss contractive_loss(const LossStep& step);

/// Reconstruction from the mean of corrupted rows (Vincent et al. 2008).
Loss denoising_loss(const LossStep& step);

/// The squared maximum mean discrepancy of two sets of points, by the kernel
/// exp(-|a - b|^2 / (2 Z)): a scalar, at least 0.
torch::Tensor mean_discrepancy(const torch::Tensor& a_BZ, const torch::Tensor& b_BZ);

/// Strikes out a share of rows, and moves a share of what is left to the next pitch (the next bit
/// or token) up or down. Rows as in Batch.
torch::Tensor corrupted_rows(const ModelConfig& config, const torch::Tensor& rows, double share,
                             Noise& noise);

}  // namespace musicvae::models
