"""What speaks for and against a family on images."""

from __future__ import annotations

from nnarch_nb.verbs.advise.rules.rule import FEW, IMAGE, MANY, ONE_ANSWER, Rule

IMAGES: tuple[Rule, ...] = (
    Rule(
        ("cnn",), 3,
        "The same small filter looks at every place, so that few weights learn what neighbouring pixels "
        "show, wherever it is",
        "Y. LeCun et al., Proc. IEEE 86, 1998, section II", forms=IMAGE, kinds=ONE_ANSWER,
    ),
    Rule(
        ("cnn",), -3,
        "It pools once and then flattens: on {f.size} most of its weights would sit in one Linear",
        "M. Lin, Q. Chen, S. Yan, Network in network, 2014, section 3.2", lambda f: f.side > 64, IMAGE,
        ONE_ANSWER,
    ),
    Rule(
        ("resnet",), 2,
        "With more than about 20 layers plain networks got worse even on their training data; shortcuts "
        "mend that",
        "K. He et al., 2015, section 1 and figure 1", forms=IMAGE, kinds=ONE_ANSWER,
    ),
    Rule(
        ("resnet",), 2,
        "{f.n:,} images in colour carry 20 layers and more",
        "K. He et al., 2015, section 4.2 (50,000 photographs of 32×32)",
        lambda f: f.n >= 20_000 and f.channels >= 3, IMAGE, ONE_ANSWER,
    ),
    Rule(
        ("resnet",), -1,
        "{f.n:,} images are few for 20 layers: rather begin with pretrained weights",
        "K. He, R. Girshick, P. Dollár, Rethinking ImageNet pre-training, 2019", lambda f: f.n < FEW, IMAGE,
        ONE_ANSWER,
    ),
    Rule(
        ("vit",), -3,
        "It has to learn from the data what a neighbourhood is: trained on fewer than millions of images "
        "it stayed behind networks of convolutions, and here are {f.n:,}. With pretrained weights it "
        "is another matter",
        "A. Dosovitskiy et al., ICLR 2021, section 4.3", lambda f: f.n < MANY, IMAGE, ONE_ANSWER,
    ),
    Rule(
        ("vit",), 5,
        "{f.n:,} images are enough to learn from patches alone, and it grows well with more",
        "A. Dosovitskiy et al., ICLR 2021, section 4.3", lambda f: f.n >= MANY, IMAGE, ONE_ANSWER,
    ),
    Rule(
        ("hybrid",), 1,
        "Convolutions first let a transformer learn from less data than patches do",
        "A. Hassani et al., Escaping the big data paradigm with compact transformers, 2021", forms=IMAGE,
        kinds=ONE_ANSWER,
    ),
    Rule(
        ("hybrid",), -1,
        "{f.n:,} images are few for attention, which brings no notion of place of its own",
        "A. Dosovitskiy et al., ICLR 2021, section 4.3", lambda f: f.n < FEW, IMAGE, ONE_ANSWER,
    ),
    Rule(
        ("mlp",), -2,
        "Flattening forgets which pixels are neighbours: it would learn as well from shuffled ones",
        "Y. LeCun et al., Proc. IEEE 86, 1998, section II", forms=IMAGE,
    ),
    Rule(
        ("mlp",), 3,
        "{f.size} leaves a filter of 3×3 nothing to look around for: so few pixels are a table",
        "our own rule of thumb", lambda f: f.side < 4, IMAGE, ONE_ANSWER,
    ),
    # An answer for each pixel, or the sample itself
    Rule(
        ("unet",), 3,
        "It narrows to see far and widens to answer for each pixel, with copies across that keep the "
        "place; 30 images with augmentation were enough",
        "O. Ronneberger, P. Fischer, T. Brox, MICCAI 2015", kinds=("segmentation",),
    ),
    Rule(
        ("autoencoder",), 3,
        "A sample has to pass a narrow code, which must hold what matters of it",
        "G. Hinton, R. Salakhutdinov, Science 313, 2006", kinds=("reconstruction",),
    ),
    Rule(
        ("unet",), -1,
        "Its copies across let a sample by without learning anything of it; it fits where the target is "
        "another picture, such as one without noise",
        "O. Ronneberger, P. Fischer, T. Brox, MICCAI 2015, figure 1", kinds=("reconstruction",),
    ),
)  # fmt: skip
