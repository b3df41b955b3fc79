"""What may be wrong, and what may mend it: the two tables of ``check``.

``REASONS`` are asked one after the other why a run failed; the first that knows is believed.
``PROPOSALS`` yield changes for a finding, the least invasive first: of the inputs, of a line in the
forward, of a setting, of a layer; each is tried before anyone hears of it.
"""

from nnarch_nb.verbs.check.finding import Reason
from nnarch_nb.verbs.check.proposal import Rule
from nnarch_nb.verbs.check.rules import (
    attention,
    axes,
    batches,
    calls,
    devices,
    flattened,
    joins,
    masks,
    missing,
    optional,
    positions,
    reshape,
    results,
    sequence,
    sides,
    sizes,
    spatial,
    targets,
    tokens,
    types,
)  # fmt: skip

REASONS: tuple[Reason, ...] = (
    calls.no_forward, calls.too_few_arguments, calls.too_many_arguments, calls.unexpected_name,
    sequence.other_states, results.tuple_given, results.nothing_given, results.object_given,
    calls.no_attribute,
    sequence.out_of_rows, targets.negative_row, devices.apart,
    axes.other_dimensions, reshape.lost_batch, tokens.without_embedding, sizes.unmet,
    sizes.second_input, sizes.normalized, sizes.uneven,
    sequence.hidden_shape, types.mask_of_numbers, targets.labels, targets.binary_labels,
    targets.index_of_fractions, targets.label_out_of_range, types.other_type,
    spatial.too_small, positions.other_positions, positions.made_shorter,
    batches.other_batches, joins.do_not_meet, attention.unequal_product,
    masks.mask_shape, masks.fill_shape, sizes.other_keys,
    attention.heads, reshape.impossible_view, reshape.no_such_dimension, reshape.wrong_order,
    reshape.unpacked, calls.swallowed_name, optional.left_out,
)  # fmt: skip
PROPOSALS: tuple[Rule, ...] = (
    optional.give_more, calls.rename, types.convert_type, types.mend_mask, targets.mend_labels,
    targets.mend_classes, targets.clamp_rows, devices.move,
    results.take_first, results.take_part, results.without_argmax, calls.drop_surplus, calls.repeat_input,
    calls.define_forward, calls.near_attribute,
    reshape.keep_batch, reshape.view_anew, reshape.last_dimension, sequence.mend_states,
    attention.transpose_second, masks.turn_mask, masks.reshape_fill, joins.other_dimension,
    flattened.pool_before_flatten, flattened.flatten_first, axes.move_axis, axes.count_channels,
    axes.guess_channels, spatial.size_of_model, axes.other_number, missing.add_dimension,
    attention.other_heads, joins.keep_borders, spatial.leave_out, sizes.resize_layer, sizes.resize_norm,
    sizes.keys_of, tokens.embed,
    sizes.wider_before, positions.fewer_positions, positions.more_positions, positions.shorter_sequence,
    sizes.project_before, batches.same_samples, joins.project_skip, joins.spread, sides.round_sides,
    sides.pad_smaller,
    spatial.larger_input,
)  # fmt: skip
