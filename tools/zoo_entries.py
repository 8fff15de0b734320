"""What tools/zoo trains, and what its page says of each."""

from collections import namedtuple

# Flags are laid over the preset; words are three sentences.
Entry = namedtuple("Entry", "name flags words preset codec",
                   defaults=("mlp-2bar-small", "pianoroll"))

ENTRIES = [
    Entry("pca", ["--family", "pca"],
          "The mean passage and the straight axes along which passages differ most, found at once by a "
          "singular value decomposition. z says how far a passage lies along each axis, and no other "
          "linear code of its size loses less of the roll in squared error. It is what the others must beat."),
    Entry("ae", ["--objective", "ae"],
          "Layers squeeze the roll into z and others unfold it, and training asks for nothing but the "
          "roll back. Where pca must cut straight, the code may bend along the music. Nothing tells it where "
          "codes lie, so that new ones can be drawn only from a Gaussian fitted to those of training."),
    Entry("sparse", ["--objective", "sparse"],
          "The same with a price on every unit of z that is not 0. A passage is then told by few of its "
          "units, each of which comes to stand for something. The price costs notes, and --sparsity kl "
          "asks for seldom active units instead."),
    Entry("contractive", ["--objective", "contractive"],
          "The same with a price on how far z moves when the roll does: the squared norm of the encoder's "
          "Jacobian, computed exactly. The code then ignores what music does not do, and follows what it does. "
          "The decoder has to make up for codes that lie close together."),
    Entry("denoising", ["--objective", "denoising"],
          "The encoder sees rows struck out and notes moved to a neighbouring pitch, and the roll must come "
          "back whole. It cannot copy, and has to know what music is like. Unseen pieces are a little unlike what "
          "was learnt, too, which is what this prepares for."),
    Entry("vae", ["--objective", "elbo"],
          "z is drawn from a Gaussian about what the encoder says, and pays for what it tells beyond N(0, I). "
          "Neighbouring codes must then sound alike, and codes drawn from N(0, I) make music. This is the ELBO "
          "with the weight beta, as Kingma and Welling and Higgins have it."),
    Entry("vae-cyclic", ["--beta-cycle", "400", "--beta-rate", "0"],
          "The weight of the KL begins again from 0 every 400 steps. In each cycle z first learns to tell, and "
          "then to tell it tersely. Units that would fall silent for good are woken."),
    Entry("vae-free", ["--free-bits-each", "0.25", "--beta", "1"],
          "Each dimension may tell a quarter of a bit for nothing, and pays beta 1 beyond. No dimension gains "
          "by falling silent. The bound is then worked for in earnest by the others."),
    Entry("iwae", ["--objective", "iwae", "--importance-samples", "5", "--beta", "1"],
          "Five z are drawn for each passage, and those that explain it best count most. The bound is tighter "
          "than the ELBO, so q(z|x) may be a poorer Gaussian. Each step costs five decodings."),
    Entry("mmd", ["--objective", "mmd"],
          "The codes of a batch, taken together, must look like draws from the prior, by the maximum mean "
          "discrepancy; a single passage pays nothing. So z may tell as much as it likes. The KL of the "
          "table may be high for that reason."),
    Entry("planar", ["--posterior", "planar"],
          "Four planar flows bend the Gaussian of q(z|x) along directions that depend on the passage. "
          "The posterior may so be lopsided where the true one is. One bend moves along a single direction, "
          "and many would be needed for 64."),
    Entry("coupling", ["--posterior", "coupling"],
          "Four coupling layers scale and move one half of z as the other half and the passage say. Their "
          "determinant is free and their inverse known, so that any z has a density. All directions bend at "
          "once, for the price of a small network."),
    Entry("categorical", ["--posterior", "categorical"],
          "z is eight choices of one in eight, relaxed by the Gumbel-softmax in training. A passage is then at "
          "most 24 bits, which is little: the code is a catalogue. Interpolation exchanges one choice after "
          "the other."),
    Entry("mixture", ["--prior", "mixture"],
          "The prior is sixteen Gaussians that are learned, and evaluate shows which pieces each holds. "
          "Kinds of music may so keep apart instead of crowding about 0. There is no straight way from one to "
          "another, as what lies between may be in none."),
    Entry("vamp", ["--prior", "vamp"],
          "The prior is the mean of the posteriors of sixteen passages that are learned with it. It lies where "
          "codes do, as codes are what it is made of. Each step encodes these passages, too."),
    Entry("flat", ["--family", "flat", "--encoder-hidden", "128", "--decoder-hidden", "192"],
          "An LSTM reads the roll row by row, and another writes it so from z and the row before. It has few "
          "weights and takes bars of any length. What happens at one end of the passage has to be remembered "
          "to the other, which plain layers need not do."),
    Entry("pianotree", ["--latent", "64"],
          "The notes of each step are read by one LSTM and the steps by another, and both are unfolded again: "
          "a tree from the passage to its notes. Its tokens are notes, pitch and duration, not rows of bits. So "
          "its bounds are of other symbols than the others', and note F1 alone can be compared.", "pianotree-2bar-small", "notes-by-step"),
]

FIRST_WORDS = """# The zoo: autoencoders of the field, side by side

Posteriors, priors and objectives of musicvae and four of its families, on the same two bars of piano roll, each with
{minutes} minutes of a core that other work shared, and 64 numbers (or bits) for a passage, `pca` with what time it takes. Pieces that
were never trained on judge them. **Steps** of 64 passages are how far each came in its minutes, and differ by what
else the machine did, so compare rows that made about as many. `tools/zoo DATA` trains them, goes on where it was left, and writes this page;
longer training moves all figures, and the order of those that are close.

**Note F1** compares the notes of the likeliest reconstruction with the piece's; **vs `pca`** is by how much it is
better than the linear code of equal size. **ELBO** and **IWAE 64** are bounds of log2 p(passage) in bits, of one and
of 64 draws; nearer to 0 is better, and "-" means that the model has no such bound. **KL** is what z tells of a
passage beyond the prior in bits, **MI** the part of it that tells passages apart, at most 10 as 1024 are compared,
**active** how many of the 64 dimensions are used. Samples are drawn from the prior; in the music itself one finds
what the last line says."""

LAST_WORDS = """Reconstruction and sampling pull apart. What pays nothing for what z tells (`ae` and its like, `mmd`) may keep
more notes, and what pays for it has codes that a prior can draw; note F1 and the columns of the samples show the two
sides. A bound says how well both go together, but only for models that have one, and only between models of the same
rows.

A bound that rises while note F1 stays tells of better calibrated probabilities, not of better notes. The distance from
ELBO to IWAE 64 is what q(z|x) misses of the true posterior: flows are there to close it. Mutual information near its
ceiling says that codes tell all passages apart, so that a larger KL buys detail and no longer identity; few active
dimensions say that a smaller code would have done.

Where a row is below `pca`, the linear code of equal size keeps more notes after so many minutes, and needs no
training. `contractive` works out its Jacobian exactly, and so came less far, and pays for each note that moves z.
`categorical` has 24 bits where the others have 64 numbers. `iwae` decodes five times a step and so makes a fifth of the
steps; on folk melodies `vamp` made few as well. `flat` and
`pianotree` write each row after the true rows before it, which tell so much that z is not needed: their bounds are
good and their mutual information is about 0, the posterior collapse of which MusicVAE's paper tells, and a reconstruction, which
has to do without true rows, finds none of the notes. Free bits, a smaller beta and longer training work against it."""
