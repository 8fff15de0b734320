#!/usr/bin/env python3
"""What musicvae is measured against: its training step as a PyTorch user would write it.

It trains the networks of `musicvae_bench train` (families flat, hierarchical, mlp and pianotree) with the same
number of parameters, weights from the same distributions, and random tokens of the same shape. The
step is the same too: teacher forcing on all bars as one batch, the negative ELBO, clipping of the
gradient's norm, Adam. It is written in eager PyTorch, with nn.LSTM over one-hot rows. Run alone, it
prints one measurement as JSON; `tools/bench/compare` runs it beside ours. Flags for the shape are
those of musicvae_bench. It needs PyTorch 1.13 or later and nothing else.
"""

import argparse
import json
import math
import os
import resource
import statistics
import sys
import time

import torch
from torch import nn
from torch.nn import functional


def dense(inputs, outputs, stddev):
    layer = nn.Linear(inputs, outputs)
    nn.init.normal_(layer.weight, 0, stddev)
    nn.init.zeros_(layer.bias)
    return layer


def lstm(inputs, hidden, layers, forget_bias, bidirectional=False):
    """nn.LSTM with one bias a gate, as ours: the second, redundant one stays 0 and is not trained.

    The forget gate's bias is `forget_bias` higher. It decides how fast gradients vanish through
    time, and so whether they become denormals, which a processor multiplies many times slower.
    """
    module = nn.LSTM(inputs, hidden, layers, batch_first=True, bidirectional=bidirectional)
    with torch.no_grad():
        for name, parameter in module.named_parameters():
            if name.startswith("bias_ih"):
                parameter[hidden : 2 * hidden] += forget_bias
            elif name.startswith("bias_hh"):
                parameter.zero_().requires_grad_(False)
    return module


class StateHead(nn.Module):
    """tanh of a dense layer: the initial states of a stack of LSTM layers."""

    def __init__(self, inputs, layers, hidden):
        super().__init__()
        self.layers, self.hidden = layers, hidden
        self.dense = dense(inputs, 2 * layers * hidden, 1 / math.sqrt(inputs))

    def forward(self, x):
        states = torch.tanh(self.dense(x)).view(-1, self.layers, 2, self.hidden)
        c, h = states.permute(2, 1, 0, 3).contiguous()
        return h, c


class Vae(nn.Module):
    def __init__(self, options):
        super().__init__()
        self.options = o = options
        self.hierarchical = o.family == "hierarchical"
        forget = o.forget_bias
        self.encoder = lstm(o.classes, o.encoder_hidden, o.encoder_layers, forget, True)
        self.mu = dense(2 * o.encoder_hidden, o.latent, 0.001)
        self.sigma = dense(2 * o.encoder_hidden, o.latent, 0.001)
        context = o.latent
        if self.hierarchical:
            context = o.conductor_hidden
            self.conductor_state = StateHead(o.latent, o.conductor_layers, o.conductor_hidden)
            self.conductor = lstm(1, o.conductor_hidden, o.conductor_layers, forget)
        self.decoder_state = StateHead(context, o.decoder_layers, o.decoder_hidden)
        self.decoder = lstm(o.classes + context, o.decoder_hidden, o.decoder_layers, forget)
        self.output = dense(o.decoder_hidden, o.classes, 1 / math.sqrt(o.decoder_hidden))

    def one_hot(self, tokens):
        return functional.one_hot(tokens, self.options.classes).float()

    def encode(self, tokens):
        """Tokens [B, U, R] to mean and standard deviation [B, Z]."""
        _, (h, _) = self.encoder(self.one_hot(tokens.flatten(1)))
        last = torch.cat([h[-2], h[-1]], -1)
        return self.mu(last), functional.softplus(self.sigma(last))

    def conduct(self, z):
        """An embedding of each bar, [B U, H]; the conductor reads a constant 0."""
        nothing = z.new_zeros(z.size(0), self.options.bars, 1)
        embedding, _ = self.conductor(nothing, self.conductor_state(z))
        return embedding.flatten(0, 1)

    def inputs(self, tokens):
        """The row before each row, as one-hot [N, T, C]: N is bars, or passages where flat."""
        before = functional.pad(self.one_hot(tokens.flatten(1))[:, :-1], (0, 0, 1, 0))
        if not self.hierarchical:
            return before
        before = before.view(-1, self.options.rows, self.options.classes)
        if self.options.carry_row:
            return before
        return functional.pad(before[:, 1:], (0, 0, 1, 0))

    def decode(self, z, tokens):
        """Logits [N, T, C]."""
        before = self.inputs(tokens)
        context = self.conduct(z) if self.hierarchical else z
        repeated = context.unsqueeze(1).expand(-1, before.size(1), -1)
        h, _ = self.decoder(torch.cat([before, repeated], -1), self.decoder_state(context))
        return self.output(h)

    def loss(self, tokens, beta=1.0, free_nats=0.0):
        mu, sigma = self.encode(tokens)
        mu, sigma = mu.float(), sigma.float()
        logits = self.decode(mu + sigma * torch.randn_like(mu), tokens).flatten(0, 1).float()
        targets = tokens.flatten()
        nats = functional.cross_entropy(logits, targets, reduction="sum") / tokens.size(0)
        kl = 0.5 * (mu.square() + sigma.square() - 1 - 2 * sigma.log()).sum(-1)
        correct = (logits.argmax(-1) == targets).sum()
        return nats + beta * (kl - free_nats).clamp_min(0).mean(), correct


class Mlp(nn.Module):
    """Hidden layers each way over the one-hot rows of a passage as one vector."""

    def __init__(self, options):
        super().__init__()
        self.options = o = options
        slots = o.bars * o.rows * o.classes
        wide = lambda inputs, outputs: dense(inputs, outputs, 1 / math.sqrt(inputs))
        # One more input stands for the meters, which are nothing here.
        layers = [dense(slots + 1, o.encoder_hidden, 0.1), nn.SiLU()]
        for _ in range(1, o.encoder_layers):
            layers += [wide(o.encoder_hidden, o.encoder_hidden), nn.SiLU()]
        self.encoder = nn.Sequential(*layers)
        self.mu = wide(o.encoder_hidden, o.latent)
        self.sigma = wide(o.encoder_hidden, o.latent)
        layers = [wide(o.latent, o.decoder_hidden), nn.SiLU()]
        for _ in range(1, o.decoder_layers):
            layers += [wide(o.decoder_hidden, o.decoder_hidden), nn.SiLU()]
        self.decoder = nn.Sequential(*layers, wide(o.decoder_hidden, slots))

    def encode(self, tokens):
        rows = functional.one_hot(tokens, self.options.classes).float().flatten(1)
        read = self.encoder(functional.pad(rows, (0, 1)))
        return self.mu(read), functional.softplus(self.sigma(read))

    def decode(self, z, tokens):
        return self.decoder(z).view(z.size(0), -1, self.options.classes)

    loss = Vae.loss


class PianoTree(nn.Module):
    """A net over the notes of each step and one over the steps, there and back.

    Each step has one note: rows are its pitch, its duration and the end of the step.
    """

    def __init__(self, options):
        super().__init__()
        self.options = o = options
        forget, reading = o.forget_bias, 2 * o.encoder_hidden
        self.note_reader = lstm(o.classes, o.encoder_hidden, o.encoder_layers, forget, True)
        self.time_reader = lstm(reading, o.encoder_hidden, o.encoder_layers, forget, True)
        self.mu = dense(reading, o.latent, 0.001)
        self.sigma = dense(reading, o.latent, 0.001)
        self.time_state = StateHead(o.latent, o.conductor_layers, o.conductor_hidden)
        self.time = lstm(reading + o.latent, o.conductor_hidden, o.conductor_layers, forget)
        self.note_state = StateHead(o.conductor_hidden, o.decoder_layers, o.decoder_hidden)
        self.notes = lstm(o.classes + o.conductor_hidden, o.decoder_hidden, o.decoder_layers, forget)
        self.output = dense(o.decoder_hidden, o.classes, 1 / math.sqrt(o.decoder_hidden))

    def steps(self, tokens):
        """The rows of all steps, one-hot: [B S, 3, C]."""
        rows = functional.one_hot(tokens.flatten(), self.options.classes).float()
        return rows.view(-1, ROWS_OF_STEP, self.options.classes)

    def read(self, tokens):
        """A reading of each step, [B, S, 2 H]."""
        _, (h, _) = self.note_reader(self.steps(tokens))
        return torch.cat([h[-2], h[-1]], -1).view(tokens.size(0), -1, 2 * self.options.encoder_hidden)

    def encode(self, tokens):
        _, (h, _) = self.time_reader(self.read(tokens))
        last = torch.cat([h[-2], h[-1]], -1)
        return self.mu(last), functional.softplus(self.sigma(last))

    def decode(self, z, tokens):
        before = functional.pad(self.read(tokens)[:, :-1], (0, 0, 1, 0))
        repeated = z.unsqueeze(1).expand(-1, before.size(1), -1)
        over_time, _ = self.time(torch.cat([before, repeated], -1), self.time_state(z))
        step = over_time.flatten(0, 1)
        rows = functional.pad(self.steps(tokens)[:, :-1], (0, 0, 1, 0))
        context = step.unsqueeze(1).expand(-1, rows.size(1), -1)
        h, _ = self.notes(torch.cat([rows, context], -1), self.note_state(step))
        return self.output(h)

    loss = Vae.loss


ROWS_OF_STEP = 3  # A pitch, a duration and the end.
NETWORKS = {"flat": Vae, "hierarchical": Vae, "mlp": Mlp, "pianotree": PianoTree}


def make_tokens(options, device):
    """Random tokens [B, U, R]; those of a pianotree end a step at every third, by class 0."""
    shape = (options.batch, options.bars, options.rows)
    if options.family != "pianotree":
        return torch.randint(options.classes, shape, device=device)
    tokens = torch.randint(1, options.classes, shape, device=device)
    tokens[:, :, ROWS_OF_STEP - 1 :: ROWS_OF_STEP] = 0
    return tokens


def make_step(options):
    """The step as a function, and the parameters that it trains."""
    device = torch.device(options.device)
    torch.manual_seed(1)
    model = NETWORKS[options.family](options).to(device)
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    on_gpu = {"fused": True} if device.type == "cuda" else {}
    optimizer = torch.optim.Adam(trained, lr=1e-3, **on_gpu)
    tokens = make_tokens(options, device)
    mixed = options.dtype == "bfloat16"

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device.type, dtype=torch.bfloat16, enabled=mixed):
            loss, _ = model.loss(tokens)
        loss.backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        # A GPU works on after the call returns.
        if device.type == "cuda":
            torch.cuda.synchronize(device)

    return step, trained


def median_seconds(steps, step):
    """The median of `steps` runs, after one that is not counted."""
    step()
    seconds = []
    for _ in range(steps):
        start = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds)


def peak_memory_bytes(device):
    """The most memory that PyTorch took of the GPU; on the CPU, the most that the process held."""
    if torch.device(device).type == "cuda":
        return torch.cuda.max_memory_reserved(device)
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def cores():
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def measure(options):
    # This comes before anything else, as threads inherit it from the one that starts them.
    flushed = options.tuned and torch.set_flush_denormal(True)
    torch.set_num_threads(options.threads if options.threads > 0 else cores())
    step, trained = make_step(options)
    seconds = median_seconds(options.steps, step)
    return {
        "parameters": sum(parameter.numel() for parameter in trained),
        "threads": torch.get_num_threads(),
        "batch": options.batch,
        "step_s": seconds,
        "passages_per_s": options.batch / seconds,
        "peak_memory_mb": peak_memory_bytes(options.device) * 1e-6,
        "device": options.device,
        "dtype": options.dtype,
        "denormals_flushed": flushed,
        "torch": torch.__version__,
    }


def count(text):
    value = int(text)
    if not 0 < value <= 1 << 20:
        raise argparse.ArgumentTypeError(f"{text} is not in 1 to {1 << 20}")
    return value


def truth(text):
    if text not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"'{text}' is neither true nor false")
    return text == "true"


def parse_options():
    parser = argparse.ArgumentParser(
        description="One step of training in PyTorch",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
        allow_abbrev=False,
    )

    def add(flag, default, help, type=count, **more):
        parser.add_argument(flag, default=default, help=help, type=type, **more)

    add("--family", "hierarchical", "model family", str, choices=NETWORKS)
    add("--classes", 90, "classes of a token")
    add("--bars", 16, "bars of a passage")
    add("--rows", 16, "rows of a bar")
    add("--latent", 256, "dimensions of z")
    add("--encoder-layers", 1, "layers")
    add("--encoder-hidden", 512, "units a direction")
    add("--conductor-layers", 1, "layers")
    add("--conductor-hidden", 512, "units")
    add("--decoder-layers", 2, "layers")
    add("--decoder-hidden", 512, "units")
    add("--carry-row", True, "a bar's first input is the last row of the one before", truth)
    add("--batch", 64, "passages a step")
    add("--threads", 0, "0 is one a core", int)
    add("--steps", 5, "steps to take the median of")
    add("--forget-bias", 1.0, "added to the forget gates' first bias; nn.LSTM alone adds 0", float)
    add("--device", "cpu", "cpu or cuda", str)
    add("--dtype", "float32", "bfloat16 is autocast", str, choices=["float32", "bfloat16"])
    parser.add_argument("--tuned", action="store_true", help="flush denormals")
    options = parser.parse_args()
    if options.family == "pianotree" and options.rows % ROWS_OF_STEP:
        parser.error(f"--rows of a pianotree must be a multiple of {ROWS_OF_STEP}")
    return options


if __name__ == "__main__":
    print(json.dumps(measure(parse_options()), indent=2))
